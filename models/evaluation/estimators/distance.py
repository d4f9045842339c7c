"""How far two sounds are apart: the mean difference of their log spectra, in dB, over three resolutions in time.

Short windows see attacks, long ones harmonics. Both are brought to one level, and nothing below FLOOR_DB counts.
Source: multi-scale spectral loss of DDSP (Engel et al. 2020), its logarithmic part.
"""

import numpy as np
from scipy.fft import rfft

SIZES = (256, 1024, 4096)
FLOOR_DB = -60.0  # re the rms of the sound
HIGHEST = 0.95  # of the Nyquist frequency


def log_spectra(audio):
    """float32 dB spectrograms, one a size, (frames, bins); two sounds of one length can then be compared quickly."""
    return [_spectrogram_db(np.asarray(audio, np.float32), size) for size in SIZES]


def distance_db(one, other):
    """Mean absolute difference of two `log_spectra`."""
    return float(np.mean([np.abs(a - b).mean() for a, b in zip(one, other, strict=True)]))


def _spectrogram_db(audio, size):
    """(frames, bins), 0 dB being a sine of amplitude 1 after the sound was brought to an rms of 1."""
    window = np.hanning(size).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(audio, size // 2), size)[:: size // 2]
    magnitude = np.abs(rfft(frames * window, axis=1))[:, : int(HIGHEST * size / 2)] * (2 / window.sum())
    power = magnitude**2 / max(np.mean(audio**2), 1e-20)
    return 10 * np.log10(power + np.float32(10 ** (FLOOR_DB / 10)))
