"""Soft saturation without aliasing to speak of."""

import math

import numpy as np
from numba import njit

from engine.effects import oversampling
from engine.effects.glide import Glides, Values, glide
from engine.effects.oversampling import Oversampled, double, halve, halve_sharply, keep

_MAKE_UP = 0.7  # of the drive's dB that are taken back, so that more of it is not just louder
_NEAR = 1e-5  # inputs nearer to each other than this: their difference says too little


class Drive:
    """tanh at eight times the rate, as the mean over the way between two samples; then a low-pass.

    Source: Parker, Zavalishin, Le Bivic, "Reducing the aliasing of nonlinear waveshaping using continuous-time
    convolution", DAFx 2016 (first-order antiderivative antialiasing).
    """

    latency = oversampling.LATENCY

    def __init__(self):
        self._values = Values("drive")
        self._glides = Glides(3)  # dB before, dB after, coefficient of the tone
        self._rate = 48000

    def prepare(self, rate: int, max_frames: int) -> None:
        self._rate = rate
        self._over = Oversampled(max_frames)
        self._past = np.zeros((2, 3))  # by side: the input before, the area under tanh there; state of the low-pass
        self._moving = np.zeros((3, max_frames))  # gain before, gain after, coefficient of the tone
        self._bent = np.zeros(max_frames)
        self._aim()
        self._glides.prepare(rate)
        self.reset()

    def reset(self) -> None:
        self._over.reset()
        self._past[:] = 0.0
        self._glides.arrive()

    def set(self, name: str, value: float) -> None:
        if self._values.take(name, value):
            self._aim()

    def _aim(self):
        values = self._values
        after = values["level_db"] - _MAKE_UP * values["drive_db"]
        share = 1.0 - math.exp(-2.0 * math.pi * values["tone_hz"] / self._rate)
        self._glides.targets[:] = values["drive_db"], after, share

    @property
    def tail(self) -> int:
        return round(0.005 * self._rate)

    def process(self, block: np.ndarray) -> None:
        glides, over = self._glides, self._over
        moving = self._moving[:, : len(block)]
        _move(moving, glides.values, glides.targets, glides.coefficient)
        _process(block, moving, over.filters, over.levels, self._past, self._bent)

    def close(self) -> None:
        """It holds nothing."""


@njit(cache=True, nogil=True)
def _move(moving, values, targets, coefficient):
    moves = True
    for i in range(moving.shape[1]):
        if moves:
            moves = glide(values, targets, coefficient)
            before, after = 10.0 ** (values[0, 1] / 20.0), 10.0 ** (values[1, 1] / 20.0)
        moving[0, i], moving[1, i], moving[2, i] = before, after, values[2, 1]


@njit(cache=True, nogil=True)
def _process(block, moving, filters, levels, past, bent):
    frames = block.shape[0]
    low, middle, high, sharp = filters
    for side in range(2):
        one, two, four, eight, fewer, last = (
            levels[0][side], levels[1][side], levels[2][side], levels[3][side], levels[4][side], levels[5][side]
        )  # fmt: skip
        for i in range(frames):
            one[len(low) - 1 + i] = moving[0, i] * block[i, side]
        double(one, low, frames, two, len(middle) - 1)
        double(two, middle, 2 * frames, four, len(high) - 1)
        bend_at = 2 * len(high) - 2
        double(four, high, 4 * frames, eight, bend_at)
        bend(eight[bend_at : bend_at + 8 * frames], past[side])
        halve(eight, high, 4 * frames, fewer, 2 * len(middle) - 2)
        halve(fewer, middle, 2 * frames, last, len(sharp) - 1)
        halve_sharply(last, sharp, frames, bent)
        keep(one, len(low) - 1, frames)
        keep(two, len(middle) - 1, 2 * frames)
        keep(four, len(high) - 1, 4 * frames)
        keep(eight, bend_at, 8 * frames)
        keep(fewer, 2 * len(middle) - 2, 4 * frames)
        keep(last, len(sharp) - 1, 2 * frames)
        for i in range(frames):
            past[side, 2] += moving[2, i] * (bent[i] - past[side, 2])
            block[i, side] = moving[1, i] * past[side, 2]


@njit(cache=True, nogil=True)
def bend(samples, past):
    """tanh of the samples, in place: the mean over the way from each to the next, half a sample late.

    past : the sample before, and the area under tanh from 0 to there, log cosh
    """
    for i in range(len(samples)):
        now, before, area_before = samples[i], past[0], past[1]
        area = abs(now) + math.log1p(math.exp(-2.0 * abs(now))) - math.log(2.0)
        way = now - before
        samples[i] = (area - area_before) / way if abs(way) > _NEAR else math.tanh(0.5 * (now + before))
        past[0], past[1] = now, area
