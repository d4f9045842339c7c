"""Width for a sound that has little or none: the sides get it with opposite signs, so that mono stays as it was."""

import math

import numpy as np
from numba import njit

from engine.effects.glide import Glides, Values, glide

TIMES_MS = (7.3, 11.9, 17.1)  # of the all-passes that make the sides another sound than the middle
_FEEDBACK = 0.6
_MONO_BELOW_HZ = 180.0  # a bass that differs between the sides has no place
_LEVEL = 0.8  # of the sides against the middle at full spread
_TINY = 1e-20  # below is silence, before it gets denormal


class Width:
    """Sides of the input by a factor, and sides made of its middle."""

    latency = 0

    def __init__(self):
        self.tail = 0
        self._values = Values("width")
        self._glides = Glides(2)  # spread, sides

    def prepare(self, rate: int, max_frames: int) -> None:
        self._lengths = np.array([round(time / 1000.0 * rate) for time in TIMES_MS])
        self._lines = np.zeros((len(TIMES_MS), self._lengths.max()))
        self._at = np.zeros(len(TIMES_MS), np.int64)
        self._low = np.zeros(1)
        self._share = 1.0 - math.exp(-2.0 * math.pi * _MONO_BELOW_HZ / rate)
        self.tail = round(0.3 * rate)
        self._aim()
        self._glides.prepare(rate)
        self.reset()

    def reset(self) -> None:
        for state in (self._lines, self._at, self._low):
            state[:] = 0
        self._glides.arrive()

    def set(self, name: str, value: float) -> None:
        if self._values.take(name, value):
            self._aim()

    def _aim(self):
        self._glides.targets[:] = _LEVEL * self._values["spread"], self._values["sides"]

    def process(self, block: np.ndarray) -> None:
        glides = self._glides
        _process(
            block, self._lines, self._lengths, self._at, self._low, self._share,
            glides.values, glides.targets, glides.coefficient,
        )  # fmt: skip

    def close(self) -> None:
        """It holds nothing."""


@njit(cache=True, nogil=True)
def _process(block, lines, lengths, at, low, share, values, targets, coefficient):
    for i in range(block.shape[0]):
        glide(values, targets, coefficient)
        middle, side = 0.5 * (block[i, 0] + block[i, 1]), 0.5 * (block[i, 0] - block[i, 1])
        low[0] += share * (middle - low[0])
        other = middle - low[0]
        for n in range(lengths.size):
            delayed = lines[n, at[n]]
            inside = other + _FEEDBACK * delayed
            lines[n, at[n]] = inside if abs(inside) > _TINY else 0.0
            other = delayed - _FEEDBACK * inside
            at[n] = (at[n] + 1) % lengths[n]
        side = values[1, 1] * side + values[0, 1] * other
        block[i, 0], block[i, 1] = middle + side, middle - side
