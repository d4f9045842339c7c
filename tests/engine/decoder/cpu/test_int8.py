"""What quantising to int8 does to the network, and how their scales are found."""

import numpy as np
import pytest

from engine.decoder.cpu import stack
from engine.decoder.cpu.decoder import CpuDecoder
from engine.decoder.cpu.kernels.emit.arithmetic import ZERO_POINT
from engine.decoder.cpu.packing import pack
from engine.decoder.cpu.ranges import VOICES as RANGE_VOICES
from engine.decoder.cpu.ranges import held_latents, measure_ranges
from models import checkpoints
from models.pretrained import WAVENET
from presets.file import read_preset
from tests.engine.decoder.networks import CONFIGS, cpu_decoder, played, random_weights
from tests.paths import WAVENET_PRESET

VOICES = 3


@pytest.fixture(params=CONFIGS)
def config(request):
    return CONFIGS[request.param]


def scores(config, precision):
    decoder = cpu_decoder(config, VOICES, precision=precision)
    slots, latents, f0_hz, _, uniforms = played(config, VOICES, 300)
    if config.motion:
        latents[:, config.timbre] = 0  # harmonics that stray are another signal, not another precision
    samples = np.random.default_rng(3).uniform(-0.5, 0.5, f0_hz.shape).astype(np.float32)
    return decoder.score(slots, samples, latents, f0_hz, uniforms)


def test_outputs_differ_by_a_fiftieth_at_most(config):
    exact, quantised = scores(config, "float32"), scores(config, "int8")
    assert 0 < np.sqrt(np.mean((quantised - exact) ** 2)) < 0.02 * exact.std()


def test_weights_that_are_multiples_of_their_scales_lose_nothing():
    """A network whose weights are multiples of their scales: what quantising adds comes from activations alone."""
    config = CONFIGS["paper"]
    weights = random_weights(config)
    for name in ("dilated", "res", "skip"):
        weights[f"decoder.{name}.weight"] = np.rint(20 * weights[f"decoder.{name}.weight"])
        weights[f"decoder.{name}.weight"][:, 0, 0] = 127
    network = pack(config, weights)
    layers = stack.int8_layers(config, weights, 1, 1, np.full(config.layers, 2, np.float32), network)
    exact = stack.float32_layers(config, weights, 1, 1)
    assert np.array_equal(np.unique(layers.res), np.unique(exact.res))
    assert np.array_equal(np.sort(layers.dilated[0]), np.sort(exact.dilated[0]))
    np.testing.assert_allclose(layers.res_scale[:, : config.width], 1 / 127, rtol=1e-6)


def test_silence_before_a_note_is_zero():
    config = CONFIGS["paper"]
    decoder = cpu_decoder(config, 2, precision="int8")
    assert (decoder._histories() == ZERO_POINT).all()


def test_ranges_are_those_of_the_embeddings_given():
    config = CONFIGS["instrument"]
    weights = random_weights(config)
    latents = np.random.default_rng(0).standard_normal((RANGE_VOICES, config.latent)).astype(np.float32)
    latents[:, config.timbre :] = 0
    usual, loud = measure_ranges(config, weights, latents), measure_ranges(config, weights, 30 * latents)
    assert usual.shape == (config.layers,) and (usual > 0).all()
    assert (loud[1:] > usual[1:]).mean() > 0.8
    assert np.array_equal(usual, measure_ranges(config, weights, latents))


def test_the_shipped_wavenet_carries_the_ranges_of_its_own_sounds():
    """They were measured on the presets that it once came with; four of their sounds stay within them."""
    checkpoint, preset = checkpoints.read(WAVENET), read_preset(WAVENET_PRESET)
    latents = held_latents([preset])
    assert len(np.unique(latents, axis=0)) == len(preset.corners)
    measured = measure_ranges(*checkpoint.network, latents)
    assert (measured < 2 * checkpoint.ranges).all() and (measured > 0.2 * checkpoint.ranges).all()


def test_int8_without_ranges_is_refused():
    config = CONFIGS["paper"]
    with pytest.raises(ValueError, match="ranges"):
        CpuDecoder(config, random_weights(config), 1, precision="int8")
