"""The arpeggiator: held keys, one after the other, in time with the tempo. It asks for strokes and sounds nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.events.chance import drawn
from engine.events.keys import Key
from engine.parameters import ARPEGGIOS

OFF, UP, DOWN, UP_AND_DOWN, PLAYED, RANDOM = range(len(ARPEGGIOS))
OCTAVE = 12


@dataclass(frozen=True)
class Stroke:
    """What is to be played at a beat. velocity 0: the key comes up"""

    beat: float
    channel: int
    note: int
    velocity: int


@dataclass(frozen=True)
class Settings:
    """How the keys follow each other.

    mode : one of ARPEGGIOS by number; step : beats; octaves : 1 and more
    gate : share of its step that a note is held
    swing : share of a step by which every second one is late
    """

    mode: int = OFF
    step: float = 0.25
    octaves: int = 1
    gate: float = 0.5
    swing: float = 0.0


class Arpeggiator:
    """Keys go down and up; `strokes` says what they play. The first one begins at once, the others in its time.

    seed : of the random order
    """

    def __init__(self, seed: int = 0):
        self._seed = seed
        self.reset()

    def reset(self) -> None:
        """No key is held, nothing sounds."""
        self._keys: list[Key] = []  # in the order of their strokes
        self._begin = 0.0  # beat of the first step
        self._step = 0  # the next one
        self._sounding: Stroke | None = None  # and the beat at which it ends
        self._pedals: set[int] = set()  # channels whose sustain pedal is down: there keys stay
        self._lifted: set[tuple[int, int]] = set()  # (channel, note) that come up with the pedal

    @property
    def playing(self) -> bool:
        """Whether something is still to come."""
        return bool(self._keys) or self._sounding is not None

    def press(self, key: Key, beat: float) -> None:
        """A key goes down."""
        self._remove(lambda other: (other.channel, other.note) == (key.channel, key.note))
        self._lifted.discard((key.channel, key.note))
        if not self._keys:
            self._begin, self._step = beat, 0
        self._keys.append(key)

    def lift(self, channel: int, note: int) -> None:
        """A key comes up; while the pedal is down it stays all the same."""
        if channel in self._pedals:
            self._lifted.add((channel, note))
        else:
            self._remove(lambda key: (key.channel, key.note) == (channel, note))

    def sustain(self, channel: int, down: bool) -> None:
        """The pedal of a channel moves."""
        if down:
            self._pedals.add(channel)
            return
        self._pedals.discard(channel)
        self._remove(lambda key: key.channel == channel and (key.channel, key.note) in self._lifted)
        self._lifted = {key for key in self._lifted if key[0] != channel}

    def let_go(self, channels: range) -> None:
        """All keys and pedals of these channels come up."""
        for channel in channels:
            self.sustain(channel, False)
        self._remove(lambda key: key.channel in channels)

    def _remove(self, which):
        self._keys = [key for key in self._keys if not which(key)]

    def strokes(self, end: float, settings: Settings) -> Iterator[Stroke]:
        """What is to be played before this beat, and after what was asked for before; in order."""
        while self._keys and settings.mode != OFF:
            beat = self._begin + settings.step * (self._step + (settings.swing if self._step % 2 else 0.0))
            if beat >= end:
                break
            yield from self._end(beat, cut=True)
            key = self._order(settings)[self._place(settings)]
            ends = beat + settings.step * settings.gate
            self._sounding = Stroke(ends, key.channel, key.note, 0)
            self._step += 1
            yield Stroke(beat, key.channel, key.note, key.velocity)
        yield from self._end(end)

    def _end(self, beat, cut=False):
        """The end of what sounds, if it comes before this beat. cut : then at the latest"""
        if self._sounding is not None and (cut or self._sounding.beat < beat):
            ended, self._sounding = self._sounding, None
            yield replace(ended, beat=min(ended.beat, beat))

    def _order(self, settings):
        """The keys of one round."""
        keys = self._keys if settings.mode == PLAYED else sorted(self._keys, key=lambda key: key.note)
        rounds = [
            Key(key.channel, key.note + OCTAVE * octave, key.velocity)
            for octave in range(settings.octaves)
            for key in keys
            if key.note + OCTAVE * octave <= 127
        ]
        if settings.mode == DOWN:
            return rounds[::-1]
        return rounds + rounds[-2:0:-1] if settings.mode == UP_AND_DOWN else rounds

    def _place(self, settings):
        """Of the next step in the round."""
        count = len(self._order(settings))
        return drawn(self._step, self._seed) % count if settings.mode == RANDOM else self._step % count
