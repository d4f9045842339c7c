"""Energy at and between the harmonics, against mixtures of known shares."""

import numpy as np
import pytest

from models.evaluation.estimators.partials import INAUDIBLE_DB, harmonic_share, noise_floor_db
from tests.models.evaluation.synthetic import RATE, tone


@pytest.mark.parametrize("f0_hz", [55.0, 220.0, 1760.0])
def test_a_clean_tone_is_all_harmonics(f0_hz):
    assert harmonic_share(tone(f0_hz), RATE, f0_hz) > 0.999
    assert noise_floor_db(tone(f0_hz), RATE, f0_hz) == INAUDIBLE_DB


@pytest.mark.parametrize("noise", [0.01, 0.1, 0.5])
def test_white_noise_is_found_as_strong_as_it_is(noise):
    noisy = tone(220.0, 2.0, noise=noise)
    expected_db = 10 * np.log10(noise**2 / (1 + noise**2))
    assert noise_floor_db(noisy, RATE, 220.0) == pytest.approx(expected_db, abs=0.5)
    near = 2 * 6.0 / 220.0  # share of the noise that lies at harmonics
    assert harmonic_share(noisy, RATE, 220.0) == pytest.approx((1 + near * noise**2) / (1 + noise**2), abs=0.01)


def test_a_line_between_harmonics_lowers_the_share_and_leaves_the_floor():
    line = 0.05 * np.sin(2 * np.pi * 330.0 * np.arange(2 * RATE) / RATE)
    assert harmonic_share(tone(220.0, 2.0) + line, RATE, 220.0) < 0.93
    assert noise_floor_db(tone(220.0, 2.0) + line, RATE, 220.0) == INAUDIBLE_DB


def test_noise_that_a_loop_repeats_is_noise():
    loop = 0.01 * np.random.default_rng(0).standard_normal(RATE // 5)
    noisy = tone(880.0, 2.0) + np.tile(loop, 10)
    assert noise_floor_db(noisy, RATE, 880.0) == pytest.approx(-20.0, abs=1.0)


def test_a_wrong_pitch_is_not_all_harmonics():
    assert harmonic_share(tone(233.0), RATE, 220.0) < 0.1


def test_silence():
    assert harmonic_share(np.zeros(RATE), RATE, 220.0) == 0.0
