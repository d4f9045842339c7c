"""System exclusive messages of the MIDI Tuning Standard, in one piece and in several, whole and damaged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.commands import TuneKeys, TuneMaster, TuneScale
from engine.events.midi import Parser
from engine.events.tuning import Tuning

EQUAL = bytes(byte for key in range(128) for byte in (key, 0, 0))


def parsed(text, *more):
    """Events of bytes written in hexadecimal, with `more` bytes before the last."""
    message = bytes.fromhex(text)
    return Parser().feed(message[:-1] + b"".join(more) + message[-1:])


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("F0 7F 7F 04 03 00 40 F7", TuneMaster(cents=0.0)),
        ("F0 7F 7F 04 03 00 20 F7", TuneMaster(cents=-50.0)),
        ("F0 7F 7F 04 04 00 43 F7", TuneMaster(semitones=3.0)),
        ("F0 7F 00 08 02 00 02 3C 3C 40 00 45 44 00 00 F7", TuneKeys(((60, 60.5), (69, 68.0)))),
        ("F0 7E 00 08 07 00 00 01 3C 3D 00 00 F7", TuneKeys(((60, 61.0),))),
        ("F0 7F 00 08 02 00 02 3C 7F 7F 7F 45 44 00 00 F7", TuneKeys(((69, 68.0),))),
        ("F0 7E 00 08 08 03 7F 7F" + "40" * 3 + "31" + "40" * 8 + "F7", TuneScale((0.0,) * 3 + (-15.0,) + (0.0,) * 8)),
        ("F0 7F 00 08 09 03 7F 7F" + "4000" * 11 + "6000" + "F7", TuneScale((0.0,) * 11 + (50.0,))),
    ],
)
def test_messages(text, event):
    assert parsed(text) == [event]


def test_a_bulk_dump_tunes_every_key():
    (event,) = parsed("F0 7E 00 08 01 00 F7", b"nineteen        ", EQUAL[:207], bytes((70, 64, 0)), EQUAL[210:], b"\0")
    assert len(event.keys) == 128 and event.keys[69] == (69, 70.5) and event.keys[68] == (68, 68.0)


def test_messages_come_in_pieces_with_clocks_between():
    parser, events = Parser(), []
    for byte in bytes.fromhex("F0 7F F8 7F 04 FE 04 00 43 F8 F7"):
        events += parser.feed([byte])
    assert events == [TuneMaster(semitones=3.0)]


@pytest.mark.parametrize(
    "text", ["F0 F7", "F0 7F F7", "F0 7F 7F 04 F7", "F0 43 10 4C 00 00 7E 00 F7", "F0 7E 7F 09 01 F7"]
)
def test_what_is_no_tuning_is_ignored(text):
    assert parsed(text) == []


def test_a_message_that_is_cut_off_is_forgotten_and_what_follows_plays():
    assert [type(event).__name__ for event in parsed("F0 7F 7F 04 04 00 43 90 3C 40")] == ["NoteOn"]


def test_a_message_without_end_takes_no_memory():
    parser = Parser()
    parser.feed(b"\xf0" + b"\x00" * 10**6)
    assert len(parser._exclusive) < 2000
    assert parser.feed(b"\xf7") == []


@given(st.binary(max_size=60))
def test_any_body_is_read_or_ignored(body):
    """And what is read can be applied."""
    tuning = Tuning()
    for event in Parser().feed(b"\xf0\x7f\x7f\x08" + bytes(byte & 127 for byte in body) + b"\xf7"):
        tuning.apply(event)
    assert abs(tuning.semitones).max() <= 128
