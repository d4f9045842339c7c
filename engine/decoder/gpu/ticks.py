"""A call for the next samples, and where in it each voice's conditioning, gains and detuning change: its ticks."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np


class Ticks(NamedTuple):
    """Tick 0 of a row is the one that its first sample belongs to.

    length : samples of one
    place : int64 (n,), samples of tick 0 that lie before this call
    starts : int64 (n, ticks), the sample with which each begins; negative: before this call
    samples : of the call
    """

    length: int
    place: np.ndarray
    starts: np.ndarray
    samples: int

    @classmethod
    def of(cls, length: int, ages: np.ndarray, samples: int) -> "Ticks":
        """ages : int64 (n,), samples that each voice has behind it"""
        place = ages % length
        count = -(-(int(place.max()) + samples) // length)
        return cls(length, place, np.arange(count) * length - place[:, None], samples)

    @property
    def last(self) -> np.ndarray:
        """int64 (n,): the tick of the last sample."""
        return (self.place + self.samples - 1) // self.length

    def begin(self, tick: int) -> np.ndarray:
        """Rows in which this tick begins within the call."""
        starts = self.starts[:, tick]
        return np.flatnonzero((starts >= 0) & (starts < self.samples))

    def at_starts(self, values: np.ndarray) -> np.ndarray:
        """(n, samples) -> (n, ticks): at the start of each tick; of those outside, at the nearest sample."""
        return np.take_along_axis(values, self.starts.clip(0, self.samples - 1), 1)

    def parts(self, row: int) -> Iterator[tuple[int, slice, np.ndarray]]:
        """Of each tick of a row that has samples in this call: its number, those, and the share of it gone by."""
        for tick, start in enumerate(self.starts[row]):
            part = slice(max(start, 0), min(start + self.length, self.samples))
            if part.start < part.stop:
                yield tick, part, (np.arange(part.start, part.stop) - start) / self.length


class Call(NamedTuple):
    """What a decoder is given, see `Decoder.render`; rows are voices.

    ages : int64 (n,), samples that each voice has behind it
    """

    ticks: Ticks
    slots: np.ndarray
    ages: np.ndarray
    latents: np.ndarray
    f0_hz: np.ndarray
    uniforms: np.ndarray
