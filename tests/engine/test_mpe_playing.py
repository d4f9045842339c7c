"""Notes with channels of their own, heard: place, bend and pressure of each, and what holds for a whole zone."""

import mido
import numpy as np
import pytest

from engine.commands import ChannelPressure, ControlChange, NoteOff, NoteOn, PitchBend, SetMpe, SetPad
from engine.offline.render import render_song
from engine.offline.songfile import read_song
from engine.voice.sound import Sound
from presets.movement import Movement, Route
from tests.engine.playing import RATE, cents, frequency, level_db, make_synth, play, whole
from tests.fakes import FAKE_CONFIG, FakeDecoder, fake_preset

RINGING = {"release_ms": 8000.0, "speed": 0.0}  # a release that nothing ends
PRESSED = Movement(routes=(Route("pressure", "pad_x", sets=True), Route("pressure", "pad_centre", depth=0.0)))


def zone(members=15, master=0):
    return [(0.0, ControlChange(control, value, master)) for control, value in ((101, 0), (100, 6), (6, members))]


def held(synth, *events, seconds=0.5):
    play(synth, seconds, *events)
    return play(synth, 0.5)


@pytest.fixture
def synth():
    return make_synth(parameters={"release_ms": 50.0}, movement=PRESSED)


def partial_db(audio, hz):
    """Level of a steady sine at a frequency, dBFS."""
    window = np.hanning(len(audio))
    phase = np.exp(-2j * np.pi * hz * np.arange(len(audio)) / RATE)
    return 20 * np.log10(2 * abs(np.sum(audio[:, 0] * window * phase)) / window.sum() + 1e-9)


