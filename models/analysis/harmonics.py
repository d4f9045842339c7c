"""A recording taken apart: every harmonic by itself, what they leave over, and how the pitch moves.

Each harmonic is brought down to 0 Hz by its nominal frequency and low-passed: what is left is its amplitude, and the
slow turning that detuning and vibrato make. Where the partials of the note are (partials.py) is known before.
"""

import numpy as np
import scipy.fft
from numpy.lib.stride_tricks import sliding_window_view
from scipy.linalg import toeplitz
from scipy.signal import oaconvolve

from models.analysis.partials import Partials
from models.excitation import CENTS

STEP_S = 0.001  # between tracked values
WINDOW_S = 0.05  # Hann low-pass, 80 Hz wide; at least
LEAST_TRACKED = 4  # periods of the fundamental in it
PERIODS, SHORTEST_WINDOW_S = 2, 0.004  # of the fundamental, that the window of a level holds; at least
LEVEL_S = 0.025  # over which powers are averaged at least
ANGLES = 65536  # of a full turn, as they are stored
VIBRATO_S = 0.02  # smoothing of the pitch
SPREAD_S = 0.25  # stretch over which the harmonics' straying is averaged
SPREAD_LIMIT_CENTS = 30.0
WIDENING = 2.0  # what the tracking hides of the spread, and its coming back undoes; calibrated on shares of lines
LINE_HZ = 6.0  # from a harmonic: still a steady line
TELLING = 12  # harmonics that tell how a note is tuned
OFF_TUNE, LEAST_OFF_HZ = 0.03, 3.0  # of its frequency, and more: how far from its place a harmonic is looked for
REACH_HZ = 50.0  # a harmonic is at most so wide; twice as far away there is only noise
SHORTEST_DENSITY_S = 0.064
RISE = 4.0  # of the power within the window of the tracking: the note sets in
SILENT = 1e-5  # power, relative to the loudest moment, below which nothing is said to move
DEVIATION_LIMIT_CENTS = 100.0
TOGETHER = 16  # harmonics whose straying is looked at together
TOGETHER_STEPS = 128  # moments that are averaged together


def step_samples(rate):
    """Samples between tracked values: 16 at 16 kHz."""
    return round(STEP_S * rate)


def odd_samples(seconds, rate):
    """Samples of a window that has a middle."""
    return round(seconds * rate) | 1


def tracking_window(partials: Partials, rate):
    """Samples of the Hann low-pass: whole periods, so that its zeros lie on the neighbours of every harmonic.

    Otherwise what is left of them beats with it, and at 43 Hz looks as if it strayed by 30 cents.
    """
    period = rate / partials.f0_hz
    return round(max(np.ceil(odd_samples(WINDOW_S, rate) / period), LEAST_TRACKED) * period) | 1


