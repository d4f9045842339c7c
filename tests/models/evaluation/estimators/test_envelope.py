"""Times and slopes, against envelopes drawn by hand."""

import numpy as np
import pytest

from models.evaluation.estimators.envelope import envelope
from models.evaluation.estimators.level import rms_db, stretch
from tests.models.evaluation.synthetic import RATE, shaped, tone


def measured(**shape):
    return envelope(shaped(tone(220.0, 4.0), held_s=3.0, **shape), RATE, 220.0, 3.0)


@pytest.mark.parametrize("attack_s", [0.05, 0.2, 1.0])
def test_attack_is_from_10_to_90_percent(attack_s):
    assert measured(attack_s=attack_s).attack_s == pytest.approx(0.8 * attack_s, abs=0.01)


@pytest.mark.parametrize("decay", [0.0, 6.0, 40.0])
def test_decay(decay):
    assert measured(decay_db_per_s=decay).decay_db_per_s == pytest.approx(-decay, abs=0.2)


@pytest.mark.parametrize("release", [40.0, 100.0, 400.0])
def test_release_is_the_time_of_20_db(release):
    assert measured(release_db_per_s=release).release_s == pytest.approx(20 / release, abs=0.02)


def test_a_note_that_does_not_stop_and_one_that_had_stopped():
    assert measured().release_s == pytest.approx(1.0, abs=0.01)
    assert np.isnan(measured(decay_db_per_s=30.0, release_db_per_s=50.0).release_s)


def test_silence_has_no_decay():
    assert np.isnan(envelope(np.zeros(4 * RATE), RATE, 220.0, 3.0).release_s)


def test_the_stretch_leaves_out_attack_tail_and_what_has_faded():
    slow = stretch(shaped(tone(220.0, 4.0), attack_s=0.5), RATE, 220.0, 3.0)
    assert 0.45 * RATE < slow.start < 0.55 * RATE
    assert slow.stop - slow.start == 2.0 * RATE
    fading = shaped(tone(220.0, 4.0), decay_db_per_s=30.0)
    where = stretch(fading, RATE, 220.0, 3.0)
    assert where.stop == pytest.approx(40 / 30 * RATE, rel=0.02)
    assert rms_db(fading[where][-800:]) == pytest.approx(rms_db(fading[:800]) - 38, abs=3)
