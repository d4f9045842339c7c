"""Weights that are not told the pitch, played in tune: a decoder that plays just the note that its latents hold."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.signal import hilbert

from engine.commands import (
    ControlChange,
    NoteOff,
    NoteOn,
    Panic,
    PitchBend,
    SetPad,
    SetParameter,
    TuneKeys,
    TuneMaster,
)
from engine.parameters import Param
from engine.synth import Synth
from engine.voice.sound import Sound
from presets.preset import EmbeddingSet, Preset
from tests.engine.playing import MODEL_RATE, RATE, cents, click_db, frequency, make_repitched, make_synth, note, play
from tests.fakes import NOTE_CONFIG, NoteDecoder, note_preset

FACTORY = tuple(range(24, 97, 4))  # the source notes of presets for Magenta's weights
KEYS = range(21, 109)
LIMIT_CENTS = 5.0
CLICK_DB = -60.0
MUSIC = (
    *note(0.01, 0.3, 60, 100),
    *note(0.0213, 0.2, 75, 90),
    *note(0.1, 0.35, 40, 127),
    (0.15, SetPad(0.8, 0.4)),
    (0.17, PitchBend(3000)),
    (0.2222, SetParameter(Param.TUNING_HZ, 444.0)),
)


def hz(key):
    return 440 * 2 ** ((key - 69) / 12)


def course_cents(audio):
    """Pitch over time against A4, in windows of 10 ms; of a sound of one partial."""
    phase = np.unwrap(np.angle(hilbert(audio[:, 0])))
    window = np.hanning(481)
    steps = np.convolve(np.diff(phase), window / window.sum(), mode="valid")
    return cents(steps * RATE / (2 * np.pi), 440.0)


def test_every_key_is_in_tune():
    synth = make_repitched(FACTORY)
    for key in KEYS:
        audio = play(synth, 0.6, (0, NoteOn(key, 100)))[RATE // 10 :]
        assert abs(cents(frequency(audio), hz(key))) < LIMIT_CENTS / 2, key  # the half is for the measuring
        synth.reset()


@pytest.mark.parametrize("key", [36, 48, 59, 61, 72, 84])
def test_one_source_note_reaches_two_octaves(key):
    audio = play(make_repitched((60,)), 0.6, (0, NoteOn(key, 100)))[RATE // 10 :]
    assert abs(cents(frequency(audio), hz(key))) < 1.0


@pytest.mark.parametrize(("key", "held_at"), [(21, 36), (108, 84)])
def test_beyond_two_octaves_it_stays_there(key, held_at):
    synth = make_repitched((60,))
    audio = play(synth, 0.6, (0, NoteOn(key, 100)))[RATE // 10 :]
    assert abs(cents(frequency(audio), hz(held_at))) < 1.0 and synth.beyond
    play(synth, 0.5, (0, Panic()))
    assert not synth.beyond


@pytest.mark.parametrize("bend_range", [2.0, 12.0])
@pytest.mark.parametrize("value", [-8192, -3000, 8191])
@pytest.mark.parametrize("key", [45, 62])
def test_a_bent_key_is_in_tune(key, value, bend_range):
    synth = make_repitched(FACTORY, parameters={"bend_range": bend_range})
    audio = play(synth, 0.6, (0, PitchBend(value)), (0, NoteOn(key, 100)))[RATE // 10 :]
    expected = key + bend_range * value / (8192 if value < 0 else 8191)
    assert abs(cents(frequency(audio), hz(expected))) < 1.0


SWEEP = [(0.2 + step / 250, PitchBend(round(-8192 + 16383 * step / 200))) for step in range(201)]
MOVEMENTS = {
    "a moving bend": SWEEP,
    "a jump of the bend": [(0.5, PitchBend(8191)), (0.7, PitchBend(-8192))],
    "vibrato": [(0.1, ControlChange(1, 127))],
    "tuning": [(0.3, SetParameter(Param.TUNING_HZ, 452.0))],
    "a tuned key": [(0.3, TuneKeys(((69, 69.33),)))],
    "the master": [(0.3, TuneMaster(-40.0))],
}


@pytest.mark.parametrize("events", MOVEMENTS.values(), ids=MOVEMENTS.keys())
@pytest.mark.parametrize("source", [57, 64, 69, 76])
def test_pitch_moves_as_that_of_a_network_that_is_told(source, events):
    fields = {"parameters": {"bend_range": 12.0}}
    events = [(0, NoteOn(69, 127)), *events]
    told = course_cents(play(make_synth(mapping=False, **fields), 1.2, *events)[RATE // 20 :])
    heard = course_cents(play(make_repitched((source,), **fields), 1.2, *events)[RATE // 20 :])
    later = RATE // 16000  # a speed leads from one sample to the next: what changes it is heard from the next on
    assert np.abs(heard[later:] - told[:-later])[1000:-1000].max() < LIMIT_CENTS


WALK = [(0.2 + step / 100, SetPad(step / 50, 1 - step / 50)) for step in range(51)]


def test_the_pad_moves_in_tune_over_sounds_of_different_source_notes():
    """Every corner has notes that are nearer to the key; 55 is what all have."""
    synth = make_repitched((55, 61, 67), (43, 55, 60), (55, 62), (48, 55, 63))
    heard = course_cents(play(synth, 1.0, (0, NoteOn(61, 127)), (0, SetPad(0.0, 1.0)), *WALK)[RATE // 20 :])
    assert np.abs(heard - 100 * (61 - 69))[1000:-1000].max() < LIMIT_CENTS


def test_without_a_note_in_common_the_pad_moves_in_tune():
    synth = make_repitched((60,), (76,), (51,), (65,))
    heard = course_cents(play(synth, 1.0, (0, NoteOn(64, 127)), (0, SetPad(0.0, 1.0)), *WALK)[RATE // 20 :])
    assert np.abs(heard + 500)[1000:-1000].max() < LIMIT_CENTS


@pytest.mark.parametrize("pad", [(0, 0), (1, 0), (0, 1), (1, 1), (0.5, 0.5), (0.2, 0.9)])
def test_without_a_note_in_common_every_place_of_the_pad_is_in_tune(pad):
    synth = make_repitched((60,), (62,), (57, 64), (50,))
    audio = play(synth, 0.6, (0, SetPad(*pad)), (0, NoteOn(66, 127)))[RATE // 10 :]
    assert abs(cents(frequency(audio), hz(66))) < 1.0


def test_a_new_preset_under_a_held_note_keeps_its_pitch():
    synth = make_repitched((60,))
    before = play(synth, 0.5, (0, NoteOn(64, 127)))
    synth.load(Sound.from_preset(note_preset((66,)), NOTE_CONFIG))
    audio = np.concatenate([before, play(synth, 0.5)])
    heard = course_cents(audio[RATE // 20 :])
    assert np.abs(heard + 500)[1000:-1000].max() < LIMIT_CENTS
    assert click_db(audio) < CLICK_DB


@pytest.mark.parametrize("key", [40, 60, 69, 83])
@pytest.mark.parametrize("sample", [0, 1, 37, 100])
def test_a_note_begins_as_early_as_with_a_network_that_is_told(key, sample):
    def begin(synth):
        synth.handle(NoteOn(key, 127), sample)
        return int(np.argmax(np.abs(play(synth, 0.1)[:, 0]) > 1e-3))

    fields = {"parameters": {"attack_ms": 0.0}}
    sixteenth_of_a_period = RATE / hz(key) / 16
    assert abs(begin(make_repitched((60,), **fields)) - begin(make_synth(**fields))) <= 3 + sixteenth_of_a_period


CLICKS = {
    "on and off": [*note(0.05, 0.2003, 45)],
    "a short release": [(0, SetParameter(Param.RELEASE_MS, 5.0)), *note(0.05, 0.2003, 45)],
    "retrigger": [(0.1 + 0.0531 * index, NoteOn(45, 127)) for index in range(10)],
    "steal": [(0.1 + 0.0531 * index, NoteOn(41 + index % 8, 127)) for index in range(20)],
    "bend": [(0, NoteOn(45, 127)), (0.2503, PitchBend(8191)), (0.3, PitchBend(-8192))],
    "pad": [(0, NoteOn(45, 127)), (0.2503, SetPad(1.0, 1.0))],
    "panic": [(0, NoteOn(45, 127)), (0.2503, Panic())],
    "speed": [(0, NoteOn(45, 127)), (0.2503, SetParameter(Param.SPEED, 4.0))],
}


@pytest.mark.parametrize("events", CLICKS.values(), ids=CLICKS.keys())
@pytest.mark.parametrize("source", [33, 45, 60])
def test_no_clicks(source, events):
    synth = make_repitched((source,), polyphony=2, voices=4, parameters={"attack_ms": 10.0})
    assert click_db(play(synth, 1.5, *events)) < CLICK_DB


@pytest.mark.parametrize("rate", [44100, 48000])
def test_blocks_do_not_matter(rate):
    fields = {"rate": rate, "parameters": {"temperature": 0.1}}
    expected = play(make_repitched((48, 60), **fields), 0.5, *MUSIC, rate=rate)
    for size in (1, 64, 960):
        synth = make_repitched((48, 60), **fields)
        play(synth, 0.0, *MUSIC)
        blocks = np.zeros_like(expected)
        for at in range(0, len(blocks), size):
            synth.render(blocks[at : at + size])
        np.testing.assert_array_equal(blocks, expected)


def test_splitting_a_tick_does_not_touch_other_voices():
    events = (0, NoteOn(63, 127)), (0.1, SetPad(1.0, 0.5)), (0.1, PitchBend(2000))
    splits = [(0.1 + at * 0.00123, NoteOff(1)) for at in range(200)]
    expected = play(make_repitched((60,)), 0.5, *events)
    np.testing.assert_array_equal(play(make_repitched((60,)), 0.5, *events, *splits), expected)


def test_reset_and_replay_is_the_same():
    synth = make_repitched((48, 60), parameters={"temperature": 0.5})
    first = play(synth, 0.5, *MUSIC)
    synth.load(Sound.from_preset(note_preset((48, 60), parameters={"temperature": 0.5}), NOTE_CONFIG))
    synth.reset()
    np.testing.assert_array_equal(play(synth, 0.5, *MUSIC), first)


def test_a_chord_takes_as_many_steps_as_its_highest_note():
    decoder = NoteDecoder()
    synth = Synth(decoder)
    synth.load(Sound.from_preset(note_preset((60,)), NOTE_CONFIG))
    play(synth, 0.2, *[(0, NoteOn(key, 100)) for key in (48, 55, 60, 67, 84)])
    decoder.steps, before = 0, synth.samples
    play(synth, 1.0)
    assert decoder.steps == pytest.approx(4 * (synth.samples - before), rel=0.01)
    assert synth.speed == pytest.approx(np.mean([0.5, 2 ** (-5 / 12), 1.0, 2 ** (7 / 12), 4.0]), rel=1e-3)


@pytest.mark.parametrize("key", [36, 48, 60, 72, 84])
def test_an_attack_lasts_as_long_at_every_key(key):
    """The way through the frames is the clock's: after 20 of 40 frames half of the ramp is reached."""
    rise = np.zeros((1, 1, 40, NOTE_CONFIG.latent), np.float32)
    rise[..., 0], rise[..., 1] = np.linspace(0.0, 0.5, 40)[None, None], 60.0
    synth = make_repitched(rate=MODEL_RATE)
    sound = EmbeddingSet("rise", rise, pitches=(60,), loop=(39, 39), release=40)
    synth.load(Sound.from_preset(Preset("Rise", (sound,) * 4), NOTE_CONFIG))
    level = np.abs(hilbert(play(synth, 1.5, (0, NoteOn(key, 127)), rate=MODEL_RATE)[:, 0]))
    level[: MODEL_RATE // 10] = 0.0  # where the transform hears the end
    halfway = int(np.argmax(level > 0.5 * np.median(level[-1600:]))) / MODEL_RATE
    assert halfway == pytest.approx(20 * NOTE_CONFIG.hop / MODEL_RATE, abs=0.012)


sevens = st.integers(0, 127)
EVENTS = st.one_of(
    st.builds(NoteOn, sevens, sevens),
    st.builds(NoteOff, sevens),
    st.builds(PitchBend, st.integers(-8192, 8191)),
    st.builds(SetPad, st.floats(0, 1), st.floats(0, 1)),
    st.builds(ControlChange, sevens, sevens),
    st.builds(lambda value: SetParameter(Param.TUNING_HZ, value), st.floats(-1e9, 1e9)),
    st.builds(lambda value: SetParameter(Param.TRANSPOSE, value), st.floats(-100, 100)),
    st.builds(lambda value: SetParameter(Param.BEND_RANGE, value), st.floats(-100, 100)),
    st.builds(TuneMaster, st.floats(-100, 100), st.floats(-64, 63)),
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.floats(0, 0.2), EVENTS), max_size=40))
def test_whatever_is_played_is_sound_and_ends(events):
    synth = make_repitched((24, 60), (60, 96), (60,), (59,), polyphony=3, voices=5)
    assert np.isfinite(play(synth, 0.25, *events)).all()
    play(synth, 0.05, (0, Panic()))
    assert synth.idle
