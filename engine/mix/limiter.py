"""The last stage before the device: a look-ahead limiter that nothing passes above its ceiling."""

import numpy as np
from numba import njit

from common.smoothing import one_pole

CEILING = 10 ** (-0.3 / 20)  # leaves room for the overshoot between samples in the device's converter
LOOK_AHEAD_MS = 1.0
RELEASE_MS = 80.0


class Limiter:
    """A Processor, stereo, both sides with one gain. Below the ceiling it is a plain delay.

    latency : look-ahead in frames
    peaks : float64 (2,), the highest absolute output of each side since they were last set to zero
    """

    def __init__(self):
        self.latency = self.tail = 0
        self.peaks = np.zeros(2)

    def prepare(self, rate: int, max_frames: int) -> None:
        """Get ready for this rate; blocks may be of any size."""
        self.latency = max(round(LOOK_AHEAD_MS / 1000 * rate), 1)
        self._frames = np.zeros((self.latency, 2), np.float32)  # ring of the delayed frames
        self._wanted = np.ones(self.latency + 1)  # ring of the gains that the frames in the delay and the newest want
        self._held = np.ones(self.latency + 1)  # ring of the gain after hold and release; its mean is applied
        self._cursor = np.zeros(2, np.int64)
        self._coefficient = one_pole(RELEASE_MS, rate)

    def reset(self) -> None:
        """Silence in the delay, no reduction."""
        for ring, value in ((self._frames, 0.0), (self._wanted, 1.0), (self._held, 1.0), (self._cursor, 0)):
            ring[:] = value

    def process(self, block: np.ndarray) -> None:
        """Limit float32 (frames, 2) in place, delayed by `latency` frames."""
        _process(block, self._frames, self._wanted, self._held, self._cursor, self._coefficient, self.peaks)


@njit(cache=True, nogil=True)
def _process(block, delayed, wanted, held, cursor, coefficient, peaks):
    """The least gain that the frames of the look-ahead want is held and averaged over as many: in time, and smooth."""
    window = wanted.size
    for i in range(block.shape[0]):
        peak = max(abs(block[i, 0]), abs(block[i, 1]))
        at, last = cursor[0] % window, (cursor[0] - 1) % window
        wanted[at] = CEILING / peak if peak > CEILING else 1.0
        least = wanted.min() if cursor[1] > 0 or wanted[at] < 1.0 else 1.0
        release = held[last] + coefficient * (1.0 - held[last])
        held[at] = min(least, release if release < 1.0 - 1e-9 else 1.0)
        # Frames until both rings are full of ones again, where nothing needs to be summed.
        cursor[1] = window if wanted[at] < 1.0 or held[at] < 1.0 else max(cursor[1] - 1, 0)
        gain = held.mean() if cursor[1] > 0 else 1.0
        slot = cursor[0] % delayed.shape[0]
        for side in range(2):
            sample = delayed[slot, side] * gain
            delayed[slot, side] = block[i, side]
            block[i, side] = min(max(sample, -CEILING), CEILING)
            peaks[side] = max(peaks[side], abs(block[i, side]))
        cursor[0] += 1
