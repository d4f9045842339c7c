"""How full the ring is to be: what the device takes at one moment, and a cushion for the time that we are late. Pure.

What goes up comes down: after a calm while the cushion loses what it has not needed, a block at a time. The render
thread then only waits a block longer, so nothing is heard of it.
"""

_WIDEST = 5  # blocks at most
_RUN_S = 0.5  # misses within it have one cause
_CALM_S = 30.0


class Cushion:
    """All belongs to the render thread.

    block : frames
    burst : frames that the device takes at one moment, the most of the last half minute
    blocks : beyond it
    """

    def __init__(self, block: int):
        self.block = block
        self.burst = 0
        self.blocks = 1
        self._misses = 0
        self._widen_at = self._look_at = 0.0
        self._bursts = 0  # the most since the last look
        self._lowest = 0  # fill since then, just before it rose again: what was not needed

    @property
    def frames(self) -> int:
        """That the ring is to hold."""
        return self.burst + self.blocks * self.block

    def take(self, burst: int) -> None:
        """The device has taken so much at one moment."""
        self.burst = max(self.burst, burst)
        self._bursts = max(self._bursts, burst)

    def observe(self, now: float, fill: int, misses: int) -> None:
        """A block is rendered. fill : of the ring before it; misses : callbacks so far that found too little"""
        if now > self._widen_at:  # after a miss it has to fill again first
            self._lowest = min(self._lowest, fill)
        if misses > self._misses and now > self._widen_at:  # a run of them counts as one
            self.blocks = min(self.blocks + 1, _WIDEST)
            self._widen_at = now + _RUN_S
        if misses > self._misses or now >= self._look_at:
            self._look(now)
        self._misses = misses

    def _look(self, now):
        """Take away what was not needed since the last look; misses begin another calm while."""
        if now >= self._look_at:
            self.burst = self._bursts
            if self._lowest >= self.block and self.blocks > 1:
                self.blocks -= 1
        self._look_at = now + _CALM_S
        self._bursts, self._lowest = 0, self.frames
