"""The notes that a network without pitch input is given."""

import numpy as np
import pytest

from models.config import WaveNetConfig
from models.encoding.source_notes import REACH, hears_pitch, repitched, sources, thinned

RATE = 16000


def test_every_source_note_within_an_octave_has_the_nearest_recording():
    found = sources([40.2, 69])
    assert list(found) == [32, 36, 40, 44, 48, 52, 60, 64, 68, 72, 76, 80]
    assert [note for note, pitch in found.items() if pitch == 69] == [60, 64, 68, 72, 76, 80]
    assert all(abs(note - pitch) <= REACH for note, pitch in found.items())


@pytest.mark.parametrize(("pitch", "note"), [(5, 24), (120, 96)])
def test_beyond_all_of_them_the_nearest_is_taken(pitch, note):
    assert sources([pitch]) == {note: pitch}


def test_of_an_instrument_for_a_network_that_hears_pitch_one_in_four_semitones_is_taken():
    assert thinned(range(50, 63)) == [50, 54, 58, 62]
    assert thinned([50, 57, 58]) == [50, 57, 58]


def test_who_is_told_the_pitch():
    assert [hears_pitch(config) for config in (WaveNetConfig(), WaveNetConfig(pitch=True))] == [False, True]


@pytest.mark.parametrize(("semitones", "finer"), [(0, 1), (7.5, 1), (-12, 2), (3, 2)])
def test_a_note_is_repitched_without_loss(semitones, finer):
    hz, rate = 311.0, finer * RATE
    note = np.sin(2 * np.pi * hz * np.arange(rate) / rate).astype(np.float32)
    audio = repitched(note, semitones, finer)
    expected = np.sin(2 * np.pi * hz * 2 ** (semitones / 12) * np.arange(len(audio)) / RATE)
    inside = slice(500, -500)
    np.testing.assert_allclose(audio[inside], expected[inside], atol=1e-3)
    assert audio.dtype == np.float32 and len(audio) == pytest.approx(RATE / 2 ** (semitones / 12), abs=2)
