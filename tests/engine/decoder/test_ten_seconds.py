"""The decoder against the oracle for as long as a note may last, on trained weights and on the original's format."""

import numpy as np
import pytest

from engine.decoder.cpu.decoder import CpuDecoder
from engine.decoder.reference import ReferenceDecoder
from models import checkpoints
from models.pretrained import WAVENET
from presets.file import read_preset
from tests.paths import MAGENTA_CHECKPOINT, WAVENET_PRESET

pytestmark = pytest.mark.slow

SECONDS = 10


def trained_latents(_):
    """Of a held note, one a second."""
    corner = read_preset(WAVENET_PRESET).corners[1]
    return corner.latents[0, 1, np.linspace(5, corner.release, SECONDS).astype(int)]


def any_latents(config):
    return np.random.default_rng(0).standard_normal((SECONDS, config.latent)).astype(np.float32)


@pytest.mark.parametrize(("path", "latents"), [(WAVENET, trained_latents), (MAGENTA_CHECKPOINT, any_latents)])
def test_ten_seconds_stay_within_1e_4_of_the_oracle(path, latents):
    config, weights = checkpoints.read(path).network
    decoders = CpuDecoder(config, weights, 1), ReferenceDecoder(config, weights, 1)
    rng = np.random.default_rng(1)
    samples = (rng.integers(-128, 128, (1, config.rate)) / 128).astype(np.float32)
    f0_hz, slot = np.full(samples.shape, 146.8, np.float32), np.array([0])
    for second in latents(config):
        uniforms = rng.random(samples.shape, np.float32)
        got, expected = (each.score(slot, samples, second[None], f0_hz, uniforms) for each in decoders)
        assert np.abs(expected).max() > 0.1
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-4)
