"""The bands of noise: evenly spaced as the ear hears, and the filter that has given levels in them.

Source of the spacing: Glasberg and Moore 1990, "Derivation of auditory filter shapes from notched-noise data",
Hearing Research 47: the number of equivalent rectangular bandwidths (ERB) below a frequency.
"""

import numpy as np

from models.harmonic.config import HarmonicConfig

FILTER_S = 0.016  # length of the filter
LOWEST_HZ = 30.0  # centre of the lowest band
GRID = 4096  # bins of the spectra that the filters are cut from


def centres_hz(config: HarmonicConfig):
    """float64 (bands,): the highest lies at the Nyquist frequency."""
    low, high = (21.4 * np.log10(1 + 0.00437 * hz) for hz in (LOWEST_HZ, config.rate / 2))
    return (10 ** (np.linspace(low, high, config.bands) / 21.4) - 1) / 0.00437


def between(config: HarmonicConfig, hz):
    """float64 (n, bands): shares of the bands at these frequencies, straight lines from centre to centre."""
    return np.stack([np.interp(hz, centres_hz(config), row) for row in np.eye(config.bands)], -1)


def taps(config: HarmonicConfig):
    """Of the filter, an odd number: 513 at 32 kHz."""
    return round(FILTER_S * config.rate) | 1


def half_filters(config: HarmonicConfig):
    """float64 (bands, taps // 2 + 1): the middle tap and those after it, for an amplitude of 1 in one band.

    Each is symmetric, so what is 1 in all bands is a single tap of 1.
    """
    size = taps(config)
    hz = np.fft.rfftfreq(GRID, 1 / config.rate)
    impulses = np.fft.irfft(between(config, hz), axis=0)[: size // 2 + 1]
    return (impulses * np.hanning(size + 2)[1:-1][size // 2 :, None]).T.copy()
