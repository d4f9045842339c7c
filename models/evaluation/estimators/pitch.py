"""The fundamental of a note whose key is known, by the centres of mass of its harmonics in the spectrum.

Each of the first harmonics is the centroid of the power in a narrow band, which noise pulls to the band's centre and
vibrato leaves at its mean; bands are centred anew until they stand still. The fundamental is the weighted median of
what the harmonics say, so that a missing fundamental, one beating harmonic or stretched partials do little harm.
"""

import numpy as np

HARMONICS = 12
HIGHEST_HZ = 7600.0
SEARCH_CENTS = 100.0  # on either side of the nominal pitch
BAND = 0.03  # half a band's width, relative to its frequency: 51 cents of vibrato
SILENCE_DB = -90.0  # rms re full scale
ROUNDS = 6


def estimate_f0(audio, rate, nominal_hz):
    """Fundamental in Hz within a semitone of the nominal one; nan for silence.

    audio : float (samples,), a stretch without attack and release
    Within 0.5 cents on stationary tones of 27 to 4200 Hz that last a second.
    """
    audio = np.asarray(audio, np.float64)
    if not np.isfinite(audio).all() or np.mean(audio**2) < 10 ** (SILENCE_DB / 10):
        return np.nan
    size = 1 << int(np.ceil(np.log2(len(audio)))) + 2
    power = np.abs(np.fft.rfft(audio * np.hanning(len(audio)), size)) ** 2
    bin_hz, resolution_hz = rate / size, rate / len(audio)
    orders = np.arange(1, max(1, min(HARMONICS, int(HIGHEST_HZ / (1.06 * nominal_hz)))) + 1)
    f0 = _coarse(power, bin_hz, resolution_hz, orders, nominal_hz)
    for _ in range(ROUNDS):
        f0 = _refined(power, bin_hz, resolution_hz, orders, f0)
    return f0


def cents(hz, nominal_hz):
    """Interval from the nominal frequency."""
    return float(1200 * np.log2(hz / nominal_hz))


def key_hz(key):
    """Equal temperament, A4 = 440 Hz; key may be a fraction. Written anew here, so that no error judges itself."""
    return 440.0 * 2.0 ** ((key - 69.0) / 12.0)


def _coarse(power, bin_hz, resolution_hz, orders, nominal_hz):
    """The comb that collects most amplitude, among so many that none of their harmonics steps over a line."""
    width_hz = orders[-1] * nominal_hz * (2.0 ** (SEARCH_CENTS / 600.0) - 1.0)
    steps = np.linspace(-SEARCH_CENTS, SEARCH_CENTS, max(101, int(2.0 * width_hz / resolution_hz)))
    candidates = nominal_hz * 2.0 ** (steps / 1200.0)
    bins = np.rint(candidates[:, None] * orders / bin_hz).astype(int)
    return candidates[np.argmax(np.sqrt(power[bins]).sum(1))]


def _refined(power, bin_hz, resolution_hz, orders, f0):
    estimates, weights = np.empty(len(orders)), np.empty(len(orders))
    for i, order in enumerate(orders):
        # The main lobe of the Hann window is two resolutions wide on either side.
        half = min(max(2.5 * resolution_hz, BAND * order * f0), 0.45 * f0)
        low, high = int((order * f0 - half) / bin_hz) + 1, int((order * f0 + half) / bin_hz) + 1
        shape = power[low:high] * _taper(np.arange(low, high) * bin_hz - order * f0, half)
        weights[i] = shape.sum()
        estimates[i] = (shape @ np.arange(low, high)) * bin_hz / max(weights[i], 1e-300) / order
    return _weighted_median(estimates, weights)


def _taper(offset, half):
    """1 in the middle, falling to 0 at both ends: what just leaves the band does so without a jump."""
    return np.clip(2.0 - 2.0 * np.abs(offset) / half, 0.0, 1.0)


def _weighted_median(values, weights):
    order = np.argsort(values)
    return float(values[order][np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2)])
