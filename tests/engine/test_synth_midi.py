"""What a musician expects of MIDI, in the sound (behaviour rows 3-11, R7)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.commands import (
    ChannelPressure,
    ControlChange,
    LetGo,
    NoteOff,
    NoteOn,
    Panic,
    PitchBend,
    PolyPressure,
    SetParameter,
    TuneKeys,
    TuneMaster,
    TuneScale,
)
from engine.events.midi import Parser
from engine.parameters import Param
from engine.voice.sound import Sound
from tests.engine.playing import RATE, cents, frequency, level_db, make_synth, play
from tests.fakes import FAKE_CONFIG, fake_preset


@pytest.fixture
def synth():
    return make_synth(parameters={"release_ms": 50.0})


def notes(synth):
    return sorted(voice.note for voice in synth.sounding() if voice.held)


def control(number, value, channel=0):
    return ControlChange(number, value, channel)


def bend_cents(synth):
    play(synth, 0.2)
    return cents(frequency(play(synth, 1.0)), 440.0)


def test_bend_is_two_semitones_each_way(synth):
    play(synth, 0.1, (0, NoteOn(69, 100)), (0, PitchBend(8191)))
    assert bend_cents(synth) == pytest.approx(200, abs=0.5)
    synth.handle(PitchBend(-8192))
    assert bend_cents(synth) == pytest.approx(-200, abs=0.5)
    synth.handle(PitchBend(-4096))
    assert bend_cents(synth) == pytest.approx(-100, abs=0.5)


def test_bend_range_by_parameter_and_by_rpn(synth):
    play(synth, 0.1, (0, NoteOn(69, 100)), (0, PitchBend(8191)), (0, SetParameter(Param.BEND_RANGE, 12.0)))
    assert bend_cents(synth) == pytest.approx(1200, abs=0.5)
    for number, value in ((101, 0), (100, 0), (6, 5), (38, 0), (101, 127), (100, 127), (6, 40)):
        synth.handle(control(number, value))
    assert bend_cents(synth) == pytest.approx(500, abs=0.5)


def test_bend_is_the_channels_own(synth):
    play(synth, 0.1, (0, NoteOn(69, 100)), (0, PitchBend(8191, channel=1)))
    assert bend_cents(synth) == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize("event", [control(1, 127), ChannelPressure(127), PolyPressure(69, 127)], ids=str)
def test_vibrato(event):
    synth = make_synth(mapping=False)  # else the pad would move, too
    play(synth, 0.1, (0, NoteOn(69, 100)))
    assert abs(bend_cents(synth)) < 0.5
    synth.handle(event)
    audio = play(synth, 2.0)[:, 0]
    crossings = np.nonzero((audio[:-1] < 0) & (audio[1:] >= 0))[0]
    exact = crossings - audio[crossings] / (audio[crossings + 1] - audio[crossings])
    swing = cents(RATE / np.diff(exact)[RATE // 500 :], 440.0)
    assert 40 < swing.max() < 52
    assert -52 < swing.min() < -40


def test_volume_expression_pan(synth):
    loud = level_db(play(synth, 0.5, (0, NoteOn(69, 127)), (0, control(7, 127))))
    synth.handle(control(7, 64))
    synth.handle(control(11, 64))
    play(synth, 0.2)
    assert level_db(play(synth, 0.2)) == pytest.approx(loud - 23.8, abs=0.2)
    synth.handle(control(10, 0))
    play(synth, 0.2)
    left, right = np.abs(play(synth, 0.2)).max(0)
    assert right < 1e-6 < left


def test_soft_pedal(synth):
    loud = level_db(play(synth, 0.5, (0, NoteOn(69, 100))))
    play(synth, 0.2, (0, NoteOff(69)), (0, control(67, 127)))
    assert level_db(play(synth, 0.5, (0, NoteOn(69, 100)))) == pytest.approx(loud - 4, abs=0.2)


def test_the_same_note_twice_awaits_both_offs(synth):
    play(synth, 0.1, (0, NoteOn(60, 100)), (0.03, NoteOn(60, 100)))
    assert notes(synth) == [60]
    play(synth, 0.2, (0, NoteOff(60)))
    assert notes(synth) == [60]
    play(synth, 0.2, (0, NoteOff(60)))
    assert synth.idle
    play(synth, 0.2, (0, NoteOff(60)), (0, NoteOn(60, 100)), (0.1, NoteOff(60)))  # an off too many counts for nothing
    assert synth.idle


@pytest.mark.parametrize("end", [ControlChange(123, 0), ControlChange(120, 0), LetGo(0), Panic()])
def test_what_ends_all_notes_awaits_no_off(synth, end):
    play(synth, 0.1, (0, NoteOn(60, 100)), (0.03, NoteOn(60, 100)), (0.06, end))
    play(synth, 0.2, (0, NoteOn(60, 100)), (0.1, NoteOff(60)))
    assert synth.idle


def test_a_note_that_is_let_go_at_once_is_heard(synth):
    audio = play(synth, 0.2, (0, NoteOn(69, 127)), (0, NoteOff(69)))
    loud = np.flatnonzero(np.abs(audio[:, 0]) > 0.01)
    assert 0.02 < np.ptp(loud) / 48000 < 0.08 and synth.idle


def test_ports_share_nothing(synth):
    other = 16
    play(synth, 0.1, (0, control(7, 0)), (0, control(64, 127)), (0, PitchBend(8191)))
    audio = play(synth, 0.5, (0, NoteOn(69, 127, other)), (0, NoteOn(60, 127)))
    assert abs(cents(frequency(audio[4800:]), 440.0)) < 1  # neither bent nor silent, while the other port's is both
    play(synth, 0.2, (0, NoteOff(69, other)), (0, NoteOff(60)))
    assert notes(synth) == [60]
    play(synth, 0.2, (0, LetGo(1)))
    assert notes(synth) == [60]
    play(synth, 0.2, (0, LetGo(0)))
    assert synth.idle


def test_whoever_is_gone_leaves_nothing_bent():
    synth = make_synth(mapping=False)
    gone = [NoteOn(60, 100), control(66, 127), control(64, 127), control(1, 127), PitchBend(-8192)]
    play(synth, 0.2, *((0, event) for event in [*gone, ChannelPressure(127), PolyPressure(60, 127)]), (0.1, LetGo()))
    play(synth, 0.2)
    assert synth.idle
    audio = play(synth, 1.0, (0, NoteOn(69, 127)))
    for start in range(4800, 43200, 4800):
        assert abs(cents(frequency(audio[start : start + 4800]), 440.0)) < 1


def test_registered_tuning_and_increments(synth):
    tuned = [control(101, 0), control(100, 2), control(6, 76), control(100, 1), control(6, 96), control(38, 0)]
    audio = play(synth, 0.5, *((0, event) for event in tuned), (0, NoteOn(57, 127)))
    assert abs(cents(frequency(audio[4800:]), 440.0 * 2 ** (0.5 / 12))) < 1  # an octave and 50 cents
    play(
        synth,
        0.2,
        (0, NoteOff(57)),
        (0, control(100, 0)),
        (0, control(96, 0)),
        (0, control(96, 0)),
        (0, control(97, 0)),
    )
    audio = play(synth, 0.5, (0, NoteOn(57, 127)), (0, PitchBend(8191)))
    assert abs(cents(frequency(audio[4800:]), 440.0 * 2 ** (3.5 / 12))) < 1  # a range of 3


def test_a_preset_leaves_the_bend_range_that_a_controller_set(synth):
    play(synth, 0.1, (0, control(101, 0)), (0, control(100, 0)), (0, control(6, 12)))
    synth.load(Sound.from_preset(fake_preset(parameters={"bend_range": 5.0}), FAKE_CONFIG))
    for channel, semitones in ((0, 12), (1, 5)):
        audio = play(synth, 0.5, (0, PitchBend(8191, channel)), (0, NoteOn(57, 127, channel)))
        assert abs(cents(frequency(audio[4800:]), 220.0 * 2 ** (semitones / 12))) < 1
        play(synth, 0.2, (0, NoteOff(57, channel)))
    play(synth, 0.1, (0, SetParameter(Param.BEND_RANGE, 2.0)))
    audio = play(synth, 0.5, (0, NoteOn(57, 127)))
    assert abs(cents(frequency(audio[4800:]), 220.0 * 2 ** (2 / 12))) < 1


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (TuneKeys(((69, 68.5), (70, 12.0))), -0.5),
        (TuneScale((0.0,) * 9 + (25.0, 0.0, 0.0)), 0.25),
        (TuneMaster(cents=-30.0), -0.3),
        (TuneMaster(semitones=3.0), 3.0),
    ],
)
def test_tuning_moves_what_sounds(synth, event, expected):
    audio = play(synth, 1.0, (0, NoteOn(69, 127)), (0.2, event))
    assert abs(cents(frequency(audio[-24000:]), 440.0 * 2 ** (expected / 12))) < 1


def test_the_window_is_told_which_notes_a_pedal_alone_holds(synth):
    def seen():
        return {voice.note: (voice.held, voice.pedal) for voice in synth.sounding()}

    events = [NoteOn(60, 100), NoteOn(64, 100), control(64, 127), NoteOff(60)]
    play(synth, 0.1, *((0.01 * i, event) for i, event in enumerate(events)))
    assert seen() == {60: (True, True), 64: (True, False)}
    play(synth, 0.01, (0, control(64, 0)))
    assert seen() == {60: (False, False), 64: (True, False)}


def test_sustain(synth):
    play(synth, 0.1, (0, NoteOn(60, 100)), (0.01, control(64, 64)), (0.02, NoteOff(60)))
    play(synth, 0.5, (0, NoteOn(60, 100)), (0.01, NoteOff(60)))
    assert notes(synth) == [60]
    play(synth, 0.2, (0, control(64, 63)))
    assert synth.idle


def test_sostenuto(synth):
    play(synth, 0.1, (0, NoteOn(60, 100)), (0.01, control(66, 127)), (0.02, NoteOn(64, 100)))
    play(synth, 0.3, (0, NoteOff(60)), (0, NoteOff(64)))
    assert notes(synth) == [60]
    play(synth, 0.3, (0, control(66, 0)))
    assert synth.idle


def test_all_sound_off_is_silence_in_10_ms(synth):
    play(synth, 0.3, (0, NoteOn(60, 127)), (0, control(64, 127)))
    synth.handle(control(120, 0))
    play(synth, 0.01)
    assert level_db(play(synth, 0.1)) < -60


def test_panic_forgets_pedals(synth):
    play(synth, 0.3, (0, NoteOn(60, 127)), (0, control(64, 127)))
    synth.handle(Panic())
    play(synth, 0.01)
    assert level_db(play(synth, 0.1)) < -60
    play(synth, 0.3, (0, NoteOn(60, 127)), (0.1, NoteOff(60)))
    assert synth.idle


@pytest.mark.parametrize("number", [123, 124, 125, 126, 127])
def test_all_notes_off_waits_for_the_pedal(synth, number):
    play(synth, 0.3, (0, NoteOn(60, 127)), (0, control(64, 127)), (0.1, control(number, 0)))
    assert notes(synth) == [60]
    play(synth, 0.3, (0, control(64, 0)))
    assert synth.idle


def test_reset_controllers_lets_go(synth):
    play(synth, 0.3, (0, NoteOn(60, 127)), (0, control(64, 127)), (0, control(66, 127)), (0.1, NoteOff(60)))
    assert notes(synth) == [60]
    play(synth, 0.3, (0, control(121, 0)))
    assert synth.idle


RELEASE_MS = 50.0
SHARED = make_synth(parameters={"release_ms": RELEASE_MS})
DATA = st.integers(0, 127)
STATUS = st.sampled_from([0x80, 0x90, 0x90, 0x90, 0xB0, 0xA0, 0xC0, 0xD0, 0xE0, 0xF0, 0xF7, 0xF8])
STREAM = st.lists(st.one_of(st.integers(0, 255), DATA, st.builds(int.__or__, STATUS, st.integers(0, 15))), max_size=300)


@given(STREAM)
@settings(max_examples=60, deadline=None)
def test_no_bytes_leave_a_stuck_note(stream):
    parser = Parser()
    SHARED.reset()
    for event in parser.feed(stream):
        SHARED.handle(event)
        if isinstance(event, NoteOff):
            SHARED.advance()
    play(SHARED, 0.02)
    for channel in range(16):
        for event in parser.feed([0xB0 | channel, 64, 0, 66, 0, 123, 0]):
            SHARED.handle(event)
    audio = play(SHARED, 2 * RELEASE_MS / 1000)
    assert np.isfinite(audio).all()
    assert SHARED.idle
