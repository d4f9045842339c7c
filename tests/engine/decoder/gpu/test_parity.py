"""The kernel on a processor against the oracle, for every option of the config and every way to spread it."""

import itertools

import numpy as np
import pytest

from engine.decoder.gpu.shapes import Spread
from engine.decoder.reference import ReferenceDecoder
from models.config import WaveNetConfig
from models.mulaw import mulaw_encode
from tests.engine.decoder.gpu.spreads import SPREADS, gpu_decoder, in_precision
from tests.engine.decoder.networks import CONFIGS, heard, played, random_weights, render

VOICES = 3
ALL = list(itertools.product(CONFIGS, SPREADS))
SOME = [(config, list(SPREADS)[i % len(SPREADS)]) for i, config in enumerate(CONFIGS)]
PAIRS = [pytest.param(*pair, marks=() if pair in SOME else pytest.mark.long) for pair in ALL]
in_every_way = pytest.mark.parametrize(("name", "spread"), PAIRS)


def scored(decoders, config, calls, seed=1):
    """Outputs of each decoder: voices that start at different times, in any order, are reset and played again.

    calls : (slots, samples); 0 samples: a reset
    """
    rng = np.random.default_rng(seed)
    for slots, samples in calls:
        slots = np.array(slots)
        if not samples:
            for decoder in decoders:
                decoder.reset(slots)
            continue
        _, latents, f0_hz, _, uniforms = played(config, len(slots), samples, rng.integers(1000))
        arguments = slots, heard(config, len(slots), samples), latents, f0_hz, uniforms
        yield [decoder.score(*arguments) for decoder in decoders]


CALLS = ((0,), 48), ((2, 0), 5), ((1, 0, 2), 77), ((0, 1), 0), ((0, 2, 1), 40)


@in_every_way
def test_outputs_equal_the_oracles(name, spread):
    config = CONFIGS[name]
    decoders = gpu_decoder(config, VOICES, SPREADS[spread], block=32), oracle(config)
    for ours, expected in scored(decoders, config, CALLS):
        assert np.abs(expected).max() > 0.5
        np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-4)


@in_every_way
def test_audio_equals_the_oracles(name, spread):
    """Few enough samples that rounding, fed back, stays small; all temperatures from greedy to 1."""
    config = CONFIGS[name]
    arguments = played(config, VOICES, 30)
    expected = render(oracle(config), *arguments)
    assert np.abs(expected).max() > 0.01
    ours = render(gpu_decoder(config, VOICES, SPREADS[spread], seed=2), *arguments, block=7)
    np.testing.assert_allclose(ours, expected, rtol=0, atol=2e-4)


@pytest.mark.parametrize("spread", ["the copy engine", pytest.param("a half tile", marks=pytest.mark.long)])
def test_greedy_codes_are_the_oracles(spread):
    """Of a given past, and of its own."""
    config = CONFIGS["paper"]
    decoders = gpu_decoder(config, VOICES, SPREADS[spread]), oracle(config)
    for outputs in scored(decoders, config, (((0, 1, 2), 150),)):
        ours, expected = (each.argmax(2) for each in outputs)
        assert np.array_equal(ours, expected) and len(np.unique(ours)) > 10
    slots, latents, f0_hz, temperature, uniforms = played(config, VOICES, 150)
    ours, expected = (render(each, slots, latents, f0_hz, temperature * 0, uniforms) for each in decoders)
    assert np.array_equal(mulaw_encode(ours), mulaw_encode(expected))


def oracle(config):
    return ReferenceDecoder(config, random_weights(config), VOICES)


# Share of the outputs' spread by which they may differ: twice what was measured, 0.08 % and 1.13 %.
DIVERGENCE = {"fp16": 0.0016, "int8": 0.022}


@pytest.mark.parametrize("weights", DIVERGENCE)
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in ("paper", "instrument") else pytest.mark.long) for name in CONFIGS],
)
def test_fewer_bits_diverge_little(name, weights):
    config = CONFIGS[name]
    spread = in_precision(SPREADS["threads fetch, rows to spare" if name == "paper" else "a half tile"], weights)
    for ours, expected in scored((gpu_decoder(config, VOICES, spread), oracle(config)), config, CALLS):
        error = np.abs(ours - expected)
        assert 0 < error.max() < DIVERGENCE[weights] * np.abs(expected).max()


@pytest.mark.long
def test_every_dilation_comes_round():
    """2,200 samples: the longest sums of old taps wrap, at different ages."""
    config = WaveNetConfig(width=32, skip_width=32, layers=20, stages=10, latent=4)
    spread = Spread(2, voices=2, threads=64, slots=3, weights="float32")
    decoders = gpu_decoder(config, VOICES, spread), oracle(config)
    for ours, expected in scored(decoders, config, (((0,), 700), ((0, 1), 1500))):
        np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-4)