def track_harmonics(audio, partials: Partials, rate, harmonics, window_samples=None):
    """Complex amplitudes of the harmonics of one note against its nominal partials.

    audio : float32 (samples,); window_samples : of the Hann low-pass, `tracking_window` unless given
    returns : complex64 (steps, harmonics), one every `step_samples`; |value| is the peak amplitude of that sinusoid.
        Harmonics above Nyquist are 0.
    """
    window_samples, step = window_samples or tracking_window(partials, rate), step_samples(rate)
    size = step * scipy.fft.next_fast_len(-(-(len(audio) + window_samples) // step))
    spectrum = scipy.fft.fft(audio.astype(np.float32), size)
    window = np.hanning(window_samples)
    low_pass = scipy.fft.fft(np.roll(np.pad(window, (0, size - len(window))), -(len(window) // 2))).real
    kept = np.arange(-(size // step // 2), size // step - size // step // 2)  # bins that survive the decimation
    low_pass = 2 * low_pass[kept] / window.sum()
    tracked = np.zeros((len(audio) // step, harmonics), np.complex64)
    time = np.arange(len(tracked)) * step / rate
    for column, hz in enumerate(partials.hz(below_nyquist(partials, rate, harmonics))):
        middle = int(round(hz * size / rate))
        part = np.zeros(len(kept), np.complex64)
        part[kept] = spectrum[(middle + kept) % size] * low_pass
        turn_hz = hz - middle * rate / size  # what whole bins could not shift
        low = scipy.fft.ifft(part)[: len(tracked)] / step
        tracked[:, column] = low * np.exp(-2j * np.pi * turn_hz * time)
    return tracked


def below_nyquist(partials: Partials, rate, harmonics):
    """How many of the harmonics there are in a recording at this rate."""
    return int(np.sum(partials.hz(harmonics) < rate / 2 - 1))


def harmonic_powers(audio, partials: Partials, rate, harmonics):
    """Squared amplitudes of the harmonics, with all that swings and beats about them, and what to compare them with.

    Under a window of PERIODS each is heard half-way to the next; in the mean over as many more, neighbours do not beat.
    Through the narrow band of the tracking a harmonic at 7 kHz that is 5 cents out of tune loses 6 dB.

    returns : powers float (steps, harmonics), as tracked; the sound's mean square under the same window;
        the power that white noise of variance 1 has at every harmonic
    """
    step, shortest, longest = step_samples(rate), odd_samples(SHORTEST_WINDOW_S, rate), odd_samples(WINDOW_S, rate)
    size = min(max(int(PERIODS * rate / partials.f0_hz), shortest), longest) | 1
    window = np.hanning(size)
    powers = np.abs(track_harmonics(audio, partials, rate, harmonics, size)) ** 2
    total = oaconvolve(audio.astype(np.float64) ** 2, window**2 / (window**2).sum(), mode="same")
    total = np.maximum(total[::step][: len(powers)], 1e-14)
    blur = max(size, int(np.sqrt(max(odd_samples(LEVEL_S, rate) ** 2 - size**2, 0)))) // step
    return _smooth(powers, blur), _smooth(total, blur), 4 * (window**2).sum() / window.sum() ** 2


def remainder(audio, partials: Partials, rate):
    """What lies between the harmonics, float32 (samples,): nothing near them, where vibrato and beating reach."""
    size = scipy.fft.next_fast_len(len(audio) + int(16 * rate / partials.f0_hz), real=True)
    kept = np.clip(partials.off_hz(scipy.fft.rfftfreq(size, 1 / rate)) / reach_hz(partials.f0_hz) - 1, 0, 1)
    return scipy.fft.irfft(scipy.fft.rfft(audio.astype(np.float32), size) * kept, size)[: len(audio)].astype(np.float32)


def noise_density(audio, partials: Partials, rate, centres):
    """Noise around each moment: the power of white noise that would look the same between the harmonics.

    What is 55 dB below them and more drowns in the side lobes of the window.

    audio : float32 (samples,); centres : int (n,)
    returns : frequencies (bins,) in Hz, those that lie between harmonics; density float32 (n, bins)
    """
    lasting = int(16 * rate / partials.f0_hz)  # a line is then at most a quarter of a gap wide
    size = max(round(SHORTEST_DENSITY_S * rate), lasting)
    window = np.hanning(size).astype(np.float32)
    padded = np.pad(audio, (size // 2, size))
    spectra = scipy.fft.rfft(np.stack([padded[centre : centre + size] for centre in centres]) * window)
    frequencies = scipy.fft.rfftfreq(size, 1 / rate)
    between = partials.off_hz(frequencies) >= 2 * reach_hz(partials.f0_hz)
    return frequencies[between], np.abs(spectra[:, between]) ** 2 / (window**2).sum()


def line_share(audio, partials: Partials, rate):
    """Share of the power that lies in steady lines at the harmonics; what beats, swings or breathes is further out.

    The lines are looked for at the pitch of the strongest, which may be some cents off that of the partials.

    audio : float (samples,), a steady stretch
    """
    power = np.abs(scipy.fft.rfft(audio * np.hanning(len(audio)))) ** 2
    frequencies = scipy.fft.rfftfreq(len(audio), 1 / rate)
    lines = _tuned(partials, frequencies, power)
    near = lines.off_hz(frequencies) <= min(LINE_HZ, lines.f0_hz / 4)
    return float(power[near].sum() / max(power.sum(), 1e-30))


def _tuned(partials, frequencies, power):
    """The partials where they are: half of the power of the first TELLING ones lies higher, half of it lower."""
    off, weights = [], []
    for hz in partials.hz(TELLING):
        around = np.abs(frequencies - hz) <= OFF_TUNE * hz + LEAST_OFF_HZ
        off.append((power[around] @ frequencies[around]) / max(power[around].sum(), 1e-30) / hz)
        weights.append(power[around].sum())
    order = np.argsort(off)
    middle = np.searchsorted(np.cumsum(np.array(weights)[order]), sum(weights) / 2)
    return Partials(partials.f0_hz * off[order[middle]], partials.stretch) if sum(weights) else partials


def reach_hz(f0_hz):
    """How far from a partial its vibrato and its beating reach."""
    return min(f0_hz / 8, REACH_HZ)


def motion(tracked, partials: Partials, rate):
    """How the pitch moves, and how the harmonics stray from it.

    tracked : complex (steps, harmonics) from `track_harmonics`
    returns : spread_cents, deviation_cents : float32 (steps,). The deviation is the mean over the harmonics, weighted
        by their power. The spread is the bandwidth that the harmonics still have when they follow it (root mean square
        over SPREAD_S): beating voices, bow and breath.
    """
    partials_hz, step = partials.hz(tracked.shape[1]), step_samples(rate)
    deviation = _deviation(tracked, partials_hz, rate)
    turned = np.cumsum(2 * np.pi * deviation * CENTS * step / rate)
    spread = WIDENING * _bandwidth(tracked, turned, partials_hz, rate, tracking_window(partials, rate))
    spread = np.minimum(np.append(spread, spread[-1]), SPREAD_LIMIT_CENTS)
    return spread.astype(np.float32), deviation.astype(np.float32)


def _deviation(tracked, partials_hz, rate):
    """float (steps,) in cents: mean over the harmonics by power."""
    turns = tracked[1:] * np.conj(tracked[:-1])
    weight = np.abs(turns)
    cents = np.angle(turns) * rate / step_samples(rate) / (2 * np.pi * partials_hz) / CENTS
    heard = _smooth(weight.sum(1), _steps(VIBRATO_S))
    deviation = _smooth((weight * cents).sum(1), _steps(VIBRATO_S)) / (heard + SILENT * heard.max() + 1e-30)
    return np.clip(np.append(deviation, deviation[-1]), -DEVIATION_LIMIT_CENTS, DEVIATION_LIMIT_CENTS)


def _bandwidth(tracked, turned, partials_hz, rate, window_samples):
    """float (steps - 1,) in cents: mean over the harmonics by power, about each one's own mean frequency and decay.

    turned : float (steps,), what the pitch has done until then, which the harmonics are freed of
    """
    step, blur, columns = step_samples(rate), _steps(SPREAD_S), range(0, tracked.shape[1], TOGETHER)

    def moved(first):
        """Middle and change of some harmonics, (steps - 1, TOGETHER) each; those of all would fill the memory."""
        some = slice(first, first + TOGETHER)
        followed = tracked[:, some] * np.exp(-1j * partials_hz[some] * turned[:, None])
        return (followed[1:] + followed[:-1]) / 2, followed[1:] - followed[:-1]

    powers = np.concatenate([np.abs(moved(first)[0]) ** 2 for first in columns], 1)
    settled = ~_rising(powers, window_samples // step)[:, None]
    powers = np.concatenate([_smooth(settled * powers[:, first : first + TOGETHER], blur) for first in columns], 1)
    silent, variances = SILENT * powers.max() + 1e-30, []
    for first in columns:
        middle, change = moved(first)
        product = settled * change * np.conj(middle)
        heard = powers[:, first : first + TOGETHER] + silent
        mean = (_smooth(product.real, blur) / heard) ** 2 + (_smooth(product.imag, blur) / heard) ** 2
        variances.append(np.maximum(_smooth(settled * np.abs(change) ** 2, blur) / heard - mean, 0))
    variance = np.concatenate(variances, 1)
    variance /= (2 * np.pi * partials_hz * step / rate * CENTS) ** 2
    return np.sqrt((powers * variance).sum(1) / (powers + silent).sum(1))


def _rising(power, window_steps):
    """bool (steps,): where the note sets in. Under the window of the tracking that looks as if harmonics strayed."""
    total, half = power.sum(1), window_steps // 2
    padded = np.pad(total, half)
    return padded[2 * half :] > RISE * padded[: -2 * half]


def _steps(seconds):
    """Of the tracking, at any rate."""
    return round(seconds / STEP_S)


def _smooth(values, steps):
    """Hann mean along the first axis, over so many steps; the ends repeat.

    By a matrix that averages TOGETHER_STEPS moments at once: ten times as fast as one moment after another.
    """
    window = np.hanning(steps + 2)[1:-1] / np.hanning(steps + 2).sum()
    after = np.zeros(TOGETHER_STEPS - 1)
    means = toeplitz(np.append(window[0], after), np.append(window, after))  # (moments, what they are averaged from)
    edges = ((steps - 1) // 2, steps // 2 + -len(values) % TOGETHER_STEPS), *[(0, 0)] * (values.ndim - 1)
    around = sliding_window_view(np.pad(values, edges, mode="edge"), means.shape[1], axis=0)[::TOGETHER_STEPS]
    smooth = np.moveaxis(around @ means.T, -1, 1).reshape(-1, *values.shape[1:])
    return smooth[: len(values)].astype(values.dtype, copy=False)


def angles(tracked):
    """complex (..., harmonics) -> uint16; ANGLES is a full turn."""
    return (np.round(np.angle(tracked) / (2 * np.pi) * ANGLES).astype(np.int64) % ANGLES).astype(np.uint16)


def absolute_phases(stored_angles, partials: Partials, harmonics, samples, rate):
    """Phases of the harmonics at the given samples.

    stored_angles : uint16 (steps, up to harmonics) of the note, of those that were tracked; samples : int (n,)
    returns : float32 (n, harmonics) in radians
    """
    phases = (samples[:, None] / rate * partials.hz(harmonics)) % 1.0
    tracked = stored_angles[np.clip(samples // step_samples(rate), 0, len(stored_angles) - 1)] / np.float32(ANGLES)
    phases[:, : tracked.shape[1]] += tracked
    return (2 * np.pi * phases).astype(np.float32)
