"""What lies at the harmonics of a note, and what between them."""

import numpy as np
from scipy.signal import welch

NEAR_HZ = 6.0  # from a harmonic: still that harmonic
LOWEST_HZ = 20.0
INAUDIBLE_DB = -70.0  # under the note itself; also where the recordings, of 16 bit, end
NOISE_SAMPLES = 2048  # of a stretch in which noise is looked for
SEEN_PERIODS = 32  # at least; a line of the window is then a quarter of a gap wide
RESOLUTIONS = 2.5  # half the main lobe of a Hann window, with a margin


def harmonic_share(audio, rate, f0_hz):
    """Share of the energy within NEAR_HZ of the harmonics of f0, 0 to 1.

    In a short stretch lines are broader; then the width is that of the window, at most a quarter of f0.
    audio : float (samples,), a stretch without attack and release
    """
    frequencies, power = _power(audio, rate)
    near_hz = min(max(NEAR_HZ, RESOLUTIONS * rate / len(audio)), 0.25 * f0_hz)
    off_hz = np.abs(frequencies - np.maximum(np.rint(frequencies / f0_hz), 1.0) * f0_hz)
    total = power.sum()
    return float(power[off_hz <= near_hz].sum() / total) if total > 0 else 0.0


def noise_floor_db(audio, rate, f0_hz):
    """Level between the harmonics relative to that of the whole stretch, at least INAUDIBLE_DB.

    Of short stretches, as the ear hears them: the loops of a sampler repeat their noise several times a second, and
    a long spectrum would show it as lines with nothing between. The median power in the middle half of each gap, so
    that single lines do not count, stands for the whole gap.
    """
    samples = min(max(NOISE_SAMPLES, int(SEEN_PERIODS * rate / f0_hz)), len(audio))
    frequencies, power = welch(np.asarray(audio, np.float64), rate, "blackmanharris", samples, detrend=False)
    frequencies, power = frequencies[frequencies >= LOWEST_HZ], power[frequencies >= LOWEST_HZ]
    gap = np.floor(frequencies / f0_hz).astype(int)
    place = frequencies / f0_hz - gap
    middle = (place > 0.25) & (place < 0.75)
    floor = sum(np.median(power[middle & (gap == k)]) * np.sum(gap == k) for k in np.unique(gap[middle]))
    return max(float(10 * np.log10((floor + 1e-30) / (power.sum() + 1e-30))), INAUDIBLE_DB)


def _power(audio, rate):
    """Frequencies from LOWEST_HZ on, and power at them."""
    spectrum = np.fft.rfft(np.asarray(audio, np.float64) * np.hanning(len(audio)))
    frequencies = np.fft.rfftfreq(len(audio), 1 / rate)
    heard = frequencies >= LOWEST_HZ
    return frequencies[heard], np.abs(spectrum[heard]) ** 2
