"""Behaviour rows 1 and 2: whatever the bytes and however they are cut, the notes come out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.commands import ChannelPressure, ControlChange, NoteOff, NoteOn, PitchBend, PolyPressure, ProgramChange
from engine.events.midi import Parser


@pytest.mark.parametrize(
    ("message", "event"),
    [
        ([0x90, 60, 100], NoteOn(60, 100, 0)),
        ([0x9F, 60, 1], NoteOn(60, 1, 15)),
        ([0x93, 60, 0], NoteOff(60, 3)),
        ([0x81, 60, 33], NoteOff(60, 1, 33)),
        ([0xA2, 60, 7], PolyPressure(60, 7, 2)),
        ([0xB0, 64, 127], ControlChange(64, 127, 0)),
        ([0xC5, 12], ProgramChange(12, 5)),
        ([0xD0, 99], ChannelPressure(99, 0)),
        ([0xE0, 0, 64], PitchBend(0, 0)),
        ([0xE0, 0, 0], PitchBend(-8192, 0)),
        ([0xE1, 127, 127], PitchBend(8191, 1)),
    ],
)
def test_messages(message, event):
    assert Parser().feed(bytes(message)) == [event]


def test_running_status():
    assert Parser().feed([0x90, 60, 100, 64, 100, 60, 0]) == [NoteOn(60, 100), NoteOn(64, 100), NoteOff(60)]


def test_real_time_inside_a_message():
    assert Parser().feed([0x90, 0xF8, 60, 0xFE, 100, 0xFF]) == [NoteOn(60, 100)]


def test_sysex_is_skipped_and_ends_running_status():
    parser = Parser()
    assert parser.feed([0x90, 60, 100, 0xF0, 1, 2, 0xF8, 3, 0xF7, 64, 100]) == [NoteOn(60, 100)]
    assert parser.feed([0x90, 64, 100]) == [NoteOn(64, 100)]


def test_unfinished_sysex_ends_at_the_next_status():
    assert Parser().feed([0xF0, 1, 2, 0x90, 60, 100]) == [NoteOn(60, 100)]


def test_truncated_message_costs_no_other():
    assert Parser().feed([0x90, 60, 0x90, 62, 100]) == [NoteOn(62, 100)]


def test_data_without_status_is_ignored():
    assert Parser().feed([60, 100, 0x90, 60, 100]) == [NoteOn(60, 100)]


@given(st.binary(max_size=200), st.integers(1, 200))
def test_pieces_read_as_the_whole(stream, size):
    whole, pieces = Parser(), Parser()
    events = [event for at in range(0, len(stream), size) for event in pieces.feed(stream[at : at + size])]
    assert events == whole.feed(stream)


@given(st.binary(max_size=200))
def test_a_note_after_any_bytes_is_heard(stream):
    parser = Parser()
    parser.feed(stream)
    assert parser.feed([0x90, 60, 100]) == [NoteOn(60, 100)]
