"""Fitting an embedding to a note, with a decoder that knows a handful of spectra."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from models.analysis.note import analyse_note
from models.checkpoints.building import load
from models.config import WaveNetConfig
from models.encoding.fit import encode_note
from models.pretrained import WAVENET
from models.wavenet import WaveNet, conditions

pytestmark = pytest.mark.slow

RATE, F0 = 16000, 220.0
CONFIG = WaveNetConfig(
    width=8, skip_width=8, layers=2, stages=2, taps=2, latent=12, hop=256, encoder="spectrum", encoder_width=16,
    harmonics=6, noise=3, gain_width=32, motion=True, mixture=2, loudness=True, feedback=False,
)  # fmt: skip


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    model = WaveNet(CONFIG)
    with torch.no_grad():
        model.decoder.gain2.weight.mul_(40)  # as if trained: embeddings make a difference
    return model


def note(seconds=0.5, f0_hz=F0, upper=0.2):
    time = np.arange(int(seconds * RATE)) / RATE
    rng = np.random.default_rng(0)
    wave = sum(a * np.sin(2 * np.pi * k * f0_hz * time) for k, a in ((1, 0.3), (3, upper), (5, upper / 2)))
    return (np.exp(-3 * time) * (wave + 0.01 * rng.standard_normal(len(time)))).astype(np.float32)


def level_error(model, embedding, audio=None, f0_hz=F0):
    audio = note() if audio is None else audio
    wanted = torch.from_numpy(analyse_note(model.config, audio[: len(embedding) * 256], f0_hz).log_levels)
    rows = conditions(model.config, torch.from_numpy(embedding)[None], torch.tensor([f0_hz]))
    strong = wanted > np.log(0.05)
    return (model.decoder.log_gains(rows)[0] - wanted).abs()[strong].mean().item()


def test_the_fitted_embedding_asks_for_the_levels_of_the_note():
    model = load(WAVENET)
    encoded, fitted = model.encode(note(), F0), encode_note(model, note(), F0)
    assert encoded.shape == fitted.shape == (31, model.config.latent) and fitted.dtype == np.float32
    assert level_error(model, fitted) < 0.6 * level_error(model, encoded)


def test_the_fitted_embedding_stays_in_the_encoders_space(model):
    fitted = encode_note(model, note(), F0)[:, : CONFIG.timbre]
    np.testing.assert_allclose(fitted.mean(1), 0, atol=1e-5)
    np.testing.assert_allclose(fitted.var(1), 1, atol=1e-3)


def test_motion_is_the_encoders_but_in_tune_and_loudness_the_same(model):
    encoded, fitted = model.encode(note(), F0), encode_note(model, note(), F0)
    same = [CONFIG.spread, CONFIG.stretch, -1]
    np.testing.assert_array_equal(encoded[:, same], fitted[:, same])
    encoded_cents, fitted_cents = (np.abs(part[:, CONFIG.deviation]).max() for part in (encoded, fitted))
    assert encoded_cents > 1
    assert fitted_cents < encoded_cents


def test_a_note_out_of_tune_is_encoded_in_tune_and_keeps_its_vibrato(model):
    time = np.arange(2 * RATE) / RATE
    vibrato = 20 * np.sin(2 * np.pi * 5 * time) + 30
    audio = np.sin(2 * np.pi * np.cumsum(F0 * 2 ** (vibrato / 1200)) / RATE).astype(np.float32)
    off, in_tune = (
        cents[10:-10, CONFIG.deviation] for cents in (model.encode(audio, F0), encode_note(model, audio, F0))
    )
    assert off.mean() == pytest.approx(30, abs=2)
    assert abs(in_tune.mean()) < 1 and in_tune.std() == pytest.approx(off.std(), rel=0.15)


def test_silence_is_left_as_encoded(model):
    silence = np.zeros(2048, np.float32)
    np.testing.assert_allclose(encode_note(model, silence, F0), model.encode(silence, F0), atol=1e-5)


def test_a_model_that_hears_its_past_keeps_the_encoders_timbre():
    config = replace(CONFIG, feedback=True, motion=False)
    model = WaveNet(config)
    np.testing.assert_allclose(encode_note(model, note(), F0), model.encode(note(), F0), atol=1e-5)


def test_a_model_without_harmonics_encodes_as_ever():
    config = WaveNetConfig(width=4, skip_width=4, layers=2, latent=4, hop=64, encoder_width=4, encoder_layers=2)
    model, audio = WaveNet(config), note(0.1)
    np.testing.assert_array_equal(encode_note(model, audio, F0), model.encode(audio))
