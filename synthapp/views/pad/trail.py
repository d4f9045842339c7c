"""Where the sound has been on the pad: a path that fades."""

from collections import deque

FADE_S = 1.6
_STEP = 0.008  # shorter ways than this are not worth a point


class Trail:
    """Recent positions of the sound, the newest last."""

    def __init__(self):
        self._points: deque[tuple[float, float, float]] = deque()

    def add(self, time_s: float, x: float, y: float) -> None:
        """Note a position, and forget those that have faded."""
        self._forget(time_s)
        if not self._points or abs(x - self._points[-1][1]) + abs(y - self._points[-1][2]) > _STEP:
            self._points.append((time_s, x, y))

    def points(self, time_s: float) -> list[tuple[float, float, float]]:
        """(x, y, strength) from the oldest to the newest; strength 1 is fresh, 0 gone."""
        self._forget(time_s)
        return [(x, y, 1 - (time_s - then) / FADE_S) for then, x, y in self._points]

    def _forget(self, time_s):
        while self._points and time_s - self._points[0][0] >= FADE_S:
            self._points.popleft()
