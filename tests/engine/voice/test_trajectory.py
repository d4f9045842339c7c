"""Embeddings over time: attack, loop, release, interpolation, pad and loudness."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.parameters import Param
from engine.voice.noise import stream
from engine.voice.sound import Sound
from engine.voice.trajectory import CATCH_UP_MS, DAMPING_DB_PER_S, KEY_TRACKING, TURNING, Trajectories
from models.config import WaveNetConfig
from presets.pad import corner_weights
from presets.preset import EmbeddingSet, Preset
from tests.fakes import FAKE_CONFIG, LOUD_CONFIG

HOP = 64  # a frame a tick, unless a test says otherwise
CONFIG = replace(FAKE_CONFIG, hop=HOP)
TICK = CONFIG.tick
CORNER = np.array([[1.0, 0.0, 0.0, 0.0]])
ONE = np.zeros(1, np.int64)


def ramp(frames, config=CONFIG, **fields):
    """A sound whose frames say their own number, in every channel."""
    latents = np.repeat(np.arange(frames, dtype=np.float32)[:, None], config.latent, 1)[None, None]
    return EmbeddingSet("ramp", latents, **fields)


def sound_of(*corners, config=CONFIG):
    corners = corners * 4 if len(corners) == 1 else corners
    return Sound.from_preset(Preset("x", corners), config)


class Player:
    """One voice, tick by tick. Jumps are heard at once, unless asked for otherwise."""

    def __init__(self, sound, config=CONFIG, keep=0.0, pitch=60.0, velocity=100, start=0.0):
        self.sound, self.weights, self.speed = sound, CORNER, 1.0
        self.trajectories = Trajectories(config, 1)
        self.trajectories._keep = self.trajectories._keep if keep is None else keep
        self.trajectories.start(0, pitch, velocity, start)
        self.step()

    def step(self):
        self.sound.parameters[Param.SPEED] = self.speed
        self.trajectories.advance(ONE, self.sound, self.weights, self.sound.parameters)
        self.trajectories.sounded(ONE, TICK)
        return self.trajectories.latents[0].copy()

    def release(self):
        self.trajectories.release(0)

    def steps(self, count, channel=0):
        return [float(self.step()[channel]) for _ in range(count)]

    @property
    def over(self):
        return bool(self.trajectories.over[0])


def test_attack_then_ping_pong():
    player = Player(sound_of(ramp(10, loop=(2, 5), release=7)))
    assert player.steps(12) == [1.0, 2.0, 3.0, 4.0, 5.0, 4.0, 3.0, 2.0, 3.0, 4.0, 5.0, 4.0]


def test_the_first_frame_holds_until_its_centre():
    player = Player(
        sound_of(ramp(10, loop=(2, 5), release=7), config=replace(CONFIG, hop=256)), replace(CONFIG, hop=256)
    )
    assert player.steps(4) == [0.0, 0.125, 0.375, 0.625]


def test_a_loop_of_one_frame_stands_still():
    assert Player(sound_of(ramp(10, loop=(2, 2), release=7))).steps(6) == [1.0, 2.0, 2.0, 2.0, 2.0, 2.0]


def test_release_runs_to_the_end_and_is_over():
    player = Player(sound_of(ramp(10, loop=(2, 5), release=7)))
    player.steps(5)
    player.release()
    assert player.steps(2) == [7.5, 8.5]
    assert not player.over
    assert player.steps(2) == [9.0, 9.0]
    assert player.over


def test_without_release_frames_a_released_note_goes_on():
    player = Player(sound_of(ramp(3, loop=(1, 2), release=2)))
    assert player.steps(2) == [1.0, 2.0]
    player.release()
    assert player.steps(3) == [1.0, 2.0, 1.0]
    assert not player.over


def test_corners_keep_their_own_loops_and_ends():
    corners = [ramp(10, loop=(2, 2), release=7), ramp(30, loop=(4, 4), release=20)]
    player = Player(sound_of(*corners, *corners))
    player.weights = np.array([[0.5, 0.5, 0.0, 0.0]])
    assert player.steps(6)[-1] == 0.5 * 2 + 0.5 * 4
    player.release()
    assert player.steps(3)[-1] == 0.5 * 9 + 0.5 * 22.5
    assert not player.over
    player.steps(8)
    assert player.over


def test_speed_and_freeze():
    player = Player(sound_of(ramp(20, loop=(12, 15), release=17)))
    player.speed = 2.0
    assert player.steps(3) == [2.0, 4.0, 6.0]
    player.speed = 0.0
    assert player.steps(3) == [6.0, 6.0, 6.0]


def test_position_skips_a_share_of_the_held_part_but_not_the_loop():
    sound = sound_of(ramp(20, loop=(8, 12), release=16))
    assert Player(sound, start=0.25).steps(1) == [5.0]
    assert Player(sound, start=1.0).steps(1) == [11.0]


def test_pitch_and_velocity_are_straight_lines_clamped_at_the_ends():
    latents = np.zeros((2, 2, 1, CONFIG.latent), np.float32)
    latents[0, 0], latents[0, 1], latents[1, 0], latents[1, 1] = 1.0, 2.0, 5.0, 6.0
    sound = sound_of(EmbeddingSet("grid", latents, pitches=(60, 72), velocities=(50, 100)))
    for pitch, velocity, expected in ((66, 75, 3.5), (60, 50, 1.0), (72, 100, 6.0), (0, 1, 1.0), (127, 127, 6.0)):
        assert Player(sound, pitch=pitch, velocity=velocity).steps(1) == [pytest.approx(expected)]


def test_the_vibrato_is_the_nearest_notes():
    config = replace(CONFIG, motion=True, latent=5)
    latents = np.zeros((2, 2, 1, config.latent), np.float32)
    latents[0, 0], latents[0, 1], latents[1, 0], latents[1, 1] = 1.0, 2.0, 5.0, 6.0
    sound = sound_of(EmbeddingSet("grid", latents, pitches=(60, 72), velocities=(50, 100)), config=config)
    for pitch, velocity, mixed, alone in (
        (63, 90, 2.8, 2.0),
        (69, 60, 4.2, 5.0),
        (72, 100, 6.0, 6.0),
        (66, 75, 3.5, 6.0),
    ):
        found = Player(sound, config, pitch=pitch, velocity=velocity).step()
        assert found == pytest.approx([mixed, mixed, mixed, alone, mixed])


def test_latents_that_carry_the_pitch_are_not_mixed():
    config = WaveNetConfig(width=4, skip_width=4, layers=2, stages=2, latent=4, hop=HOP)
    latents = np.array([1.0, 3.0], np.float32).reshape(2, 1, 1, 1).repeat(4, -1)
    sound = sound_of(EmbeddingSet("pair", latents, pitches=(60, 72)), config=config)
    assert [Player(sound, config, pitch=pitch).steps(1)[0] for pitch in (60, 65, 67, 72)] == [1.0, 1.0, 3.0, 3.0]


def test_a_corner_is_its_sound_exactly():
    chance = np.random.default_rng(2)
    corners = [EmbeddingSet("x", chance.standard_normal((1, 1, 1, CONFIG.latent)).astype(np.float32)) for _ in range(4)]
    for index, (x, y) in enumerate(((0, 0), (1, 0), (0, 1), (1, 1))):
        player = Player(sound_of(*corners))
        player.weights = np.array([corner_weights(x, y)])
        np.testing.assert_array_equal(player.step(), corners[index].latents[0, 0, 0])


def constant(value):
    return EmbeddingSet("constant", np.full((1, 1, 1, CONFIG.latent), value, np.float32))


def test_every_voice_has_its_own_weights():
    sound = sound_of(*(constant(value) for value in (1.0, 2.0, 4.0, 8.0)))
    weights = np.array([[1.0, 0.0, 0.0, 0.0], [9.0, 9.0, 9.0, 9.0], [0.0, 0.0, 0.5, 0.5]])
    trajectories, slots = Trajectories(CONFIG, 3), np.array([0, 2])
    for slot in slots:
        trajectories.start(slot, 60.0, 100, 0.0)
    trajectories.advance(slots, sound, weights, sound.parameters)
    assert trajectories.latents[:, 0].tolist() == [1.0, 0.0, 6.0]


@pytest.mark.parametrize("points", [1, 3, 7])
def test_any_number_of_points(points):
    whole = sound_of(*(constant(value) for value in (1.0, 2.0, 4.0, 8.0)))
    order = np.arange(points) % 4
    sound = replace(
        whole, corners=whole.corners[order], pitches=whole.pitches[order], velocities=whole.velocities[order]
    )
    player = Player(sound)
    player.weights = np.full((1, points), 1 / points)
    assert player.steps(1) == [pytest.approx(np.mean(2.0**order))]


def test_a_jump_is_caught_up_with_but_a_note_starts_at_once():
    low, high = (EmbeddingSet("x", np.full((1, 1, 1, CONFIG.latent), value, np.float32)) for value in (0.0, 1.0))
    player = Player(sound_of(high), keep=None)
    assert player.steps(1) == [1.0]
    player.sound = sound_of(low)
    player.trajectories.jump(ONE)
    tick_ms = 1000 * TICK / CONFIG.rate
    assert player.steps(5) == pytest.approx([np.exp(-tick_ms * n / CATCH_UP_MS) for n in range(1, 6)], rel=1e-5)


def test_only_jumps_are_caught_up_with():
    """An attack is as steep as its frames, before and while a release is caught up with."""
    sound = sound_of(ramp(10, loop=(4, 5), release=7))
    player = Player(sound, keep=None)
    assert player.steps(3) == Player(sound).steps(3) == [1.0, 2.0, 3.0]
    player.release()
    behind = (3.0 - 7.5) * np.exp(-1000 * TICK / CONFIG.rate / CATCH_UP_MS * np.arange(1, 3))
    assert player.steps(2) == pytest.approx([7.5 + behind[0], 8.5 + behind[1]], rel=1e-5)


def loud_sound(decay_db_per_s, levels, **fields):
    latents = np.zeros((1, 1, len(levels), LOUD_CONFIG.latent), np.float32)
    latents[0, 0, :, -1] = levels
    config = replace(LOUD_CONFIG, hop=HOP)
    return config, sound_of(EmbeddingSet("x", latents, decay_db_per_s=decay_db_per_s, **fields), config=config)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_held_note_fades_from_the_loop_on(sign):
    config, sound = loud_sound(sign * 50.0, [-20.0] * 12, loop=(4, 8), release=10)
    levels = Player(sound, config).steps(200, channel=-1)
    assert levels[:4] == [-20.0] * 4
    seconds = (np.arange(1, 201) - 4) * HOP / config.rate
    assert levels == pytest.approx(-20.0 - 50.0 * np.maximum(seconds, 0.0), abs=1e-4)


@pytest.mark.parametrize("position", [0.25, 0.5, 1.0])
def test_a_sound_that_fades_starts_as_loud_from_every_position(position):
    config, sound = loud_sound(50.0, [-20.0] * 100, loop=(4, 90), release=98)
    fall_db = 50.0 * HOP / config.rate  # a tick
    levels = Player(sound, config, start=position).steps(30, -1)
    assert levels == pytest.approx(-20.0 - fall_db * np.arange(1, 31), abs=fall_db)
    assert np.diff(levels) == pytest.approx(-fall_db, abs=1e-4)


def test_what_a_jump_left_behind_does_not_become_denormal():
    player = Player(sound_of(constant(1.0)), keep=None)
    player.sound = sound_of(constant(0.0))
    player.trajectories.jump(ONE)
    player.steps(200)
    assert not player.trajectories._behind.any()


def test_what_fades_does_so_faster_beyond_the_highest_pitch_and_slower_below_the_lowest():
    config, sound = loud_sound(50.0, [-20.0] * 12, loop=(4, 8), release=10)
    falls = {pitch: -20.0 - Player(sound, config, pitch=pitch).steps(200, -1)[-1] for pitch in (48.0, 60.0, 84.0)}
    frames = {pitch: 200.5 * 2 ** (KEY_TRACKING * (pitch - 60.0) / 12) - 0.5 for pitch in falls}
    for pitch, fall in falls.items():
        assert fall == pytest.approx(50.0 * (frames[pitch] - 4) * HOP / config.rate, abs=1e-3)
    config, sound = loud_sound(0.0, [-20.0] * 5 + [-30.0] * 5, loop=(8, 8), release=9)
    assert Player(sound, config, pitch=84.0).steps(8, -1) == Player(sound, config).steps(8, -1)


def test_the_release_goes_on_from_the_level_of_the_moment():
    config, sound = loud_sound(50.0, [-20.0] * 10 + [-23.0, -30.0, -60.0], loop=(4, 8), release=9)
    player = Player(sound, config)
    level = player.steps(100, channel=-1)[-1]
    player.release()
    assert player.steps(4, channel=-1) == pytest.approx([level - 1.5, level - 6.5, level - 25, level - 40], abs=1e-4)


def test_what_fades_is_also_released_faster_beyond_the_highest_pitch():
    config, sound = loud_sound(50.0, [-20.0] * 10 + [-24.0, -28.0, -32.0, -36.0], loop=(4, 8), release=9)
    octave = 12 / KEY_TRACKING  # semitones for twice the tempo
    player = Player(sound, config, pitch=60.0 + octave)
    level = player.steps(20, channel=-1)[-1]
    player.release()
    assert player.steps(3, channel=-1) == pytest.approx([level - 4, level - 12, level - 16], abs=1e-4)


def test_what_has_no_release_fades_on_until_it_is_silent():
    config, sound = loud_sound(500.0, [-20.0] * 6, loop=(2, 5), release=6)
    held, let_go = Player(sound, config), Player(sound, config)
    assert let_go.steps(20, -1) == held.steps(20, -1)
    let_go.release()
    seconds = (1 / 2) * HOP / config.rate  # as a release is of the middle of its first tick too
    assert let_go.steps(10, -1) == pytest.approx(np.array(held.steps(10, -1)) + 500.0 * seconds, abs=1e-3)
    assert not let_go.over
    let_go.steps(100)
    assert let_go.over and not held.over


def test_one_corner_is_released_and_the_other_fades_on():
    config, sound = loud_sound(50.0, [-20.0] * 10 + [-24.0, -28.0, -32.0], loop=(4, 8), release=9)
    fading = loud_sound(50.0, [-20.0] * 9, loop=(4, 8), release=9)[1]
    both = replace(sound, corners=sound.corners.copy(), latents=np.concatenate([sound.latents, fading.latents]))
    both.corners[1] = fading.corners[1]
    both.corners[1]["offset"] = len(sound.latents)
    player = Player(both, config)
    player.weights = np.array([[0.5, 0.5, 0.0, 0.0]])
    (level,) = player.steps(30, -1)[-1:]
    player.release()
    fall = 0.5 * 50.0 * HOP / config.rate  # of half the sound, a tick; steeper than DAMPING_DB_PER_S
    released = 0.5 * np.array([2.0, 6.0, 10.0, 12.0])
    assert player.steps(4, -1) == pytest.approx(level - released - fall * (np.arange(4) + 0.5), abs=1e-3)


def test_a_steady_sound_without_a_release_is_damped():
    config, sound = loud_sound(0.0, [-20.0] * 6, loop=(2, 5), release=6)
    player = Player(sound, config)
    assert player.steps(20, -1)[-1] == -20.0
    player.release()
    seconds = (np.arange(100) + 0.5) * HOP / config.rate
    assert player.steps(100, -1) == pytest.approx(-20.0 - DAMPING_DB_PER_S * seconds, abs=1e-3)


def test_a_note_let_go_in_its_attack_stays_as_quiet():
    config, sound = loud_sound(0.0, [-60.0, -40.0, -20.0, 0.0, 0.0, 0.0, -10.0], loop=(3, 4), release=5)
    player = Player(sound, config)
    (level,) = player.steps(1, channel=-1)
    player.release()
    assert player.steps(2, channel=-1) == pytest.approx([level - 5, level - 10])


def test_a_decayed_note_does_not_become_denormal():
    config, sound = loud_sound(60.0, [0.0] * 12, loop=(4, 8), release=10)
    player = Player(sound, config)
    player.speed = 1000.0
    assert player.steps(5, channel=-1)[-1] == -120.0


def ways(weights, life, note, ticks=400, loop=(20, 60)):
    """float64 (ticks,): frames of a note of a sound whose four corners say their own frame's number."""
    sound = sound_of(*(ramp(80, loop=loop, release=70) for _ in range(4)))
    trajectories = Trajectories(CONFIG, 1)
    trajectories.start(0, 60.0, 100, 0.0, life, stream(0, note))
    frames = np.zeros(ticks)
    for tick in range(ticks):
        trajectories.advance(ONE, sound, np.array([weights]), sound.parameters)
        trajectories.sounded(ONE, TICK)
        frames[tick] = trajectories.latents[0, 0]
    return frames


