"""An embedding and its detail together are what was measured."""

import numpy as np
import pytest
import torch

from common.errors import ModelError
from engine.decoder.additive import oracle
from models.config import REFERENCE_LEVEL
from models.harmonic.config import HarmonicConfig
from models.harmonic.network import HarmonicModel
from models.harmonic.note import analyse_note
from presets.latents import restored, rounded, stored

CONFIG = HarmonicConfig()
F0 = 220.0
TIME = np.arange(60 * CONFIG.hop) / CONFIG.rate


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return HarmonicModel(CONFIG).eval()


@pytest.fixture(scope="module")
def sound():
    tones = sum(np.sin(2 * np.pi * k * F0 * TIME + k) / k for k in range(1, 60))
    return (0.1 * tones + 0.003 * np.random.default_rng(1).standard_normal(len(TIME))).astype(np.float32)


@pytest.fixture(scope="module")
def latents(model, sound):
    return model.encode(sound, F0)


def test_the_networks_levels_with_the_detail_are_the_recorded_ones(model, sound, latents):
    wanted = analyse_note(CONFIG, sound, F0).log_levels
    weights = {name: part.numpy().astype(float) for name, part in model.state_dict().items()}
    levels = np.stack([oracle.log_levels(CONFIG, weights, row, F0) for row in latents.astype(float)])
    heard = (np.arange(CONFIG.levels) < 55) & (np.abs(wanted) < 3.3)  # nepers: what a network of nothing leaves to it
    assert heard[10:50].sum() > 1000
    np.testing.assert_allclose(levels[10:50][heard[10:50]], wanted[10:50][heard[10:50]], atol=2e-3)


def test_latents_are_laid_out_as_the_config_says(sound, latents):
    assert latents.shape == (60, CONFIG.latent) and latents.dtype == np.float32
    timbre = latents[:, : CONFIG.timbre]
    np.testing.assert_allclose(timbre.mean(1), 0, atol=1e-4)
    np.testing.assert_allclose(timbre.var(1), 1, atol=1e-2)
    assert np.abs(latents[20:40, CONFIG.deviation]).max() < 5
    assert latents[30, -1] == pytest.approx(20 * np.log10(np.std(sound) / REFERENCE_LEVEL), abs=0.5)


def test_what_is_stored_is_within_a_decibel_of_it(latents):
    """A step of detail is 1.1 dB; frames between the stored ones are straight lines."""
    notes = latents[None, None]
    again = restored([part for _, part in stored(rounded(notes, CONFIG.rounding))])
    np.testing.assert_array_equal(again, rounded(notes, CONFIG.rounding))
    off = np.abs(again - notes)[0, 0, 10:50, CONFIG.detail][:, :50]
    assert 8.686 * off.mean() < 1.0


def test_silence_has_no_detail(model):
    latents = model.encode(np.zeros(20 * CONFIG.hop, np.float32), F0)
    assert (latents[:, CONFIG.detail] == 0).all() and np.isfinite(latents).all()


def test_a_clip_that_is_too_short_or_has_no_pitch_is_refused(model, sound):
    with pytest.raises(ValueError, match="shorter than one hop"):
        model.encode(sound[: CONFIG.hop - 1], F0)
    with pytest.raises(ValueError, match="pitch"):
        model.encode(sound, None)


@pytest.mark.parametrize(
    ("changed", "told"),
    [({"harmonics": 0}, "harmonics"), ({"emphasis": 2}, "emphasis"), ({"hop": 500}, "ticks"), ({"rate": "x"}, "rate")],
)
def test_a_config_out_of_range_is_refused_by_name(changed, told):
    with pytest.raises(ModelError, match=told):
        HarmonicConfig.from_dict(CONFIG.to_dict() | changed)
