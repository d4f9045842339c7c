"""Spectral distances, and the comparison with other instruments that rests on them."""

import numpy as np
import pytest

from models.evaluation.comparison import rival
from models.evaluation.estimators.distance import distance_db, log_spectra
from models.evaluation.morphs import morph
from models.evaluation.played import Note
from tests.models.evaluation.synthetic import RATE, shaped, tone

BRIGHT, DARK, ODD = ([1 / k**power for k in range(1, 20)] for power in (0.5, 2, 1))
ODD = [a if k % 2 == 0 else 0 for k, a in enumerate(ODD)]


def apart(one, other):
    return distance_db(log_spectra(one), log_spectra(other))


def test_level_does_not_count_and_every_difference_does():
    sound = tone(220.0, partials=BRIGHT)
    assert apart(sound, 0.1 * sound) < 1e-3
    small = apart(sound, tone(220.0, partials=[1.2 * a if k % 2 else a for k, a in enumerate(BRIGHT)], seed=0))
    large = apart(sound, tone(220.0, partials=DARK))
    assert 0 < small < 0.3 * large
    assert apart(sound, shaped(sound, decay_db_per_s=20)) > 2
    assert apart(sound, sound + tone(220.0, noise=0.05) - tone(220.0)) > 2


def test_silence_is_far_from_everything():
    assert apart(np.zeros(RATE), tone(220.0, 1.0)) > 3


def test_the_nearest_other_instrument():
    others = [("dark", tone(220.0, partials=DARK)), ("odd", tone(220.0, partials=ODD))]
    bright = tone(220.0, partials=BRIGHT)
    own_db, nearest_db, nearest = rival(tone(220.0, partials=BRIGHT, noise=0.01), bright, others)
    assert own_db < 0.5 * nearest_db
    assert rival(tone(220.0, partials=DARK), bright, others)[2] == "dark"
    own_db, nearest_db, _ = rival(tone(220.0, partials=DARK), bright, others)
    assert own_db > nearest_db  # a sound that is another's is caught
    assert np.isnan(rival(bright, bright, [])[1])
    assert nearest in ("dark", "odd")


def half_way(audio):
    note = Note("morph", "a", 57, 100, 1.4, "", "", "b", "", (0.5, 0.0), 0.0)
    return morph(note, audio, tone(220.0, partials=BRIGHT), 0.7 * tone(220.0, partials=DARK), RATE)


def test_a_morph_lies_between_its_ends():
    partials = [np.sqrt(a * b) for a, b in zip(BRIGHT, DARK, strict=True)]
    found = half_way(0.85 * tone(220.0, partials=partials))
    assert found.between and found.outside_db == 0.0 and abs(found.cents) < 0.1
    assert found.to_mix_db > 0.5


def test_a_morph_that_is_loud_detuned_or_something_else_is_caught():
    assert half_way(2.0 * tone(220.0)).outside_db == pytest.approx(6.0, abs=0.1)
    assert half_way(0.25 * tone(220.0)).outside_db == pytest.approx(8.9, abs=0.2)
    assert abs(half_way(tone(223.0)).cents) > 5
    assert not half_way(tone(220.0, noise=1.0)).between


def test_the_plain_mix_is_recognised():
    mix = (tone(220.0, partials=BRIGHT) + 0.7 * tone(220.0, partials=DARK)) / 2
    assert half_way(mix).to_mix_db < 1e-3
