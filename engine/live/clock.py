"""Wall clock <-> model samples, so that the time between two keys survives blocks that are rendered in bursts.

Pure. Source: F. Adriaensen, "Using a DLL to filter time", Linux Audio Conference 2005.
"""

import math

_BANDWIDTH_HZ = 0.5
_LOST_S = 0.1  # further off than this, the loop starts anew


class BlockClock:
    """A delay-locked loop on the times at which blocks begin to be rendered.

    rate : model samples per second
    block : model samples a block
    """

    def __init__(self, rate: int, block: int):
        self._rate = rate
        self._period = block / rate
        omega = 2 * math.pi * _BANDWIDTH_HZ * self._period
        self._pull, self._drift = math.sqrt(2) * omega, omega * omega
        self._step = self._period
        self._begin = -math.inf  # filtered time of the current block
        self._samples = 0

    def tick(self, now: float, samples: int) -> None:
        """A block begins: model sample `samples` is rendered at `now` seconds."""
        expected = self._begin + self._step
        error = now - expected
        if abs(error) > _LOST_S:
            self._begin, self._step = now, self._period
        else:
            self._begin = expected + self._pull * error
            self._step += self._drift * error
        self._samples = samples

    def sample_at(self, time: float) -> int:
        """The model sample that is due at `time` seconds, before or after the current block's first."""
        return self._samples + round((time - self._begin) * self._rate)
