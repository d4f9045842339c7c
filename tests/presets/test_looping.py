"""Encoded notes become sounds that can be held for ever: no pumping, no clicks, no timbre from silence."""

import numpy as np
import pytest

from presets.looping import LIVELY_DB, SILENT_DB, Row, loop_by_level, looped, looped_rows

FRAMES_PER_S = 62.5


def note(seconds, level_db, held_s=None, release_db_per_s=120.0):
    """float32 (frames, 3): two timbre channels that wander, and a level. level_db : function of the time in s"""
    t = np.arange(round(seconds * FRAMES_PER_S)) / FRAMES_PER_S
    level = np.array([level_db(moment) for moment in t], float)
    if held_s is not None:
        level -= release_db_per_s * np.maximum(t - held_s, 0)
    timbre = np.stack([np.sin(2 * np.pi * 3 * t), np.exp(-t)], 1)
    return np.concatenate([timbre, np.maximum(level, -60.0)[:, None]], 1).astype(np.float32)


def sound(latents, held_s):
    return looped("A", latents[None, None], (60,), (100,), round(held_s * FRAMES_PER_S), FRAMES_PER_S)


def held(sound, seconds, note=0):
    """(frames, latent) as the engine plays a key that is held: to and fro, falling from the loop's start on."""
    first, last = sound.loop
    way = np.arange(round(seconds * FRAMES_PER_S))
    past = np.maximum(way - last, 0) % max(2 * (last - first), 1)
    frame = np.where(way <= last, way, np.where(past <= last - first, last - past, 2 * first - last + past))
    rows = sound.latents.reshape(-1, *sound.latents.shape[2:])[note][frame].copy()
    rows[:, -1] -= abs(sound.decay_db_per_s) * np.maximum(way - first, 0) / FRAMES_PER_S
    return rows


def slope(level):
    return np.polyfit(np.arange(len(level)) / FRAMES_PER_S, level, 1)[0]


def test_a_steady_note_stays_and_lives_on():
    made = sound(note(4.0, lambda t: -3 + 1.5 * np.sin(2 * np.pi * 5 * t), held_s=3.0), 3.0)
    assert made.decay_db_per_s == 0.0 and made.release == round(3 * FRAMES_PER_S)
    played = held(made, 60.0)
    assert np.ptp(played[-500:, 0]) > 1.5 and np.ptp(played[-500:, -1]) > 2.5  # its movement is still there
    assert abs(slope(played[300:, -1])) < 0.02


@pytest.mark.parametrize("drift_db_per_s", [-2.5, 2.5])
def test_a_drift_of_the_player_does_not_pump(drift_db_per_s):
    made = sound(note(4.0, lambda t: -10 + drift_db_per_s * t, held_s=3.0), 3.0)
    assert made.decay_db_per_s == 0.0
    assert np.ptp(held(made, 30.0)[made.loop[0] :, -1]) < 0.1


@pytest.mark.parametrize("fall_db_per_s", [8.0, 30.0, 150.0])
def test_a_decay_goes_on_in_a_straight_line(fall_db_per_s):
    latents = note(3.0, lambda t: -fall_db_per_s * t)
    made = sound(latents, 3.0)
    assert made.decay_db_per_s == pytest.approx(-fall_db_per_s, rel=0.02)
    played = held(made, 6.0)[:, -1]
    np.testing.assert_allclose(played, -fall_db_per_s * np.arange(len(played)) / FRAMES_PER_S, atol=0.5)
    assert made.release == made.loop[1] + 1 == made.latents.shape[2]  # no release: it ends with the loop


def test_a_decay_in_two_stages_is_played_as_recorded_and_goes_on_with_the_second():
    latents = note(3.0, lambda t: 10 * np.log10(10 ** (-5 * t) + 0.02 * 10 ** (-0.6 * t)))
    made = sound(latents, 3.0)
    first, last = made.loop
    played = held(made, 6.0)[:, -1]
    np.testing.assert_allclose(played[: last + 1], latents[: last + 1, -1], atol=0.5)
    assert made.decay_db_per_s == pytest.approx(-6.0, abs=0.5)
    assert slope(played[last:]) == pytest.approx(-6.0, abs=0.5)


def test_what_is_too_faint_takes_the_timbre_before_it():
    latents = note(2.0, lambda t: -60 * t)
    latents[latents[:, -1] < -41, :2] = 99.0
    latents[0, :2], latents[0, -1] = 77.0, -60.0  # silence before the attack
    assert np.abs(sound(latents, 2.0).latents[..., :2]).max() <= 1.0


def test_a_release_ends_when_it_is_silent():
    whole = note(4.0, lambda t: -3.0, held_s=3.0)  # at the floor after 3.5 s
    made = sound(whole, 3.0)
    frames = made.latents.shape[2]
    assert made.release < frames < 3.6 * FRAMES_PER_S
    assert made.latents[0, 0, -1, -1] <= SILENT_DB < made.latents[0, 0, -2, -1]
    assert whole[frames:, -1].max() <= SILENT_DB


