"""The tempo of the instrument: one place for all who give one.

Threading model: `tick` from MIDI threads, `knob` from the main thread, `poll` and `close` from the chores thread.
"""

import threading
import time
from collections.abc import Callable
from typing import Protocol

from engine.commands import SetTempo
from engine.events.tempo import LASTS_S, Clock, Source, Tempo, Tick


class Giver(Protocol):
    """Somebody who can be asked for a tempo."""

    source: Source

    def bpm(self) -> float | None:
        """Beats a minute; None while it gives none. Never blocks."""

    def close(self) -> None: ...


class Conductor:
    """play : gets a SetTempo whenever the tempo is another; givers : who are asked at every `poll`

    bpm, source : the tempo, and who has given it
    """

    def __init__(
        self, play: Callable[[SetTempo], object], givers: tuple[Giver, ...] = (),
        clock: Callable[[], float] = time.monotonic,
    ):  # fmt: skip
        self._play, self._givers, self._now = play, givers, clock
        self._tempo, self._lock = Tempo(), threading.Lock()
        self._clocks: dict[int, Clock] = {}  # by port
        self._leader, self._led = 0, float("-inf")  # the port whose clock counts, and when it last ticked

    @property
    def bpm(self) -> float:
        return self._tempo.bpm

    @property
    def source(self) -> Source:
        return self._tempo.source

    def tick(self, tick: Tick, now: float) -> None:
        """Of a MIDI clock. While one port's clock runs, those of others do not count."""
        if tick.port != self._leader and now - self._led < LASTS_S:
            return
        self._leader, self._led = tick.port, now
        bpm = self._clocks.setdefault(tick.port, Clock()).tick(now)
        if bpm is not None:
            self._tell(Source.CLOCK, bpm, now)

    def knob(self, bpm: float) -> None:
        """The player's own wish."""
        self._tell(Source.KNOB, bpm, self._now())

    def poll(self) -> None:
        """Ask all who can be asked. To be called some times a second."""
        for giver in self._givers:
            bpm = giver.bpm()
            if bpm is not None:
                self._tell(giver.source, bpm, self._now())

    def close(self) -> None:
        """Let go of all."""
        for giver in self._givers:
            giver.close()

    def _tell(self, source, bpm, now):
        with self._lock:
            if self._tempo.tell(source, bpm, now):
                self._play(SetTempo(self._tempo.bpm))