@settings(max_examples=15, deadline=None)
@given(life=st.floats(0.05, 1.0), note=st.integers(0, 10**6), length=st.integers(0, 58))
def test_with_life_a_loop_turns_where_it_is_drawn_and_never_jumps(life, note, length):
    frames = ways((1.0, 0.0, 0.0, 0.0), life, note, loop=(20, 20 + length))
    reach = TURNING * life * length
    first = int(np.argmax(frames >= 20 + length - reach - 1))  # about to turn for the first time
    assert np.array_equal(frames[:first], np.maximum(np.arange(first), 0))
    assert frames[80:].min() >= 20 - 1e-4 and frames.max() <= 20 + length + 1e-4
    assert np.abs(np.diff(frames)).max() <= 1 + 1e-4


def test_with_life_nothing_comes_back_as_it_was():
    one, other = (ways(corner, 1.0, 7, 1600) for corner in np.eye(4)[:2])
    assert np.abs(one - other).max() > 5 and np.abs(one - ways((1, 0, 0, 0), 1.0, 8, 1600)).max() > 5
    np.testing.assert_array_equal(one, ways((1, 0, 0, 0), 1.0, 7, 1600))

    def alike(frames, lags):
        held = frames[80:] - frames[80:].mean()
        return max(
            held[lag:] @ held[:-lag] / np.sqrt((held[lag:] ** 2).sum() * (held[:-lag] ** 2).sum()) for lag in lags
        )

    turns = range(60, 300)
    assert alike(ways((1, 0, 0, 0), 0.0, 7, 1600), turns) > 0.99
    assert alike((one + other) / 2, turns) < 0.7


