"""The arpeggiator, as a list of strokes and in the sound."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.commands import ControlChange, LetGo, NoteOff, NoteOn, SetParameter, SetTempo
from engine.events import arpeggio
from engine.events.arpeggio import Arpeggiator, Key, Settings
from engine.parameters import ARPEGGIOS, Param
from tests.engine.playing import RATE, make_synth, play

CHORD = (64, 60, 67)  # in the order of its strokes


def played(mode, beats=2.0, chord=CHORD, **fields):
    """[(beat, note, velocity)] of one chord."""
    arp = Arpeggiator(fields.pop("seed", 0))
    for note in chord:
        arp.press(Key(0, note, 100), 0.0)
    return [(each.beat, each.note, each.velocity) for each in arp.strokes(beats, Settings(mode, **fields))]


def notes(mode, **fields):
    return [note for _, note, velocity in played(mode, **fields) if velocity]


@pytest.mark.parametrize(
    ("mode", "wanted"),
    [
        (arpeggio.UP, [60, 64, 67, 60]),
        (arpeggio.DOWN, [67, 64, 60, 67]),
        (arpeggio.UP_AND_DOWN, [60, 64, 67, 64]),
        (arpeggio.PLAYED, [64, 60, 67, 64]),
        (arpeggio.OFF, []),
    ],
)
def test_orders(mode, wanted):
    assert notes(mode, beats=1.0) == wanted


def test_octaves():
    assert notes(arpeggio.UP, octaves=2, chord=(60, 64), beats=1.25) == [60, 64, 72, 76, 60]
    assert notes(arpeggio.UP, octaves=4, chord=(120,), beats=0.75) == [120, 120, 120]  # what is beyond 127 is left out


def test_chance_is_the_seeds():
    first, again, other = (notes(arpeggio.RANDOM, seed=seed, beats=8.0) for seed in (1, 1, 2))
    assert first == again != other
    assert set(first) == set(CHORD)


def test_gate_and_swing():
    strokes = played(arpeggio.UP, beats=1.01, gate=0.5, swing=0.5, chord=(60,))
    assert [beat for beat, _, velocity in strokes if velocity] == [0.0, 0.375, 0.5, 0.875, 1.0]
    assert [beat for beat, _, velocity in strokes if not velocity] == pytest.approx([0.125, 0.5, 0.625, 1.0])


def test_a_note_ends_before_the_next_begins_whatever_the_gate():
    down = 0
    for _, _, velocity in played(arpeggio.UP, beats=8.0, gate=1.0, swing=0.75):
        down += 1 if velocity else -1
        assert 0 <= down <= 1


numbers = st.integers(0, 6)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(["press", "lift", "down", "up", "go"]), numbers, numbers)))
def test_nothing_hangs(actions):
    """Whatever is pressed and pedalled: what begins ends, and after the last key all is quiet."""
    arp, sounding, beat = Arpeggiator(), [], 0.0

    def take(mode):
        for stroke in arp.strokes(beat, Settings(mode, gate=1.0, swing=0.6)):
            if stroke.velocity:
                assert not sounding
                sounding.append(stroke.note)
            else:
                assert sounding.pop() == stroke.note

    for what, note, mode in actions:
        match what:
            case "press":
                arp.press(Key(0, note, 100), beat)
            case "lift":
                arp.lift(0, note)
            case "go":
                arp.let_go(range(1))
            case pedal:
                arp.sustain(0, pedal == "down")
        beat += 0.15
        take(mode % len(ARPEGGIOS))
    arp.let_go(range(1))
    beat += 4.0
    take(arpeggio.UP)
    assert not sounding
    assert not arp.playing


@pytest.fixture
def synth():
    synth = make_synth(parameters={"release_ms": 5.0, "attack_ms": 0.0})
    synth.handle(SetParameter(Param.ARP_MODE, arpeggio.UP))
    return synth


def begins(audio):
    """Seconds at which it grows loud after a gap."""
    loud = np.convolve(np.abs(audio[:, 0]), np.ones(240) / 240, "same") > 0.01
    return np.flatnonzero(np.diff(loud.astype(int), prepend=0) == 1) / RATE


def test_it_is_heard_in_the_tempo(synth):
    audio = play(synth, 2.0, (0.1, SetTempo(150)), (0.2, NoteOn(60, 100)), (0.2, NoteOn(64, 100)))
    found = begins(audio)
    np.testing.assert_allclose(np.diff(found), 0.1, atol=0.004)  # sixteenths
    assert found[0] == pytest.approx(0.2, abs=0.01)
    play(synth, 0.5, (0.0, NoteOff(60)), (0.0, NoteOff(64)))
    assert synth.idle


def test_the_pedal_keeps_the_keys(synth):
    events = [(0.1, ControlChange(64, 127)), (0.2, NoteOn(60, 100)), (0.3, NoteOff(60)), (1.5, ControlChange(64, 0))]
    found = begins(play(synth, 2.5, *events))
    assert len(found) >= 10
    assert found[-1] < 1.6
    assert synth.idle


@pytest.mark.parametrize("event", [LetGo(), ControlChange(123, 0), ControlChange(120, 0)], ids=str)
def test_it_can_be_stopped(synth, event):
    play(synth, 0.5, (0.0, NoteOn(60, 100)))
    play(synth, 0.5, (0.0, event))
    assert synth.idle


def test_blocks_of_any_size_give_the_same_bits():
    def audio(block):
        synth = make_synth()
        synth.handle(SetParameter(Param.ARP_MODE, arpeggio.RANDOM))
        synth.handle(NoteOn(60, 100), 777)
        synth.handle(NoteOn(65, 100), 1000)
        parts = [np.zeros((block, 2), np.float32) for _ in range(RATE // block)]
        for part in parts:
            synth.render(part)
        return np.concatenate(parts)[:40000]

    np.testing.assert_array_equal(audio(7), audio(1000))
