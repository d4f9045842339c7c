"""Free partials: the strongest lines that a note has between its harmonics, as bells, pianos and chords have.

Half of what lies between harmonics are lines, no noise. Filtered noise in their place is heard as hiss.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import scipy.fft
from scipy.signal import oaconvolve

from models.analysis.harmonics import odd_samples, reach_hz
from models.analysis.partials import Partials

SPECTRUM_S = 0.256  # of the spectra in whose mean they are looked for
SURROUNDINGS = 40  # bins on either side that tell what a line stands out of
PROMINENCE = 4.0  # of the power of its surroundings, that it has at least
APART_HZ, LOWEST_HZ = 12.0, 40.0
LEVEL_S = 0.05  # of the window that follows one


@dataclass(frozen=True)
class Line:
    """One free partial. hz : frequency; amplitude : float32 (frames,), at their centres"""

    hz: float
    amplitude: np.ndarray


def find_lines(remainder, partials: Partials, rate, count, held):
    """float (n,): frequencies of up to so many lines, the strongest first.

    remainder : float (samples,), what lies between the harmonics; held : samples until the release
    """
    power, hz = _mean_power(remainder[:held], rate)
    between = (partials.off_hz(hz) >= 2 * reach_hz(partials.f0_hz)) & (hz > LOWEST_HZ)
    left = np.where(between & (power > PROMINENCE * _surroundings(power, between)), power, 0.0)
    found: list[float] = []
    while len(found) < count and left.max() > 0:
        peak = int(left.argmax())
        found.append((peak + _offset(power, peak)) * hz[1])
        left[np.abs(hz - hz[peak]) < APART_HZ] = 0.0
    return np.array(found)


def take_lines(remainder, frequencies, rate, centres):
    """([Line], the waveform of all of them, float64 (samples,)). centres : int (frames,), samples"""
    time, window = np.arange(len(remainder)) / rate, np.hanning(odd_samples(LEVEL_S, rate))
    left, lines = remainder.astype(np.float64), []
    for hz in frequencies:
        turning = np.exp(2j * np.pi * hz * time)
        low = 2 * oaconvolve(left * turning.conj(), window / window.sum(), mode="same")
        left = left - (low * turning).real
        lines.append(Line(float(hz), np.abs(low[centres]).astype(np.float32)))
    return lines, remainder - left


def _mean_power(audio, rate):
    size = round(SPECTRUM_S * rate)
    audio = np.pad(audio, (0, max(size - len(audio), 0)))
    pieces = np.lib.stride_tricks.sliding_window_view(audio, size)[:: size // 4]
    return (np.abs(scipy.fft.rfft(pieces * np.hanning(size))) ** 2).mean(0), scipy.fft.rfftfreq(size, 1 / rate)


def _surroundings(power, between):
    """Median of the bins around each that lie between harmonics; infinite where there are none."""
    padded = np.pad(np.where(between, power, np.nan), SURROUNDINGS, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * SURROUNDINGS + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of windows without any
        return np.nan_to_num(np.nanmedian(windows, 1), nan=np.inf)


def _offset(power, peak):
    """Of the top of a parabola through the logarithms of three bins, in bins."""
    if not 0 < peak < len(power) - 1:
        return 0.0
    before, at, after = np.log(power[peak - 1 : peak + 2] + 1e-30)
    curve = before - 2 * at + after
    return float(np.clip(0.5 * (before - after) / curve, -0.5, 0.5)) if curve else 0.0