def test_a_note_that_died_while_it_was_held_has_no_release():
    made = sound(note(4.0, lambda t: -60 * t, held_s=3.0), 3.0)
    assert made.release == made.latents.shape[2] and made.loop[1] < FRAMES_PER_S


def test_a_second_note_in_the_loop_is_bounded():
    made = sound(note(3.0, lambda t: -20.0 if 2.0 < t < 2.1 else 0.0), 3.0)
    first, last = made.loop
    assert first < 2.0 * FRAMES_PER_S < last
    assert np.ptp(made.latents[0, 0, first : last + 1, -1]) <= 2 * LIVELY_DB


def test_nothing_jumps_within_the_loop():
    latents = note(3.0, lambda t: -20 * t + 2 * np.sin(2 * np.pi * 4 * t))
    made = sound(latents, 3.0)
    assert np.abs(np.diff(held(made, 10.0), axis=0)).max() <= np.abs(np.diff(latents, axis=0)).max() + 0.1


def test_the_order_in_memory_does_not_matter():
    notes = np.stack([note(4.0, lambda t, fall=fall: -fall * t, held_s=3.0) for fall in (6.0, 10.0)])[:, None]
    swapped = np.ascontiguousarray(notes.swapaxes(0, 1)).swapaxes(0, 1)
    plain, other = (looped("x", latents, (60, 72), (100,), 180, FRAMES_PER_S) for latents in (notes, swapped))
    np.testing.assert_array_equal(plain.latents, other.latents)
    first, last = plain.loop
    assert abs(slope(other.latents[0, 0, first : last + 1, -1])) < 0.5  # level, though it falls


def test_every_note_of_a_sound_has_its_own_line_and_the_silent_ones_stay_silent():
    notes = np.stack([note(4.0, lambda t, fall=fall: -fall * t, held_s=3.0) for fall in (6.0, 10.0, 90.0)])
    made = looped("A", notes[:, None], (36, 60, 84), (100,), round(3 * FRAMES_PER_S), FRAMES_PER_S)
    assert -10.5 < made.decay_db_per_s < -5.5
    for row in range(3):
        played = held(made, 8.0, row)[:, -1]
        np.testing.assert_allclose(played[: made.loop[0]], notes[row, : made.loop[0], -1], atol=1e-4)
        assert slope(played[made.loop[0] :]) == pytest.approx(made.decay_db_per_s, abs=0.3)


@pytest.mark.parametrize("frames", [1, 2, 3, 5, 9])
def test_a_note_may_be_as_short_as_a_frame(frames):
    latents = np.zeros((frames, 3), np.float32)
    made = looped("A", latents[None, None], (60,), (100,), frames, FRAMES_PER_S)
    assert 0 <= made.loop[0] <= made.loop[1] < made.latents.shape[2]


def test_models_without_loudness_loop_by_time_alone():
    latents = np.zeros((1, 1, 200, 4), np.float32)
    made = looped("A", latents, (60,), (100,), 150, FRAMES_PER_S, loudness=False)
    assert made.loop == (68, 142) and made.release == 150 and made.latents.shape[2] == 200


def row(levels_db, held, mark):
    """A note whose latents say which frame they are of."""
    latents = np.stack([np.full(len(levels_db), mark), np.arange(len(levels_db))], 1).astype(np.float32)
    return Row(latents, np.asarray(levels_db, float), held)


def test_notes_of_different_lengths_are_one_sound():
    """A long one is cut where the key goes up, a short one goes through its own loop; releases follow."""
    steady = [0.0] * 60 + [-20.0] * 10
    short = [0.0] * 30 + [-20.0] * 20
    sound = looped_rows("two", [row(steady, 60, 1), row(short, 30, 2)], (60, 64), 50, 31.25, 100, False)
    assert (sound.pitches, sound.velocities, sound.release) == ((60, 64), (100,), 50)
    long_frames, short_frames = sound.latents[:, 0, :, 1]
    np.testing.assert_array_equal(long_frames[:50], np.arange(50))
    np.testing.assert_array_equal(long_frames[50:60], np.arange(60, 70))
    assert (np.abs(np.diff(short_frames[:50])) == 1).all() and short_frames[:50].max() < 30
    np.testing.assert_array_equal(short_frames[50:70], np.arange(30, 50))
    assert (long_frames[60:] == 69).all()  # its release is over before the other's


@pytest.mark.parametrize("fall_db", [10, 60])
def test_without_levels_in_the_latents_what_decays_loops_where_it_hardly_falls(fall_db):
    levels_db = -fall_db / 31.25 * np.arange(100)
    first, last = loop_by_level(levels_db[None], 94, 31.25)
    assert levels_db[first] - levels_db[last] <= 1.0 and last >= min(80, 39 / fall_db * 31.25 - 4)


def test_a_steady_note_loops_through_its_second_half():
    first, last = loop_by_level(np.zeros((1, 100)), 94, 31.25)
    assert 30 < first < 50 and 80 < last < 94