def test_a_song_of_three_notes_at_three_places(tmp_path):
    """Each note's two partials are as loud as in a render of that note alone with the pad standing there."""
    steps = {45: (0, 25), 50: (114, 76), 56: (50, 127)}  # of 127; none has a partial near another's
    placed = {note: (x / 127, y / 127) for note, (x, y) in steps.items()}
    path, sound = tmp_path / "mpe.mid", Sound.from_preset(fake_preset(movement=PRESSED), FAKE_CONFIG)
    messages = [mido.Message("control_change", control=c, value=v) for c, v in ((101, 0), (100, 6), (6, 4))]
    for channel, (note, (x, y)) in enumerate(steps.items(), 1):
        messages.append(mido.Message("control_change", channel=channel, control=74, value=y))
        messages.append(mido.Message("aftertouch", channel=channel, value=x))
        messages.append(mido.Message("note_on", channel=channel, note=note, velocity=100))
    messages += [
        mido.Message("note_off", channel=channel, note=note, time=1920 * (channel == 1))
        for channel, note in enumerate(placed, 1)
    ]
    mido.MidiFile(tracks=[mido.MidiTrack(messages)], ticks_per_beat=480).save(path)
    together = whole(render_song(read_song(path), FakeDecoder(), sound, RATE))[RATE // 2 : RATE]
    for note, place in placed.items():
        alone = held(make_synth(movement=PRESSED, mapping=False), (0.0, SetPad(*place)), (0.1, NoteOn(note, 100)))
        for hz in (440 * 2 ** ((note - 69) / 12) * partial for partial in (1, 2)):
            wanted = partial_db(alone[: RATE // 2], hz)
            assert partial_db(together, hz) == pytest.approx(wanted, abs=0.25 if wanted > -50 else 12)


@pytest.mark.parametrize("bend", [-8192, -4000, 4096, 8191])
def test_a_note_bends_by_four_octaves_and_its_master_adds_to_it(synth, bend):
    play(synth, 0.1, *zone(), (0.0, NoteOn(69, 100, 1)), (0.0, NoteOn(45, 100, 2)))
    audio = held(synth, (0.0, NoteOff(45, 2)), (0.0, PitchBend(bend, 1)), (0.0, PitchBend(8191, 0)))
    share = bend / 8191 if bend > 0 else bend / 8192
    wanted = 440 * 2 ** ((48 * share + 2) / 12)
    assert abs(cents(frequency(audio), min(wanted, 8000))) < 5


def test_rpn_0_on_one_member_is_for_all_of_the_zone(synth):
    rpn = [(0.0, ControlChange(control, value, 3)) for control, value in ((101, 0), (100, 0), (6, 12))]
    audio = held(synth, *zone(), *rpn, (0.0, PitchBend(8191, 1)), (0.0, NoteOn(57, 100, 1)))
    assert abs(cents(frequency(audio), 440.0)) < 5


def test_a_note_keeps_what_its_channel_said_before(synth):
    play(
        synth,
        0.1,
        *zone(),
        (0.0, ControlChange(74, 127, 1)),
        (0.0, ChannelPressure(127, 1)),
        (0.05, NoteOn(60, 100, 1)),
    )
    play(synth, 0.1, (0.0, NoteOn(62, 100, 2)))
    places = {voice.note: voice.place for voice in synth.sounding()}
    assert places[60] == pytest.approx((1.0, 1.0), abs=1e-3)
    assert places[62] == pytest.approx((0.0, 0.0), abs=1e-3)  # where the preset has its pad


def test_what_a_master_says_moves_all_notes_of_its_zone(synth):
    play(synth, 0.1, *zone(), *((0.0, ControlChange(74, 32, channel)) for channel in (1, 2)))
    play(synth, 0.1, (0.0, NoteOn(60, 100, 1)), (0.0, NoteOn(64, 100, 2)))
    play(synth, 0.2, (0.0, ControlChange(74, 127, 0)))
    assert [voice.place[1] for voice in synth.sounding()] == pytest.approx([32 / 127 + 0.5] * 2, abs=1e-3)


def test_pedals_and_volume_of_a_master_are_the_zones(synth):
    play(synth, 0.2, *zone(), (0.0, ControlChange(64, 127, 0)), (0.0, NoteOn(60, 100, 1)), (0.1, NoteOff(60, 1)))
    assert [voice.pedal for voice in synth.sounding()] == [True]
    loud = level_db(play(synth, 0.2))
    assert level_db(held(synth, (0.0, ControlChange(7, 50, 0)))) == pytest.approx(loud - 40 * np.log10(2), abs=0.3)
    play(synth, 0.5, (0.0, ControlChange(64, 0, 0)))
    assert synth.idle


def test_sostenuto_of_a_master_latches_only_what_is_held(synth):
    play(synth, 0.2, *zone(), (0.0, NoteOn(60, 100, 1)), (0.1, ControlChange(66, 127, 0)), (0.15, NoteOn(64, 100, 2)))
    play(synth, 0.5, (0.0, NoteOff(60, 1)), (0.0, NoteOff(64, 2)))
    assert [voice.note for voice in synth.sounding()] == [60]


def test_a_zone_laid_anew_ends_what_its_channels_hold(synth):
    play(synth, 0.1, *zone(), (0.0, NoteOn(60, 100, 1)), (0.0, NoteOn(64, 100, 9)), (0.0, PitchBend(8191, 9)))
    play(synth, 0.5, *zone(4))
    assert [voice.note for voice in synth.sounding()] == [60]  # channel 9 has left the zone
    assert abs(cents(frequency(held(synth, (0.0, NoteOff(60, 1)), (0.2, NoteOn(69, 100, 9)))), 440.0)) < 1


def test_without_a_zone_it_is_plain_midi(synth):
    play(synth, 0.1, (0.0, NoteOn(60, 100, 1)), (0.0, NoteOn(64, 100, 2)), (0.05, ControlChange(74, 127, 1)))
    play(synth, 0.2)
    assert {voice.place for voice in synth.sounding()} == {(0.0, 1.0)}
    play(synth, 0.1, (0.0, SetMpe("off")), *zone())
    play(synth, 0.2, (0.0, ControlChange(74, 20, 2)))
    assert len({voice.place for voice in synth.sounding()}) == 1


def test_a_new_synth_gets_the_zone_too(synth):
    play(synth, 0.1, *zone(6))
    other = make_synth(movement=PRESSED)
    for event in synth.memory():
        other.handle(event)
    play(other, 0.1, (0.0, ControlChange(74, 127, 2)), (0.05, NoteOn(60, 100, 2)))
    assert other.sounding()[0].place[1] == pytest.approx(1.0)
    play(synth, 0.1, (0.0, SetMpe("off", 0)), (0.0, SetMpe("on", 1)))
    other = make_synth(movement=PRESSED)
    for event in synth.memory():
        other.handle(event)
    play(other, 0.1, *zone(6), (0.0, NoteOn(60, 100, 2)), (0.0, NoteOn(62, 100, 18)))
    play(other, 0.1, (0.0, ControlChange(74, 127, 18)))
    assert {voice.note: voice.place[1] for voice in other.sounding()} == {60: 0.0, 62: pytest.approx(1.0, abs=1e-3)}


@pytest.mark.parametrize("pedal", [0, 127])
def test_after_its_off_a_note_is_its_channels_no_more(pedal):
    """It keeps bend, place and pressure, in its release and under a pedal; its master's bend is still for it."""
    synth = make_synth(parameters=RINGING, movement=PRESSED)
    before = ControlChange(64, pedal), ControlChange(74, 40, 1), ChannelPressure(20, 1), PitchBend(1024, 1)
    play(synth, 0.2, *zone(), *((0.0, event) for event in before), (0.1, NoteOn(57, 100, 1)))
    (kept,) = synth.sounding()
    play(synth, 0.1, (0.0, NoteOff(57, 1)))
    after = ControlChange(74, 127, 1), ChannelPressure(127, 1), PitchBend(-8192, 1)
    wanted = 440 * 2 ** (-1 + 48 * 1024 / 8191 / 12)
    audio = held(synth, *((0.0, event) for event in after))
    assert abs(cents(frequency(audio), wanted)) < 1
    assert synth.sounding()[0].place == pytest.approx(kept.place, abs=1e-3)
    assert abs(cents(frequency(held(synth, (0.0, PitchBend(8191, 0)))), wanted * 2 ** (2 / 12))) < 1
    play(synth, 0.3, (0.0, NoteOn(81, 100, 1)))  # the channel is free for another at once
    assert {voice.note: voice.place for voice in synth.sounding()}[81] == pytest.approx((1.0, 1.0), abs=1e-3)


def test_on_other_channels_a_bend_is_for_what_rings_on_too():
    synth = make_synth(parameters=RINGING)
    play(synth, 0.2, (0.0, NoteOn(57, 100)), (0.1, NoteOff(57)))
    assert abs(cents(frequency(held(synth, (0.0, PitchBend(8191)))), 220 * 2 ** (2 / 12))) < 1


def test_a_pressure_that_is_added_stays_as_the_off_found_it():
    synth = make_synth(parameters=RINGING, pad=(0.0, 0.0))
    play(synth, 0.3, *zone(), (0.0, ChannelPressure(127, 1)), (0.0, NoteOn(60, 100, 1)), (0.1, NoteOff(60, 1)))
    play(synth, 0.3, (0.0, ChannelPressure(0, 1)))
    assert synth.sounding()[0].place == pytest.approx((0.5, 0.5), abs=1e-3)
