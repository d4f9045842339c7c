"""Matching: what a played note lacks beside its recording."""

import numpy as np
import pytest

from engine.decoder.cpu.decoder import CpuDecoder
from models import checkpoints
from models.checkpoints.building import load
from models.encoding.clips import decode_clips
from models.encoding.fit import encode_note
from models.encoding.matching import SPREADS, encode_notes, matching_spread
from models.pretrained import WAVENET
from presets.file import read_preset
from tests.paths import WAVENET_PRESET

pytestmark = pytest.mark.slow

HELD = 48000  # samples until the release


@pytest.fixture(scope="module")
def decoder():
    return CpuDecoder(*checkpoints.read(WAVENET).network, voices=8)


def test_the_spread_that_a_note_was_played_with_is_found(decoder):
    accordion = read_preset(WAVENET_PRESET).corners[0]
    latents, f0_hz = np.repeat(accordion.latents[0:1, 0, :190], 8, 0), 392.0 * 2 ** (np.arange(8) / 12)
    channel = decoder.config.timbre
    latents[..., channel] = 8.0
    for times in (0.6, 1.5):
        widened = latents.copy()
        widened[..., channel] *= times
        sounds = decode_clips(decoder, widened, f0_hz, temperature=0.0, seed=0)
        found = matching_spread(decoder, latents, sounds, f0_hz, HELD)
        assert found.shape == (8,) and np.exp(np.log(found).mean()) == pytest.approx(times, rel=0.2)
    still = np.sin(2 * np.pi * f0_hz[:, None] * np.arange(sounds.shape[1]) / decoder.config.rate)
    np.testing.assert_allclose(matching_spread(decoder, widened, still, f0_hz, HELD), SPREADS[0], rtol=0.05)


def test_a_spread_that_makes_no_difference_is_left_as_it_is(decoder):
    latents = read_preset(WAVENET_PRESET).corners[0].latents[0:2, 0, :190].copy()
    latents[..., decoder.config.timbre] = 0.0
    f0_hz = np.array([392.0, 523.25])
    still = np.sin(2 * np.pi * f0_hz[:, None] * np.arange(190 * decoder.config.hop) / decoder.config.rate)
    np.testing.assert_allclose(matching_spread(decoder, latents, still, f0_hz, HELD), 1.0, rtol=0.05)


def test_a_note_that_is_too_short_to_tell_keeps_its_spread(decoder):
    latents = read_preset(WAVENET_PRESET).corners[0].latents[0:1, 0, :35].copy()
    sounds = np.zeros((1, 35 * decoder.config.hop), np.float32)
    assert matching_spread(decoder, latents, sounds, np.array([392.0]), 35 * decoder.config.hop).tolist() == [1.0]


def test_a_note_is_played_with_the_attack_and_the_level_that_it_was_recorded_with(decoder):
    """Alone, the level that the encoder measures rises some 20 ms too slowly here."""
    rate, hop, f0_hz = decoder.config.rate, decoder.config.hop, np.array([110.0])
    time = np.arange(150 * hop) / rate
    swell = np.clip((time - 0.05) / 0.012, 0, 1)
    sound = 0.1 * swell * sum(np.sin(2 * np.pi * k * 110 * time + k) / k for k in range(1, 20))
    sounds = sound[None].astype(np.float32)
    model = load(WAVENET)
    latents = encode_notes(model, decoder, sounds, f0_hz, sounds.shape[1])
    played = decode_clips(decoder, latents, f0_hz, temperature=0.0, seed=0)

    def level_db(audio, at_s):
        return 20 * np.log10(np.sqrt(np.mean(audio[0, round(at_s * rate) : round((at_s + 0.02) * rate)] ** 2)) + 1e-9)

    full = level_db(sounds, 1.0)
    assert level_db(played, 1.0) == pytest.approx(full, abs=0.5)
    assert level_db(played, 0.07) == pytest.approx(full, abs=2.0)
    assert level_db(played, 0.02) < full - 20
    alone = encode_note(model, sounds[0], 110.0)[None]
    assert level_db(decode_clips(decoder, alone, f0_hz, temperature=0.0, seed=0), 0.02) > level_db(played, 0.02)


def test_what_is_silent_after_its_release_is_played_so(decoder):
    """Alone, frames that are too faint to be fitted hum some 50 dB below the note."""
    rate, hop, f0_hz = decoder.config.rate, decoder.config.hop, np.array([220.0])
    time = np.arange(120 * hop) / rate
    sound = (
        0.1 * np.minimum(1, np.exp((1.0 - time) / 0.02)) * sum(np.sin(k * 2 * np.pi * 220 * time) for k in (1, 2, 4))
    )
    sounds = sound[None].astype(np.float32)
    model = load(WAVENET)

    def silence_db(latents):
        played = decode_clips(decoder, latents, f0_hz, temperature=0.0, seed=0)[0]
        tail, note = played[round(1.5 * rate) :], played[round(0.2 * rate) : round(0.8 * rate)]
        return 10 * np.log10(np.mean(tail**2) / np.mean(note**2) + 1e-12)

    assert silence_db(encode_notes(model, decoder, sounds, f0_hz, round(rate))) < -75
    assert silence_db(encode_note(model, sounds[0], 220.0)[None]) > -65
