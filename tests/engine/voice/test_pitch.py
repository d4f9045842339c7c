"""f0 sample by sample: at once for a new note, gliding afterwards, never above half the rate."""

import numpy as np
import pytest

from engine.voice.pitch import Pitches

RATE = 16000
SLOTS = np.zeros(1, np.int64)


def render(pitches, samples, tuning_hz=440.0, tuned=0.0, bend=0.0, vibrato=0.0, lfo=0.0):
    f0_hz = np.zeros((1, samples), np.float32)
    tuning = np.where(np.arange(128) == 69, tuned, 0.0)
    pitches.render(SLOTS, tuning_hz, tuning, np.full(16, bend), np.zeros(16), np.full(16, vibrato), lfo, f0_hz)
    return f0_hz[0]


@pytest.fixture
def pitches():
    result = Pitches(RATE, 1)
    result.start(0, 69, 69.0, 0)
    return result


def test_a_note_starts_at_its_frequency(pitches):
    np.testing.assert_array_equal(render(pitches, 64), 440.0)


def test_a_bend_glides(pitches):
    render(pitches, 64)
    f0_hz = render(pitches, RATE // 5, bend=12.0)
    assert np.abs(np.diff(f0_hz)).max() < 10.0
    assert 600 < f0_hz[RATE // 200] < 800  # most of the way after 5 ms
    assert f0_hz[-1] == pytest.approx(880.0)


def test_a_key_of_its_own_tuning_glides_there(pitches):
    render(pitches, 64)
    assert render(pitches, RATE // 5, tuned=-0.5)[-1] == pytest.approx(440 * 2 ** (-0.5 / 12))


def test_vibrato_is_the_larger_of_channel_and_note(pitches):
    pitches.press(0, 50.0)
    assert render(pitches, 1, vibrato=20.0, lfo=1.0) == pytest.approx(440 * 2 ** (50 / 1200))


def test_no_frequency_the_model_cannot_have():
    for key, expected in ((200.0, RATE / 2), (-200.0, 1.0)):
        pitches = Pitches(RATE, 1)
        pitches.start(0, 69, key, 0)
        assert render(pitches, 1) == expected
