"""The decoder that plays against the oracle, and the oracle against the torch model (R15)."""

import numpy as np
import pytest
import torch

from engine.decoder.reference import ReferenceDecoder
from models.config import WaveNetConfig
from models.wavenet import WaveNet
from tests.engine.decoder.networks import CONFIGS, cpu_decoder, heard, played, random_weights, render

VOICES = 5  # one group of four lanes and one voice alone


@pytest.fixture(params=CONFIGS)
def config(request):
    return CONFIGS[request.param]


@pytest.fixture
def cpu(config):
    return cpu_decoder(config, VOICES)


@pytest.fixture
def oracle(config):
    return ReferenceDecoder(config, random_weights(config), VOICES)


def test_scores_equal_the_oracles(config, cpu, oracle):
    slots, latents, f0_hz, _, uniforms = played(config, VOICES, 700)
    samples = heard(config, VOICES, 700)
    expected = oracle.score(slots, samples, latents, f0_hz, uniforms)
    assert np.abs(expected).max() > 0.5
    np.testing.assert_allclose(cpu.score(slots, samples, latents, f0_hz, uniforms), expected, rtol=0, atol=1e-4)


def test_scores_go_on_where_the_last_call_ended(config, cpu, oracle):
    slots, latents, f0_hz, _, uniforms = played(config, VOICES, 200)
    samples = heard(config, VOICES, 200)
    moved = latents + np.float32(0.5)
    for part, given in ((slice(0, 77), latents), (slice(77, 200), moved)):
        arguments = slots, samples[:, part], given, f0_hz[:, part], uniforms[:, part]
        np.testing.assert_allclose(cpu.score(*arguments), oracle.score(*arguments), rtol=0, atol=1e-4)


def test_rendered_audio_equals_the_oracles(config, cpu, oracle):
    """Few enough samples that rounding, fed back, stays small; all temperatures from greedy to 1."""
    arguments = played(config, VOICES, 30)
    expected = render(oracle, *arguments)
    assert np.abs(expected).max() > 0.01
    np.testing.assert_allclose(render(cpu, *arguments, block=7), expected, rtol=0, atol=2e-4)


def test_oracle_equals_the_torch_model(config, oracle):
    if config.loudness:  # the model emphasises the audio and levels it, the oracle hears it as it is
        latent = config.latent - 1
        config = WaveNetConfig(**{**config.to_dict(), "loudness": False, "emphasis": 0.0, "latent": latent})
        oracle = ReferenceDecoder(config, random_weights(config), VOICES)
    model = WaveNet(config)
    model.load_state_dict({name: torch.from_numpy(w) for name, w in random_weights(config).items()})
    audio = np.random.default_rng(4).uniform(-0.9, 0.9, config.hop).astype(np.float32)
    latents = np.random.default_rng(5).standard_normal((1, config.latent)).astype(np.float32)
    uniforms = np.random.default_rng(6).random((1, config.hop), np.float32)
    expected = model.logits(audio, latents, 330.0, uniforms[0])
    f0_hz = np.full((1, config.hop), 330.0, np.float32)
    scores = oracle.score(np.array([2]), model.heard(audio)[None], latents, f0_hz, uniforms)[0]
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-5)
