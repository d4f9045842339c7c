"""Held notes and single strokes that misbehave are caught, each for what it does."""

import numpy as np
import pytest

from models.evaluation.estimators.stability import stability
from models.evaluation.estimators.strokes import stroke
from models.evaluation.findings import held, pad_points, velocities
from models.evaluation.played import Note
from tests.models.evaluation.synthetic import RATE, shaped, tone

STEADY = tone(220.0, 30.0, vibrato_cents=10.0, noise=0.02)


def burst():
    audio = STEADY.copy()
    audio[20 * RATE : 20 * RATE + 1600] *= 4
    return audio


def gap():
    audio = STEADY.copy()
    audio[20 * RATE : 22 * RATE] *= 0.1
    return audio


def noisier():
    return STEADY + np.linspace(0, 0.01, len(STEADY)) * np.random.default_rng(2).standard_normal(len(STEADY))


def not_finite():
    audio = STEADY.copy()
    audio[-5] = np.nan
    return audio


def test_a_steady_note_passes():
    assert held([stability(STEADY, RATE)]).met


@pytest.mark.parametrize("wrong", [burst, gap, noisier, not_finite])
def test_what_is_not_steady_is_caught(wrong):
    assert not held([stability(STEADY, RATE), stability(wrong(), RATE)]).met


def test_drift_is_measured():
    found = stability(shaped(STEADY, decay_db_per_s=0.2), RATE)
    assert found.drift_db == pytest.approx(-0.2 * 13.5, abs=0.2)
    assert not held([found]).met


def note(velocity, curve=1.0):
    return Note("pad", "x", 57, velocity, 1.5, velocity_curve=curve)


def strokes(audio=None, gain=lambda velocity: (velocity / 127) ** 2, curve=1.0):
    sound = tone(220.0) if audio is None else audio
    return [stroke(note(velocity, curve), gain(velocity) * sound, RATE) for velocity in (1, 40, 127)]


def test_strokes_that_follow_the_velocity_pass():
    assert pad_points(strokes()).met and velocities(strokes()).met
    assert max(abs(found.cents) for found in strokes()) < 0.1


def test_strokes_follow_the_curve_that_they_are_played_with():
    flat = {"gain": lambda velocity: velocity / 127, "curve": 0.5}
    assert pad_points(strokes(**flat)).met and velocities(strokes(**flat)).met
    assert not velocities(strokes(**flat | {"curve": 1.0})).met


@pytest.mark.parametrize(
    "audio", [np.zeros(RATE), 40 * tone(220.0), 1e-4 * tone(220.0)], ids=["dead", "burst", "faint"]
)
def test_dead_and_loud_strokes_are_caught(audio):
    assert not pad_points(strokes(audio)).met


def test_a_velocity_that_falls_out_of_line_is_caught():
    assert not velocities(strokes(gain=lambda velocity: 0.1 if velocity == 40 else (velocity / 127) ** 2 / 4)).met
    assert not pad_points([stroke(note(90), np.full(RATE, np.nan), RATE)]).met
