"""One voice or many: mono, legato, glide, priority and unison, as they are heard."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.commands import ControlChange, LetGo, NoteOff, NoteOn, SetParameter
from engine.events.keys import HIGHEST, LAST, LOWEST, Key, Solo
from engine.parameters import GLIDES, MODES, Param
from tests.engine.playing import RATE, cents, click_db, frequency, level_db, make_synth, play
from tests.fakes import FakeDecoder

MONO, LEGATO = MODES.index("mono"), MODES.index("legato")


def playing(mode, **parameters):
    synth = make_synth(parameters={"release_ms": 20.0})
    synth.handle(SetParameter(Param.VOICE_MODE, mode))
    for name, value in parameters.items():
        synth.handle(SetParameter(Param[name.upper()], value))
    return synth


def notes(synth):
    return [voice.note for voice in synth.sounding() if voice.held]


def hz(note):
    return 440.0 * 2 ** ((note - 69) / 12)


@pytest.mark.parametrize("mode", [MONO, LEGATO])
def test_one_note_at_a_time_and_the_one_before_comes_back(mode):
    synth = playing(mode)
    for event, wanted in (
        (NoteOn(60, 100), [60]), (NoteOn(64, 100), [64]), (NoteOn(67, 100), [67]),
        (NoteOff(64), [67]), (NoteOff(67), [60]), (NoteOff(60), []),
    ):  # fmt: skip
        audio = play(synth, 0.3, (0.0, event))
        assert notes(synth) == wanted
        if wanted:
            assert abs(cents(frequency(audio[4800:]), hz(wanted[0]))) < 1
    play(synth, 0.2)
    assert synth.idle


@pytest.mark.parametrize(
    ("priority", "wanted"), [(LAST, [60, 72, 48, 48]), (LOWEST, [60, 60, 48, 48]), (HIGHEST, [60, 72, 72, 60])]
)
def test_which_key_sounds(priority, wanted):
    solo, found = Solo(), []
    for note in (60, 72, 48):
        solo.press(Key(0, note, 100), priority)
        found.append(solo.sounding.note)
    solo.lift(0, 72, priority)
    assert [*found, solo.sounding.note] == wanted


def test_a_key_struck_again_sounds_again():
    solo = Solo()
    assert solo.press(Key(0, 60, 100), LAST)
    assert solo.press(Key(0, 60, 90), LAST)
    assert not solo.press(Key(0, 72, 90), LOWEST)


def resets(monkeypatch):
    """How often the decoder began anew."""
    found = []
    monkeypatch.setattr(FakeDecoder, "reset", lambda decoder, slots: found.extend(slots))
    return found


def test_legato_goes_on_and_mono_begins_anew(monkeypatch):
    for mode, wanted in ((LEGATO, 1), (MONO, 3)):
        synth = playing(mode)
        play(synth, 0.1)
        begun = resets(monkeypatch)
        play(synth, 0.3, (0.0, NoteOn(60, 100)), (0.1, NoteOn(64, 100)), (0.2, NoteOff(64)))
        assert len(begun) == wanted
        play(synth, 0.3, (0.0, NoteOff(60)), (0.1, NoteOn(62, 100)))
        assert len(begun) == wanted + 1  # a key after a gap begins anew in both


def test_legato_does_not_click():
    synth = playing(LEGATO)
    audio = play(synth, 1.0, (0.0, NoteOn(48, 127)), (0.5, NoteOn(55, 127)), (0.8, NoteOff(55)))
    audio[: RATE // 4] *= np.linspace(0, 1, RATE // 4)[:, np.newaxis]  # the note's own beginning
    assert click_db(audio) < -60


def glides(glide, *events, glide_ms=200.0, mode=0):
    synth = playing(mode, glide_ms=glide_ms, glide=GLIDES.index(glide))
    return play(synth, 1.5, *events)


def at(audio, second):
    begin = round(second * RATE)
    return frequency(audio[begin : begin + 1920])


def test_a_glide_takes_its_time_and_arrives():
    audio = glides("legato", (0.0, NoteOn(57, 127)), (0.5, NoteOn(69, 127)), mode=LEGATO)
    assert abs(cents(at(audio, 0.44), hz(57))) < 5
    assert abs(cents(at(audio, 0.58), hz(63))) < 60  # half-way, over a window of 40 ms
    assert abs(cents(at(audio, 0.75), hz(69))) < 5


def test_the_time_of_a_rate_is_that_of_an_octave():
    for to, there in ((81, 0.5 + 0.4), (63, 0.5 + 0.1)):
        audio = glides("legato/oct", (0.0, NoteOn(57, 127)), (0.5, NoteOn(to, 127)), mode=LEGATO)
        assert abs(cents(at(audio, there - 0.06), hz(to))) > 20
        assert abs(cents(at(audio, there + 0.03), hz(to))) < 5


def test_always_glides_over_a_gap_and_legato_does_not():
    line = (0.0, NoteOn(57, 127)), (0.3, NoteOff(57)), (0.6, NoteOn(69, 127))
    assert cents(at(glides("always", *line), 0.61), hz(69)) < -300
    assert abs(cents(at(glides("legato", *line), 0.61), hz(69))) < 5


def test_unison_is_many_voices_out_of_tune_and_apart():
    synth = playing(0, unison=4, detune_cents=20.0, spread=1.0)
    audio = play(synth, 2.0, (0.0, NoteOn(69, 100)))
    assert len(synth.sounding()) == 5
    spectrum = np.abs(np.fft.rfft(audio[RATE // 2 :].sum(1) * np.hanning(3 * RATE // 2)))
    found = np.flatnonzero(spectrum > 0.3 * spectrum.max()) * 2 / 3
    assert cents(found.max(), 440.0) == pytest.approx(20, abs=4)
    assert cents(found.min(), 440.0) == pytest.approx(-20, abs=4)
    assert not np.allclose(audio[:, 0], audio[:, 1], atol=0.01)
    play(synth, 0.2, (0.0, NoteOff(69)))
    assert synth.idle


def test_unison_is_about_as_loud_as_one():
    alone, many = (
        np.sqrt(np.mean(np.square(play(playing(0, unison=count), 2.0, (0.0, NoteOn(60, 100))))[RATE // 2 :]))
        for count in (0, 7)
    )
    assert abs(20 * np.log10(many / alone)) < 2


def test_unison_takes_no_more_voices_than_there_are():
    synth = playing(0, unison=7)
    play(synth, 0.2, *((0.05 * number, NoteOn(60 + number, 100)) for number in range(4)))
    assert len(synth.sounding()) == 8
    assert set(notes(synth)) == {63}


def test_keys_can_be_louder_higher_up():
    levels = [level_db(play(playing(0, key_db=6.0), 0.3, (0.0, NoteOn(note, 60)))) for note in (48, 60, 72)]
    assert np.diff(levels) == pytest.approx([6, 6], abs=0.5)


def test_a_pedal_holds_the_line():
    synth = playing(LEGATO)
    play(synth, 0.2, (0.0, ControlChange(64, 127)), (0.0, NoteOn(60, 100)), (0.1, NoteOff(60)))
    assert [voice.pedal for voice in synth.sounding()] == [True]
    play(synth, 0.2, (0.0, NoteOn(64, 100)), (0.1, NoteOff(64)))
    assert [voice.note for voice in synth.sounding()] == [64]
    play(synth, 0.3, (0.0, ControlChange(64, 0)))
    assert synth.idle


events = st.one_of(
    st.builds(NoteOn, st.integers(50, 62), st.integers(0, 127), st.integers(0, 1)),
    st.builds(NoteOff, st.integers(50, 62), st.integers(0, 1)),
    st.builds(ControlChange, st.sampled_from([64, 66, 123]), st.sampled_from([0, 127]), st.integers(0, 1)),
    st.builds(SetParameter, st.just(Param.VOICE_MODE), st.integers(0, 2)),
    st.builds(SetParameter, st.just(Param.UNISON), st.integers(0, 3)),
    st.builds(SetParameter, st.just(Param.ARP_MODE), st.integers(0, 2)),
    st.builds(SetParameter, st.just(Param.PRIORITY), st.integers(0, 2)),
    st.builds(SetParameter, st.just(Param.GLIDE_MS), st.sampled_from([0.0, 50.0])),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(events, max_size=40))
def test_nothing_hangs_whatever_is_played_and_switched(events):
    synth = playing(0)
    play(synth, 0.5, *((0.01 * number, event) for number, event in enumerate(events)))
    off = [SetParameter(Param.ARP_MODE, 0)]
    play(synth, 0.3, *((0.0, event) for event in [*off, LetGo()]))
    play(synth, 0.3)
    assert synth.idle
    assert not synth.sounding()
    synth.handle(SetParameter(Param.VOICE_MODE, 0))
    synth.handle(SetParameter(Param.UNISON, 0))
    play(synth, 0.05, (0.0, NoteOn(60, 100)))
    assert notes(synth) == [60]