@dataclass(frozen=True)
class DetailConfig(WaveNetConfig):
    """Two channels of timbre, those of four harmonics and of a band of noise, and the loudness."""

    @property
    def detail(self):
        return slice(2, 7)


DETAIL_CONFIG = DetailConfig(width=4, skip_width=4, layers=2, stages=2, taps=2, latent=8, harmonics=4, loudness=True)


def struck(config, velocity, velocities, pitch=60.0, **parameters):
    """float32 (latent,): of a sound of zeros."""
    latents = np.zeros((1, len(velocities), 3, config.latent), np.float32)
    sound = sound_of(EmbeddingSet("zeros", latents, (60,), velocities, loop=(1, 2), release=3), config=config)
    for name, value in parameters.items():
        sound.parameters[Param[name.upper()]] = value
    return Player(sound, config, pitch=pitch, velocity=velocity).trajectories.latents[0]


def test_a_stroke_above_the_middle_of_the_stored_velocities_is_brighter_and_one_below_duller():
    for velocity, velocities, steps in ((127, (100,), 27), (20, (100,), -80), (20, (45, 125), -65), (90, (45, 125), 5)):
        slope = 12.0 * steps / 126 * np.log(10) / 20  # detail is a natural logarithm
        wanted = [0, 0, 0, slope, slope * np.log2(3), 2 * slope, 0, 0]
        np.testing.assert_allclose(struck(DETAIL_CONFIG, velocity, velocities, brightness=12.0), wanted, rtol=1e-6)
    assert not struck(DETAIL_CONFIG, 127, (100,)).any()
    assert not struck(LOUD_CONFIG, 127, (100,), brightness=12.0).any()  # it has no such channels


@pytest.mark.parametrize(("pitch", "level"), [(36.0, -12.0), (54.0, -3.0), (60.0, 0.0), (90.0, 0.0)])
def test_keys_below_the_lowest_one_stored_are_softer_by_the_octave(pitch, level):
    np.testing.assert_allclose(struck(LOUD_CONFIG, 100, (100,), pitch, low_key_db=-6.0), [0, 0, 0, level])
