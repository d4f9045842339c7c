"""Eight times the samples for what bends a signal, and back: half-band filters, the last of them a sharp low-pass.

Linear phase. Up: to 20 kHz as it was, images from 28 kHz on 80 dB down (at 48 kHz). Down: from 25 kHz on as well, so
that what is bent beyond half the rate does not come back as another tone.
Source of the filters: Kaiser's window; F. Harris, "Multirate Signal Processing for Communication Systems", chapter 8.
"""

import numpy as np
from numba import njit

FACTOR = 8
LATENCY = 51  # frames there and back; 1/16 more with the half sample of `bend` in engine/effects/drive.py
_PAIRS = (16, 6, 4)  # of taps of the half-band filters, from the lowest rate to the highest
_SHARP_TAPS = 114
_SHARP_CUTOFF = 0.464  # of half the rate that it works at: 22.3 kHz at 96 kHz
_BETA = 8.0


class Oversampled:
    """A stereo stream at eight times its rate. All arrays are allocated here, for blocks of up to `max_frames`.

    filters : float64 (taps,) each: up, from the lowest rate to the highest, then the sharp one
    levels : float64 (2, past + samples) each: the stream going up, then coming down, with what each filter still needs
    """

    def __init__(self, max_frames: int):
        ups = [_half_band(pairs) for pairs in _PAIRS]
        self.filters = (*ups, _sharp())
        going = [len(taps) - 1 for taps in ups]
        coming = [2 * len(taps) - 2 for taps in ups[:0:-1]]
        sizes = [(past, 2**level) for level, past in enumerate(going)]
        sizes += [(past, FACTOR >> level) for level, past in enumerate([*coming, _SHARP_TAPS - 1])]
        self.levels = tuple(np.zeros((2, past + times * max_frames)) for past, times in sizes)

    def reset(self) -> None:
        """Silence."""
        for level in self.levels:
            level[:] = 0.0


def _half_band(pairs):
    """Its taps that are neither zero nor the middle one, float64 (2 * pairs,); together 1."""
    taps = _windowed(4 * pairs - 1, 0.5)[::2]
    return np.ascontiguousarray(taps / taps.sum())


def _sharp():
    taps = _windowed(_SHARP_TAPS, _SHARP_CUTOFF)
    return taps / taps.sum()


def _windowed(count, cutoff):
    at = np.arange(count) - (count - 1) / 2
    return np.sinc(cutoff * at) * np.kaiser(count, _BETA)


# Only the order of the sum over the taps is left to the compiler; it is the same for every sample, whatever the blocks.
@njit(cache=True, nogil=True, fastmath={"reassoc"})
def double(low, taps, samples, high, at):
    """Twice the samples of `low`, whose first len(taps) - 1 are past, into `high` from `at` on."""
    middle = len(taps) // 2
    for n in range(samples):
        total = 0.0
        for k in range(len(taps)):
            total += taps[k] * low[n + k]
        high[at + 2 * n] = total
        high[at + 2 * n + 1] = low[n + middle]


@njit(cache=True, nogil=True, fastmath={"reassoc"})
def halve(high, taps, samples, low, at):
    """Half the samples of `high`, whose first 2 * len(taps) - 2 are past: so many into `low` from `at` on."""
    for n in range(samples):
        total = 0.0
        for k in range(len(taps)):
            total += taps[k] * high[2 * (n + k)]
        low[at + n] = 0.5 * (total + high[2 * n + len(taps) - 1])


@njit(cache=True, nogil=True, fastmath={"reassoc"})
def halve_sharply(high, taps, samples, low):
    """As `halve`, with all taps, and len(taps) - 1 samples of the past."""
    for n in range(samples):
        total = 0.0
        for k in range(len(taps)):
            total += taps[k] * high[2 * n + k]
        low[n] = total


@njit(cache=True, nogil=True)
def keep(level, past, samples):
    """What the next block needs of this one goes to the beginning."""
    for k in range(past):
        level[k] = level[samples + k]
