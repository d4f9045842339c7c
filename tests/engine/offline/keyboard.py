"""A keyboard in a few plain rules, to be compared with the synth: which notes are held at which moment.

Knows nothing of slots, voices or the allocator: one list of strokes, each with its channel, note, and what holds it.
"""

from dataclasses import dataclass

from engine.commands import ControlChange, NoteOff, NoteOn

SUSTAIN, SOSTENUTO = 64, 66


@dataclass(eq=False)
class Stroke:
    """One note. awaits : its off has not come; latched : by the sostenuto pedal; struck_again : the key came anew"""

    channel: int
    note: int
    awaits: bool = True
    latched: bool = False
    struck_again: bool = False


class Keyboard:
    """strokes : all there were"""

    def __init__(self):
        self.strokes: list[Stroke] = []
        self._sounding: list[Stroke] = []
        self._sustained: set[int] = set()
        self._latching: set[int] = set()

    def take(self, event) -> None:
        """The next event."""
        match event:
            case NoteOn(note, _, channel):
                for stroke in self._of(channel, note):
                    stroke.struck_again = True
                self.strokes.append(Stroke(channel, note))
                self._sounding.append(self.strokes[-1])
            case NoteOff(note, channel):
                waiting = [stroke for stroke in self.strokes if self._is(stroke, channel, note) and stroke.awaits]
                if waiting:
                    waiting[0].awaits = False  # the first off is the first on's
            case ControlChange(control, value, channel) if control == SUSTAIN:
                (self._sustained.add if value >= 64 else self._sustained.discard)(channel)
            case ControlChange(control, value, channel) if control == SOSTENUTO:
                self._latch(channel, value >= 64)
        self._sounding = [stroke for stroke in self._sounding if self._holds(stroke)]

    def held(self) -> list[tuple[int, int]]:
        """(channel, note) of all that sounds, in order."""
        return sorted((stroke.channel, stroke.note) for stroke in self._sounding)

    def _latch(self, channel, down):
        if down != (channel in self._latching):
            (self._latching.add if down else self._latching.discard)(channel)
            for stroke in self._sounding:
                if stroke.channel == channel:
                    stroke.latched = down and stroke.awaits

    def _holds(self, stroke):
        held = stroke.awaits or stroke.latched or stroke.channel in self._sustained
        return held and not stroke.struck_again

    def _of(self, channel, note):
        return [stroke for stroke in self._sounding if self._is(stroke, channel, note)]

    def _is(self, stroke, channel, note):
        return (stroke.channel, stroke.note) == (channel, note)
