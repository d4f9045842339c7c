"""The tempo in one place: whoever gives one is weighed, and a MIDI clock is counted. Pure."""

from collections import deque
from dataclasses import dataclass
from enum import IntEnum

TICKS = 24  # of a MIDI clock in a quarter note
SLOWEST, FASTEST = 20.0, 300.0  # beats a minute
LASTS_S = 2.0  # a source that was not heard for so long gives way
_WINDOW = 2 * TICKS  # ticks that the tempo is taken from
_FEWEST = TICKS // 4
_JUMP = 0.25  # share by which a quarter of a beat may be longer or shorter in a steady tempo
_LONGEST_S = 60.0 / (SLOWEST * TICKS) * (1.0 + _JUMP)  # between two ticks
_NEWS = 2e-4  # share by which a tempo must change to be another: 0.02 bpm at 120


@dataclass(frozen=True)
class Tick:
    """One of a MIDI clock. port : on which it came"""

    port: int = 0


class Source(IntEnum):
    """Who gives a tempo; a later one wins over an earlier one that is heard as well."""

    KNOB = 0
    LINK = 1
    TRANSPORT = 2
    CLOCK = 3


class Clock:
    """A MIDI clock -> beats a minute.

    Ticks come in bursts of whatever the sender's and the receiver's threads make of them, so the tempo is that of up
    to two beats. Where it changes much, or after a pause, counting begins anew.
    """

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=_WINDOW + 1)

    def tick(self, now: float) -> float | None:
        """A tick at `now` seconds. returns : the tempo as far as it is known, None before a quarter of a beat"""
        times = self._times
        if times and (now - times[-1] > _LONGEST_S or self._changed(now)):
            times.clear()
        times.append(now)
        if len(times) <= _FEWEST:
            return None
        return 60.0 * (len(times) - 1) / (TICKS * (now - times[0])) if now > times[0] else None

    def _changed(self, now):
        """Whether the last quarter of a beat is of another tempo than what was before."""
        times = self._times
        if len(times) < TICKS:
            return False
        lately = (now - times[-_FEWEST]) / _FEWEST
        before = (times[-_FEWEST] - times[0]) / (len(times) - _FEWEST)
        return abs(lately - before) > _JUMP * before


class Tempo:
    """bpm : beats a minute; source : who has given it"""

    def __init__(self, bpm: float = 120.0):
        self.bpm, self.source = bpm, Source.KNOB
        self._heard = float("-inf")  # when the source gave it last

    def tell(self, source: Source, bpm: float, now: float) -> bool:
        """A source gives a tempo. returns : whether that is news; one out of range or of a weaker source is none"""
        if not SLOWEST <= bpm <= FASTEST:
            return False
        if source < self.source and now - self._heard < LASTS_S:
            return False
        news = abs(bpm - self.bpm) > _NEWS * self.bpm
        self.source, self._heard = source, now
        if news:
            self.bpm = bpm
        return news
