"""MIDI bytes -> musical events, of one port. Total: any bytes at any time are parsed or ignored, never an exception.

Source: MIDI 1.0 detailed specification 4.2, "running status" and "system real time".
"""

from collections.abc import Callable, Iterable

from engine.commands import (
    CHANNELS_OF_A_PORT,
    ChannelPressure,
    ControlChange,
    MusicalEvent,
    NoteOff,
    NoteOn,
    PitchBend,
    PolyPressure,
    ProgramChange,
)
from engine.events.tuning import read_exclusive

STATUS, SYSEX, REAL_TIME = 0x80, 0xF0, 0xF8  # first byte of each range
CLOCK = 0xF8  # which a port hears, and no parser
_END_OF_SYSEX = 0xF7
_LONGEST_SYSEX = 1024  # bytes: a bulk dump of a tuning has 408
_BEND_CENTRE = 8192


def _note_on(channel: int, note: int, velocity: int) -> MusicalEvent:
    return NoteOn(note, velocity, channel) if velocity else NoteOff(note, channel)


# Upper half of the status byte -> (data bytes, how they read).
_MESSAGES: dict[int, tuple[int, Callable[..., MusicalEvent]]] = {
    0x80: (2, lambda channel, note, velocity: NoteOff(note, channel, velocity)),
    0x90: (2, _note_on),
    0xA0: (2, lambda channel, note, value: PolyPressure(note, value, channel)),
    0xB0: (2, lambda channel, control, value: ControlChange(control, value, channel)),
    0xC0: (1, lambda channel, program: ProgramChange(program, channel)),
    0xD0: (1, lambda channel, value: ChannelPressure(value, channel)),
    0xE0: (2, lambda channel, low, high: PitchBend((high << 7 | low) - _BEND_CENTRE, channel)),
}


class Parser:
    """One port's byte stream. Messages may arrive whole, in pieces or several at once. port : its number"""

    def __init__(self, port: int = 0):
        self._first = port * CHANNELS_OF_A_PORT
        self._status = 0  # running status; 0: none, data bytes are skipped
        self._pending: list[int] = []
        self._exclusive: bytearray | None = None  # what has come of a system exclusive message

    def feed(self, message: Iterable[int]) -> list[MusicalEvent]:
        """The events that these bytes complete, in order. message : bytes, or ints in 0..255."""
        events = []
        for byte in message:
            event = self._byte(byte)
            if event is not None:
                events.append(event)
        return events

    def _byte(self, byte: int) -> MusicalEvent | None:
        if byte >= REAL_TIME:  # clock, start, active sensing: may stand inside any message
            return None
        if byte >= STATUS:
            return self._begin(byte)
        if self._exclusive is not None:
            if len(self._exclusive) < _LONGEST_SYSEX:
                self._exclusive.append(byte)
            return None
        return self._data(byte) if self._status else None

    def _begin(self, byte):
        """A truncated message before it is dropped; system messages end running status."""
        exclusive, self._exclusive = self._exclusive, bytearray([SYSEX]) if byte == SYSEX else None
        self._status = byte if byte < SYSEX else 0
        self._pending = []
        if exclusive is None or byte != _END_OF_SYSEX:
            return None
        return read_exclusive(bytes(exclusive) + bytes([_END_OF_SYSEX]))

    def _data(self, byte: int) -> MusicalEvent | None:
        self._pending.append(byte)
        length, read = _MESSAGES[self._status & 0xF0]
        if len(self._pending) < length:
            return None
        data, self._pending = self._pending, []
        return read(self._first + (self._status & 0x0F), *data)
