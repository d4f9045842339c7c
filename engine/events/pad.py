"""Where the pad stands for all voices: where hands, sounds and controllers want it, and the way there.

A finger that is lifted leaves it where it is (latch), or it goes back home by itself (spring).
"""

from common.smoothing import one_pole

GLIDE_MS = 8.0  # time constant
_EPSILON = 1e-4  # closer than this it has arrived, so that a corner is that corner exactly

Place = tuple[float, float]  # (x, y), 0..1


class PadPlace:
    """tick_s : seconds between two `advance`s

    now : where it stands, smoothed; target : where it is to be; home : where the sound, or a hand that left it, has it
    """

    def __init__(self, tick_s: float):
        self.now: Place = (0.5, 0.5)
        self.target = self.home = self.now
        self._way: tuple[Place, float, float] | None = None  # home: from where, how much of it a tick and so far, 0..1
        self._tick_ms = 1000.0 * tick_s
        self._step = one_pole(GLIDE_MS, 1.0 / tick_s)

    @property
    def returning(self) -> bool:
        """It is on its way home."""
        return self._way is not None

    def stand(self, place: Place) -> None:
        """It is to be there, and that is its home."""
        self.home = place
        self.touch(place)

    def touch(self, place: Place) -> None:
        """It is to be there; its home stays."""
        self.target, self._way = place, None

    def go_home(self, ms: float = 0.0) -> None:
        """Back, in so many ms, slow at both ends."""
        if ms > self._tick_ms and self.target != self.home:
            self._way = self.target, self._tick_ms / ms, 0.0
        else:
            self.touch(self.home)

    def arrive(self) -> None:
        """Nobody hears it: it need not glide."""
        if self._way is not None:
            self.touch(self.home)
        self.now = self.target

    def advance(self) -> None:
        """A tick begins."""
        if self._way is not None:
            self._return(*self._way)
        (x, y), (to_x, to_y) = self.now, self.target
        x, y = x + self._step * (to_x - x), y + self._step * (to_y - y)
        arrived = abs(to_x - x) < _EPSILON and abs(to_y - y) < _EPSILON
        self.now = self.target if arrived else (x, y)

    def _return(self, start, step, done):
        done += step
        if done >= 1.0:
            self.touch(self.home)
            return
        share = done * done * (3.0 - 2.0 * done)
        (x, y), (to_x, to_y) = start, self.home
        self.target, self._way = (x + share * (to_x - x), y + share * (to_y - y)), (start, step, done)
