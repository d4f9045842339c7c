"""The estimator against tones of known pitch, and what it must not swallow."""

import numpy as np
import pytest

from models.evaluation.estimators.pitch import cents, estimate_f0, key_hz
from tests.models.evaluation.synthetic import RATE, tone

KEYS = (21, 33, 47, 60, 76, 90, 108)


def error_cents(audio, key, expected=0.0):
    return abs(cents(estimate_f0(audio, RATE, key_hz(key)), key_hz(key)) - expected)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("off", [0.0, 3.7, -41.0])
def test_stationary_tones(key, off):
    assert error_cents(tone(key_hz(key) * 2 ** (off / 1200)), key, off) < 0.05


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("hard", [{"noise": 0.3}, {"vibrato_cents": 30.0}, {"seconds": 0.3}], ids=str)
def test_tones_with_noise_vibrato_or_little_time(key, hard):
    assert error_cents(tone(key_hz(key) * 2 ** (6.0 / 1200), **hard), key, 6.0) < 0.5


@pytest.mark.parametrize("key", [21, 33, 47, 60, 76])
def test_a_missing_fundamental(key):
    assert error_cents(tone(key_hz(key), partials=[0, 1, 1, 0.7, 0.5]), key) < 0.05


def test_decaying_and_stretched_partials():
    times = np.arange(RATE) / RATE
    decaying = tone(110.0, 1.0) * 10 ** (-1.5 * times)
    stretched = sum(np.sin(2 * np.pi * 55.0 * k * np.sqrt(1 + 1e-4 * k**2) * times) / k**2 for k in range(1, 20))
    assert error_cents(decaying, 45) < 0.1
    assert error_cents(stretched, 33) < 0.5


@pytest.mark.parametrize("off", [6.0, -20.0, 80.0])
def test_a_detuned_note_is_caught(off):
    assert error_cents(tone(220.0 * 2 ** (off / 1200), noise=0.1), 57) > 5


def test_noise_and_silence_have_no_pitch_that_passes():
    noise = np.random.default_rng(1).standard_normal((8, RATE))
    assert np.median([error_cents(audio, 60) for audio in noise]) > 5
    assert np.isnan(estimate_f0(np.zeros(RATE), RATE, 220.0))
    assert np.isnan(estimate_f0(np.full(RATE, np.nan), RATE, 220.0))
