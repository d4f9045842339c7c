"""Voices with two sides: what differs between them, how wide it is, and what is left of it in mono."""

import numpy as np
import pytest

from engine.voice.noise import SHARED
from tests.engine.playing import make_synth, note, play
from tests.fakes import STEREO_CONFIG

NOISE = {"temperature": 1.0}  # of the stand-in decoder: its noise differs between the sides, its sines do not


def played(number=64, config=STEREO_CONFIG, rate=16000, **parameters):
    """float64 (frames, 2): a second of a key in the middle of a piano."""
    synth = make_synth(rate, config=config, parameters=NOISE | parameters, voices=24, polyphony=4)
    return play(synth, 1.0, *note(0.0, 2.0, number), rate=rate).astype(float)


def level_db(audio):
    return 10 * np.log10((audio**2).mean())


def test_each_side_has_its_own_noise_and_the_first_is_that_of_a_voice_with_one():
    stereo, mono = played(), played(config=STEREO_CONFIG.__class__.__base__(**STEREO_CONFIG.to_dict()))
    np.testing.assert_array_equal(mono[:, 0], mono[:, 1])
    np.testing.assert_allclose(stereo[:, 0], mono[:, 0], atol=1e-6)
    assert np.abs(stereo[:, 1] - mono[:, 1]).max() > 0.01


def test_in_mono_hardly_anything_is_lost_whatever_the_width():
    sums = [played(width=width).sum(1) / 2 for width in (0.0, 0.5, 1.0, 1.5)]
    for each in sums[1:]:
        np.testing.assert_allclose(each, sums[0], atol=1e-6)
    sides = played(temperature=1.5) - played(temperature=0.0)  # the noise alone
    assert np.corrcoef(sides.T)[0, 1] == pytest.approx(SHARED, abs=0.03)
    assert -1.0 < level_db(sides.mean(1)) - level_db(sides) < -0.6


def test_width_is_the_gain_of_what_differs():
    differ = {width: played(width=width) @ (0.5, -0.5) for width in (0.0, 0.5, 1.0, 1.5)}
    assert np.abs(differ[0.0]).max() < 1e-6
    for width in (0.5, 1.5):
        np.testing.assert_allclose(differ[width], width * differ[1.0], atol=1e-6)


def test_keys_spread_over_the_room():
    def balance(number, spread):
        left, right = played(number, temperature=0.0, note_spread=spread).T
        return level_db(right) - level_db(left)

    assert balance(40, 0.0) == 0.0
    low, middle, high = (balance(number, 0.5) for number in (40, 64, 88))
    assert low < -1.0 < middle < 1.0 < high
    assert balance(40, -0.5) == pytest.approx(-low, abs=0.05)


def test_voices_of_two_sides_sound_as_alone():
    """Whatever the rows in which they lie: one of several is bit for bit what it is without the others."""
    synth = make_synth(16000, config=STEREO_CONFIG, parameters=NOISE, voices=24, polyphony=4)
    together = play(synth, 0.5, *note(0.0, 0.2, 64), *note(0.3, 0.4, 70), rate=16000)
    synth.reset()
    alone = play(synth, 0.5, *note(0.0, 0.2, 64), rate=16000)
    np.testing.assert_array_equal(together[:4000], alone[:4000])
