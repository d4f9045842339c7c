"""The models behind the views: blend, scales, note keys, trail, ballistics, piano layout, hues."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.parameters import TABLE, Param
from presets.pad import corner_weights
from synthapp.views.hues import corner_hues, in_gamut, oklab, sound_hue, to_srgb
from synthapp.views.keys.note_keys import NoteKeys
from synthapp.views.keys.piano_layout import HIGHEST, KEYS, LOWEST, key_at, note_name, velocity_at
from synthapp.views.pad.blend import describe, whole_percents
from synthapp.views.pad.trail import FADE_S, Trail
from synthapp.views.panel.ballistics import FLOOR_DB, HOLD_S, Ballistics
from synthapp.views.scales import from_text, is_bipolar, to_text

unit = st.floats(0, 1)


@given(unit, unit)
def test_percents_sum_to_a_hundred_and_are_right_within_one(x, y):
    weights = corner_weights(x, y)
    percents = whole_percents(weights)
    assert sum(percents) == 100
    assert all(abs(percent - 100 * weight) < 1 for percent, weight in zip(percents, weights, strict=True))


def test_a_corner_is_that_sound_alone_and_the_loudest_comes_first():
    names = ("flute", "bass", "bell", "voice")
    assert describe(names, corner_weights(0, 0)) == "100 % flute"
    assert describe(names, corner_weights(1, 1)) == "100 % voice"
    assert describe(names, corner_weights(0.38, 0)) == "62 % flute, 38 % bass"
    assert describe(names, corner_weights(0.75, 0)) == "75 % bass, 25 % flute"


@pytest.mark.parametrize("param", TABLE)
@given(fraction=unit)
def test_a_knob_goes_from_end_to_end_and_back(param, fraction):
    row = TABLE[param]
    assert row.at(0) == pytest.approx(row.minimum) and row.at(1) == pytest.approx(row.maximum)
    value = row.at(fraction)
    assert row.minimum <= value <= row.maximum
    step = 0.5 / (row.maximum - row.minimum) if row.unit == "semitones" or row.choices else 0
    assert row.share(value) == pytest.approx(fraction, abs=1e-6 + step)


@pytest.mark.parametrize("param", TABLE)
@given(fraction=unit)
def test_text_is_read_back(param, fraction):
    row = TABLE[param]
    value = row.at(fraction)
    read = from_text(row, to_text(row, value))
    assert read == pytest.approx(value, rel=0.05, abs=0.06)


def test_what_a_player_may_type():
    attack, gain, transpose = TABLE[Param.ATTACK_MS], TABLE[Param.GAIN_DB], TABLE[Param.TRANSPOSE]
    assert from_text(attack, "1,5 s") == 1500 and from_text(attack, "20ms") == 20 and from_text(attack, "7") == 7
    assert from_text(attack, "99 s") == attack.maximum
    assert from_text(gain, "−3 dB") == -3 and from_text(gain, "-200") == gain.minimum
    assert from_text(transpose, "+7 st") == 7 and from_text(transpose, "7 semitones") == 7
    for nonsense in ("", "loud", "nan", "inf", "1 2", "ms"):
        assert from_text(attack, nonsense) is None


def test_only_knobs_with_their_default_in_the_middle_grow_both_ways():
    assert {param for param in TABLE if is_bipolar(TABLE[param])} == {
        Param.VELOCITY_CURVE,
        Param.TUNING_HZ,
        Param.TRANSPOSE,
        Param.KEY_DB,
        Param.NOTE_SPREAD,
        Param.TRIM_DB,
        Param.LOW_KEY_DB,
    }


def test_a_key_ends_the_note_that_it_started_even_after_a_move():
    keys = NoteKeys()
    assert keys.press("A") == 60 and keys.press("W") == 61 and keys.press("K") == 72
    assert keys.press("A") is None and keys.press("Q") is None and keys.press("") is None
    keys.move(1)
    assert keys.press("S") == 74
    assert keys.release("A") == 60 and keys.release("A") is None
    assert sorted(keys.release_all()) == [61, 72, 74] and not keys.held


def test_octaves_end_where_midi_ends():
    keys = NoteKeys()
    keys.move(-20)
    assert keys.base == 0
    keys.move(20)
    assert keys.base == 108 and keys.press("P") == 123 and max(keys.notes) <= 127


def test_the_trail_fades_and_is_forgotten():
    trail = Trail()
    trail.add(0.0, 0.1, 0.1)
    trail.add(0.5, 0.2, 0.1)
    trail.add(0.6, 0.2, 0.1)  # stands still
    assert trail.points(0.8) == [(0.1, 0.1, 1 - 0.8 / FADE_S), (0.2, 0.1, pytest.approx(1 - 0.3 / FADE_S))]
    assert trail.points(FADE_S) == [(0.2, 0.1, pytest.approx(0.5 / FADE_S))]
    assert trail.points(10.0) == []


def test_a_meter_jumps_up_and_falls_slowly_while_its_mark_stays():
    meter = Ballistics()
    meter.advance(1.0, 0.02)
    assert meter.level_db == meter.peak_db == 0.0
    meter.advance(0.0, 1.0)
    assert -40 < meter.level_db < -10 and meter.peak_db == 0.0
    meter.advance(0.0, HOLD_S)
    meter.advance(0.0, 10.0)
    assert meter.level_db == meter.peak_db == FLOOR_DB


def test_every_key_is_found_at_its_middle_and_all_88_are_there():
    assert [key.note for key in KEYS] == list(range(LOWEST, HIGHEST + 1)) and len(KEYS) == 88
    for key in KEYS:
        near_the_front = key.bottom - 0.05
        assert key_at((key.left + key.right) / 2, near_the_front) == key
    assert key_at(-0.01, 0.5) is None and key_at(1.0, 0.5) is None and key_at(0.5, 1.5) is None


def test_velocity_grows_towards_the_front_of_the_key():
    for key in KEYS[:3]:
        velocities = [velocity_at(key, key.bottom * step / 10) for step in range(11)]
        assert velocities == sorted(velocities) and velocities[0] >= 1 and velocities[-1] == 127


def test_note_names():
    assert [note_name(note) for note in (21, 60, 61, 108)] == ["A0", "C4", "C♯4", "C8"]


def test_the_same_instrument_has_the_same_hue_and_four_corners_can_be_told_apart():
    assert sound_hue("Grand piano") == sound_hue("electric piano")
    assert sound_hue("something new") == sound_hue("Something New")
    hues = corner_hues(("Violin", "Viola", "Cello", "Strings"))
    apart = [abs((a - b + 180) % 360 - 180) for i, a in enumerate(hues) for b in hues[:i]]
    assert min(apart) >= 45


def test_colours_are_those_of_oklab_and_never_leave_the_screen():
    assert to_srgb(oklab(1.0, 0.0, 0.0)) == pytest.approx([1, 1, 1], abs=1e-3)
    assert to_srgb(np.array([0.5, 0.0, 0.0])) == pytest.approx([0.388, 0.388, 0.388], abs=2e-3)  # linear 0.5 ** 3
    wild = oklab(0.5, 0.4, np.arange(0, 360, 10.0))
    assert not in_gamut(wild).any()
    assert ((to_srgb(wild) >= 0) & (to_srgb(wild) <= 1)).all()
