"""How far apart two sounds are to the ear: log mel spectra under windows of several lengths, in dB."""

from functools import cache

import numpy as np
import scipy.fft

WINDOWS_S = (0.032, 0.064, 0.128, 0.256)
BANDS = (40, 60, 80, 80)  # of each, to 8 kHz; above that more, as wide
FLOOR = 1e-6  # of power, relative to the sound's own mean
HEARD = 1e-5  # of the power of the loudest frame, that a frame of the recording has at least
LOWEST_HZ, REFERENCE_HZ = 40.0, 8000.0


def logmel_db(audio, recording, rate):
    """float: mean absolute difference of bands that are heard in the recording, both sounds at the same mean power.

    audio, recording : float (samples,)
    """
    found = []
    for seconds, count in zip(WINDOWS_S, BANDS, strict=True):
        size = round(seconds * rate)
        played, recorded = (_powers(sound, size, _bank(count, size, rate)) for sound in (audio, recording))
        level = recorded.sum(1)
        heard = level > HEARD * level.max()
        apart = 10 * np.log10(played[heard] + FLOOR) - 10 * np.log10(recorded[heard] + FLOOR)
        found.append(np.abs(apart).mean())
    return float(np.mean(found))


def _powers(audio, size, bank):
    audio = audio / np.sqrt(np.mean(np.square(audio, dtype=np.float64)) + 1e-20)
    window = np.hanning(size)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(audio, size // 2), size)[:: size // 4]
    return np.abs(scipy.fft.rfft(frames * window)) ** 2 * (2 / window.sum()) ** 2 @ bank


@cache
def _bank(count, size, rate):
    """(bins, bands): means under triangles, evenly spaced on the mel scale."""
    top = _mel(rate / 2)
    bands = round(count * (top - _mel(LOWEST_HZ)) / (_mel(REFERENCE_HZ) - _mel(LOWEST_HZ)))
    edges = 700 * (10 ** (np.linspace(_mel(LOWEST_HZ), top, bands + 2) / 2595) - 1)
    hz = np.fft.rfftfreq(size, 1 / rate)[:, None]
    rise, fall = (hz - edges[:-2]) / np.diff(edges)[:-1], (edges[2:] - hz) / np.diff(edges)[1:]
    weights = np.maximum(0, np.minimum(rise, fall))
    total = weights.sum(0)
    return weights[:, total > 0] / total[total > 0]


def _mel(hz):
    return 2595 * np.log10(1 + hz / 700)
