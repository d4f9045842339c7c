"""Makes what is loud less loud, both sides alike."""

import math

import numpy as np
from numba import njit

from common.smoothing import one_pole
from engine.effects.glide import Glides, Values, glide

KNEE_DB = 6.0
_FLOOR = 1e-6  # -120 dB: below, nothing is measured


class Compressor:
    """Feed-forward: the level's peak in dB, a soft knee, and a gain that follows in dB.

    Source: Giannoulis, Massberg, Reiss, "Digital dynamic range compressor design", JAES 60 (2012), 399-408.
    """

    latency = tail = 0

    def __init__(self):
        self._values = Values("compressor")
        self._glides = Glides(5)  # threshold, slope, make-up, coefficients of attack and release
        self._gain_db = np.zeros(1)
        self._rate = 48000

    def prepare(self, rate: int, max_frames: int) -> None:
        self._rate = rate
        self._aim()
        self._glides.prepare(rate)
        self.reset()

    def reset(self) -> None:
        self._gain_db[:] = 0.0
        self._glides.arrive()

    def set(self, name: str, value: float) -> None:
        if self._values.take(name, value):
            self._aim()

    def _aim(self):
        values = self._values
        times = (one_pole(values[name], self._rate) for name in ("attack_ms", "release_ms"))
        slope = 1.0 - 1.0 / values["ratio"]
        self._glides.targets[:] = values["threshold_db"], slope, values["makeup_db"], *times

    def process(self, block: np.ndarray) -> None:
        glides = self._glides
        _process(block, self._gain_db, glides.values, glides.targets, glides.coefficient)

    def close(self) -> None:
        """It holds nothing."""


@njit(cache=True, nogil=True)
def _reduction(over, slope):
    """dB that are taken off a level so many dB over the threshold."""
    if over <= -KNEE_DB / 2:
        return 0.0
    if over < KNEE_DB / 2:
        return slope * (over + KNEE_DB / 2) ** 2 / (2.0 * KNEE_DB)
    return slope * over


@njit(cache=True, nogil=True)
def _process(block, gain_db, values, targets, coefficient):
    for i in range(block.shape[0]):
        glide(values, targets, coefficient)
        peak = max(abs(block[i, 0]), abs(block[i, 1]))
        wanted = -_reduction(20.0 * math.log10(max(peak, _FLOOR)) - values[0, 1], values[1, 1])
        gain_db[0] += values[3 if wanted < gain_db[0] else 4, 1] * (wanted - gain_db[0])
        gain = 10.0 ** ((gain_db[0] + values[2, 1]) / 20.0)
        for side in range(2):
            block[i, side] *= gain
