"""What is not one steady pitch is doubted, what is one is not."""

import numpy as np
import pytest
import soxr

from models.analysis.doubts import find_doubts
from models.analysis.pitch import find_pitch
from tests.models import own_notes

RATE = 16000


def doubts(audio):
    audio = audio - audio.mean()
    return find_doubts(audio, RATE, find_pitch(audio, RATE).f0_hz)


def model_rate(make, note):
    return soxr.resample(make(440 * 2 ** ((note - 69) / 12)), own_notes.RATE, RATE)


@pytest.mark.parametrize("make", [own_notes.sawtooth, own_notes.hollow, own_notes.vibrato])
def test_one_note_is_not_doubted(make):
    found = doubts(model_rate(make, 57))
    assert found.outside < 0.04 and not found.several and found.glide_hz is None


@pytest.mark.parametrize("notes", [(60, 64, 67), (60, 63), (60, 63, 66, 69)])
def test_a_chord_has_several_pitches(notes):
    found = doubts(sum(model_rate(own_notes.sawtooth, note) for note in notes))
    assert found.several and found.outside > 0.2


def test_a_glide_has_a_pitch_at_its_beginning_and_another_at_its_end():
    t = np.arange(2 * RATE) / RATE
    turns = np.cumsum(220 * 2 ** (t / 2 * 7 / 12)) / RATE
    first, last = doubts(sum(np.sin(2 * np.pi * k * turns) / k for k in range(1, 8))).glide_hz
    assert 220 < first < 250 and 290 < last < 330


def test_noise_keeps_most_of_its_energy_outside_harmonics():
    assert find_doubts(np.random.default_rng(0).standard_normal(RATE), RATE, 220.0).outside > 0.4
