"""The factory: what a played note lacks beside its recording."""

import numpy as np
import pytest

from engine.decoder.cpu import CpuDecoder
from models import checkpoints
from models.pretrained import DEFAULT
from presets.file import read_preset
from presets.library import FACTORY
from synthapp.autoencode import decode_clips
from synthapp.factory import SPREADS, matching_spread


@pytest.fixture(scope="module")
def decoder():
    return CpuDecoder(*checkpoints.read(DEFAULT), voices=8)


def test_the_spread_that_a_note_was_played_with_is_found(decoder):
    accordion = read_preset(FACTORY / "Bellows.manifold").corners[0]
    latents, f0_hz = np.repeat(accordion.latents[3:4, 0, :190], 8, 0), 392.0 * 2 ** (np.arange(8) / 12)
    channel = decoder.config.timbre
    latents[..., channel] = 8.0
    for times in (0.6, 1.5):
        widened = latents.copy()
        widened[..., channel] *= times
        sounds = decode_clips(decoder, widened, f0_hz, temperature=0.0, seed=0)
        found = matching_spread(decoder, latents, sounds, f0_hz)
        assert found.shape == (8,) and np.exp(np.log(found).mean()) == pytest.approx(times, rel=0.2)
    still = np.sin(2 * np.pi * f0_hz[:, None] * np.arange(sounds.shape[1]) / decoder.config.rate)
    np.testing.assert_allclose(matching_spread(decoder, latents, still, f0_hz), SPREADS[0], rtol=0.05)


def test_a_spread_that_makes_no_difference_is_left_as_it_is(decoder):
    latents = read_preset(FACTORY / "Bellows.manifold").corners[0].latents[3:5, 0, :190].copy()
    latents[..., decoder.config.timbre] = 0.0
    f0_hz = np.array([392.0, 523.25])
    still = np.sin(2 * np.pi * f0_hz[:, None] * np.arange(190 * decoder.config.hop) / decoder.config.rate)
    np.testing.assert_allclose(matching_spread(decoder, latents, still, f0_hz), 1.0, rtol=0.05)
