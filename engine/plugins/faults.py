"""When a plug-in is bypassed, and when it may try again. Pure: the time comes from outside."""

from engine.plugins.exchange import Answer

MOST_MISSES = 3  # blocks in a row without an answer
PAUSES_S = (0.25, 1.0, 4.0)  # before each new start; after the last it is left off
HEALTHY_S = 60.0  # of playing, after which earlier failures are forgotten


class Misses:
    """Counts the blocks in a row that did not come back."""

    def __init__(self) -> None:
        self._row = 0

    def observe(self, answer: Answer) -> bool:
        """After each block. returns : whether the plug-in must be bypassed"""
        self._row = self._row + 1 if answer == Answer.LATE else 0
        return self._row >= MOST_MISSES or answer in (Answer.BAD, Answer.GONE)


class Restarts:
    """off : it has failed too often, and is not started again"""

    def __init__(self) -> None:
        self.off = False
        self._failures = 0
        self._due: float | None = None  # when to start it again
        self._started = 0.0

    def failed(self, now: float) -> None:
        """It was bypassed, or could not be started."""
        if self._due is None and now - self._started > HEALTHY_S:
            self._failures = 0
        self._failures += 1
        self.off = self._failures > len(PAUSES_S)
        self._due = None if self.off else now + PAUSES_S[self._failures - 1]

    def due(self, now: float) -> bool:
        """Whether it is to be started now."""
        return not self.off and self._due is not None and now >= self._due

    def started(self, now: float) -> None:
        """It plays again."""
        self._due, self._started = None, now
