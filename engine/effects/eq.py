"""Three bands: a low shelf, a bell, a high shelf."""

import math

import numpy as np
from numba import njit

from engine.effects.glide import Glides, Values, glide

_SHELF_Q = 1.0 / math.sqrt(2.0)
_HIGHEST = 0.45  # of the rate
_BANDS, _NUMBERS = 3, 5  # of each band: g, k, and how much of input, band-pass and low-pass is in its output
_TINY = 1e-20  # below is silence, before it gets denormal


class Equalizer:
    """State variable filters, which stay calm while their numbers move. At 0 dB a band leaves every bit.

    Source: Simper, "Linear trapezoidal integrated state variable filter with low noise optimisation", 2013,
    https://cytomic.com/files/dsp/SvfLinearTrapOptimised2.pdf
    """

    latency = 0

    def __init__(self):
        self._values = Values("eq")
        self._glides = Glides(_BANDS * _NUMBERS)
        self._state = np.zeros((_BANDS, 2, 2))  # of each band and side
        self._rate = 48000

    def prepare(self, rate: int, max_frames: int) -> None:
        self._rate = rate
        self._aim()
        self._glides.prepare(rate)
        self.reset()

    def reset(self) -> None:
        self._state[:] = 0.0
        self._glides.arrive()

    def set(self, name: str, value: float) -> None:
        if self._values.take(name, value):
            self._aim()

    def _aim(self):
        values, targets = self._values, self._glides.targets
        low, mid, high = (10.0 ** (values[name] / 40.0) for name in ("low_db", "mid_db", "high_db"))
        targets[:5] = _low_shelf(self._turn("low_hz"), low)
        targets[5:10] = _bell(self._turn("mid_hz"), mid, values["mid_q"])
        targets[10:] = _high_shelf(self._turn("high_hz"), high)

    def _turn(self, name):
        return math.tan(math.pi * min(self._values[name] / self._rate, _HIGHEST))

    @property
    def tail(self) -> int:
        return round(0.1 * self._rate)

    def process(self, block: np.ndarray) -> None:
        glides = self._glides
        _process(block, self._state, glides.values, glides.targets, glides.coefficient)

    def close(self) -> None:
        """It holds nothing."""


def _low_shelf(g, amplitude):
    k = 1.0 / _SHELF_Q
    return g / math.sqrt(amplitude), k, 1.0, k * (amplitude - 1.0), amplitude**2 - 1.0


def _bell(g, amplitude, q):
    k = 1.0 / (q * amplitude)
    return g, k, 1.0, k * (amplitude**2 - 1.0), 0.0


def _high_shelf(g, amplitude):
    k = 1.0 / _SHELF_Q
    return g * math.sqrt(amplitude), k, amplitude**2, k * (1.0 - amplitude) * amplitude, 1.0 - amplitude**2


@njit(cache=True, nogil=True)
def _process(block, state, values, targets, coefficient):
    for i in range(block.shape[0]):
        glide(values, targets, coefficient)
        for band in range(_BANDS):
            at = _NUMBERS * band
            g, k = values[at, 1], values[at + 1, 1]
            a1 = 1.0 / (1.0 + g * (g + k))
            for side in range(2):
                first, second, x = state[band, side, 0], state[band, side, 1], block[i, side]
                v3 = x - second
                v1 = a1 * (first + g * v3)
                v2 = second + g * v1
                state[band, side, 0] = 2.0 * v1 - first if abs(v1) > _TINY else 0.0
                state[band, side, 1] = 2.0 * v2 - second if abs(v2) > _TINY else 0.0
                block[i, side] = values[at + 2, 1] * x + values[at + 3, 1] * v1 + values[at + 4, 1] * v2
