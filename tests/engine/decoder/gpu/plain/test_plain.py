"""The GPU's plain tier, run on the processor, against the oracle: the very same code that runs on a GPU."""

import numpy as np
import pytest
import torch

from common.errors import GpuError
from engine.decoder.gpu.plain.decoder import PlainDecoder
from engine.decoder.reference import ReferenceDecoder
from tests.engine.decoder.networks import CONFIGS, played, random_weights, render

VOICES, SLOTS = 3, 5


@pytest.fixture(params=CONFIGS)
def config(request):
    return CONFIGS[request.param]


@pytest.fixture
def plain(config):
    return PlainDecoder(config, random_weights(config), SLOTS, block=70)


@pytest.fixture
def oracle(config):
    return ReferenceDecoder(config, random_weights(config), SLOTS)


def heard(config, voices, samples):
    """Random samples as the network hears them."""
    rng = np.random.default_rng(3)
    if config.mixture:
        return rng.uniform(-1, 1, (voices, samples)).astype(np.float32)
    return (rng.integers(-128, 128, (voices, samples)) / 128).astype(np.float32)


# slots, samples; 0: they are reset. Voices begin at different times, in any order, and one begins anew.
CALLS = [([1], 41), ([4, 1], 9), ([4], 0), ([0, 1, 4], 150), ([4, 0], 64)]


def test_scores_equal_the_oracles(config, plain, oracle):
    for turn, (slots, samples) in enumerate(CALLS):
        slots = np.array(slots)
        if not samples:
            plain.reset(slots), oracle.reset(slots)
            continue
        _, latents, f0_hz, _, uniforms = played(config, len(slots), samples, seed=turn)
        arguments = slots, heard(config, len(slots), samples), latents, f0_hz, uniforms
        expected = oracle.score(*arguments)
        assert np.abs(expected).max() > 0.5
        np.testing.assert_allclose(plain.score(*arguments), expected, rtol=0, atol=1e-4)


def test_rendered_audio_equals_the_oracles(config, plain, oracle):
    arguments = played(config, VOICES, 30)
    expected = render(oracle, *arguments)
    assert np.abs(expected).max() > 0.01
    np.testing.assert_allclose(render(plain, *arguments, block=7), expected, rtol=0, atol=2e-4)


def test_blocks_and_voices_beside_change_nothing(plain, config):
    slots, *rest = played(config, VOICES, 40)
    whole = render(plain, slots, *rest)
    np.testing.assert_allclose(render(plain, slots, *rest, block=13), whole, rtol=0, atol=1e-5)
    plain.reset(np.array([2]))
    alone = np.zeros((1, 40), np.float32)
    plain.render(np.array([2]), *(values[2:] for values in rest), alone)
    np.testing.assert_allclose(alone[0], whole[2], rtol=0, atol=2e-4)


def test_half_precision_differs_a_little():
    config = CONFIGS["instrument"]
    weights, (slots, latents, f0_hz, _, uniforms) = random_weights(config), played(config, VOICES, 30)
    given = slots, heard(config, VOICES, 30), latents, f0_hz, uniforms
    exact = PlainDecoder(config, weights, VOICES).score(*given)
    half = PlainDecoder(config, weights, VOICES, dtype=torch.bfloat16).score(*given)
    assert 1e-5 < np.abs(half - exact).mean() / np.abs(exact).mean() < 0.02


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_what_torch_refuses_is_one_line():
    config = CONFIGS["paper"]
    with pytest.raises(GpuError, match="^torch cannot go on with the GPU: "):
        PlainDecoder(config, random_weights(config), 1, device="cuda")
