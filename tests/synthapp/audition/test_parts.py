"""What `evaluate parts` measures: distances of a sound to itself, to its octave's loss, and which notes it takes."""

import numpy as np
import pytest

from models import checkpoints
from models.pretrained import DEFAULT, WAVENET
from synthapp.audition import parts

NOTE = {"named": "flute"}


def saw(hz, seconds=2.0):
    """Harmonics up to the Nyquist frequency."""
    t = np.arange(round(seconds * parts.FULL_HZ)) / parts.FULL_HZ
    harmonics = range(1, int(parts.FULL_HZ / 2 / hz))
    return sum(np.sin(2 * np.pi * k * hz * t) / k for k in harmonics).astype(np.float32)


def test_a_recording_beside_itself_is_at_no_distance_and_without_its_octave_at_some():
    sounds, hz = saw(440.0)[None], np.array([440.0])
    (itself,) = parts.beside(sounds, parts.FULL_HZ, sounds, hz, [NOTE])
    assert (itself.full_db, itself.band_db, itself.floor_db, itself.instrument) == (0.0, 0.0, 0.0, "flute")
    (cut,) = parts.beside(parts._cut(sounds, 7600.0), parts.FULL_HZ, sounds, hz, [NOTE])
    assert cut.full_db > 1.0 and cut.band_db < 0.3 * cut.full_db
    (louder,) = parts.beside(sounds * 2, parts.FULL_HZ, sounds, hz, [NOTE])
    assert louder.full_db == pytest.approx(0.0, abs=1e-3)  # level does not count


def test_parts_are_taken_out_of_what_is_stored():
    checkpoint = checkpoints.read(DEFAULT)
    config = checkpoint.config
    latents = np.random.default_rng(0).normal(size=(1, 5, config.latent)).astype(np.float32)
    changed = {name: change(latents) for name, change in parts.ablations(checkpoint).items()}
    np.testing.assert_array_equal(changed["as it was analysed"], latents)
    assert not changed["the network alone"][..., config.detail].any()
    assert np.ptp(changed["as stored, all detail held for the note"][..., config.detail], axis=1).max() < 1e-6
    apart = {name: np.flatnonzero((each != changed[parts.OWN]).any((0, 1))) for name, each in changed.items()}
    noise = np.arange(config.detail.start + config.harmonics, config.detail.stop)
    np.testing.assert_array_equal(apart["without detail of noise"], noise)
    assert set(apart["without free partials"]) <= set(range(config.free.start, config.free.start + config.partials))
    assert list(parts.ablations(checkpoints.read(WAVENET))) == [parts.OWN]
