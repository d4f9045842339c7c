"""From one signal to another without a click: the step between them decays, value and slope alike. Pure."""

import numpy as np

SEAM_MS = 3.0


class Seam:
    """Adds to the new signal what the old one was beside it, along a cubic that ends at rest after SEAM_MS.

    Source of the curve: cubic Hermite spline, from (step, slope) to (0, 0).
    """

    def __init__(self, rate: int):
        at = np.arange(1, round(SEAM_MS * rate / 1000) + 1) / round(SEAM_MS * rate / 1000)
        self._step_curve = ((1.0 + 2.0 * at) * (1.0 - at) ** 2)[:, np.newaxis]
        self._slope_curve = (at * (1.0 - at) ** 2 * len(at))[:, np.newaxis]
        self._offset = np.zeros((len(at), 2))
        self._done = len(at)  # frames of the offset that were added
        self._last = np.zeros((2, 2))  # the two frames that were heard last

    def reset(self) -> None:
        """As if silence had been heard."""
        self._done = len(self._offset)
        self._last[:] = 0.0

    def change(self, before: np.ndarray) -> None:
        """The next block is another signal's. before : float (2, 2), its two frames before that block"""
        apart = self._last - before
        self._offset[:] = apart[1] * self._step_curve + (apart[1] - apart[0]) * self._slope_curve
        self._done = 0

    def process(self, block: np.ndarray) -> None:
        """Add what is left of the step to float32 (frames, 2), in place."""
        count = min(len(self._offset) - self._done, len(block))
        if count:
            block[:count] += self._offset[self._done : self._done + count]
            self._done += count
        kept = min(len(block), 2)
        self._last[:-kept] = self._last[kept:]
        self._last[2 - kept :] = block[len(block) - kept :]
