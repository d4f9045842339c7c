"""A recording taken apart: every harmonic by itself, what they leave over, and how the pitch moves.

Each harmonic is brought down to 0 Hz by its nominal frequency and low-passed: what is left is its amplitude, and the
slow turning that detuning and vibrato make. Where the partials of the note are (partials.py) is known before.
"""

import numpy as np
import scipy.fft
from scipy.ndimage import convolve1d

from models.excitation import CENTS
from models.partials import Partials

STEP = 16  # samples between tracked values
WINDOW_SAMPLES = 801  # Hann low-pass: 50 ms at 16 kHz, 80 Hz wide
ANGLES = 65536  # of a full turn, as they are stored
VIBRATO_SAMPLES = 321  # smoothing of the pitch
SPREAD_SAMPLES = 4001  # stretch over which the harmonics' straying is averaged
SPREAD_LIMIT_CENTS = 30.0
WIDENING = 2.0  # what the tracking hides of the spread, and its coming back undoes; calibrated on shares of lines
LINE_HZ = 6.0  # from a harmonic: still a steady line
REACH_HZ = 50.0  # a harmonic is at most so wide; twice as far away there is only noise
SHORTEST_DENSITY = 1024  # samples
RISE = 4.0  # of the power within the window of the tracking: the note sets in
SILENT = 1e-5  # power, relative to the loudest moment, below which nothing is said to move
DEVIATION_LIMIT_CENTS = 100.0


def track_harmonics(audio, partials: Partials, rate, harmonics):
    """Complex amplitudes of the harmonics of one note against its nominal partials.

    audio : float32 (samples,)
    returns : complex64 (samples / STEP, harmonics); |value| is the peak amplitude of that sinusoid. Harmonics above
        Nyquist are 0.
    """
    size = STEP * scipy.fft.next_fast_len(-(-(len(audio) + WINDOW_SAMPLES) // STEP))
    spectrum = scipy.fft.fft(audio.astype(np.float32), size)
    window = np.hanning(WINDOW_SAMPLES)
    low_pass = scipy.fft.fft(np.roll(np.pad(window, (0, size - len(window))), -(len(window) // 2))).real
    kept = np.arange(-(size // STEP // 2), size // STEP - size // STEP // 2)  # bins that survive the decimation
    low_pass = 2 * low_pass[kept] / window.sum()
    tracked = np.zeros((len(audio) // STEP, harmonics), np.complex64)
    time = np.arange(len(tracked)) * STEP / rate
    for column, hz in enumerate(partials.hz(harmonics)):
        if hz > rate / 2 - 1:
            break
        middle = int(round(hz * size / rate))
        part = np.zeros(len(kept), np.complex64)
        part[kept] = spectrum[(middle + kept) % size] * low_pass
        turn_hz = hz - middle * rate / size  # what whole bins could not shift
        low = scipy.fft.ifft(part)[: len(tracked)] / STEP
        tracked[:, column] = low * np.exp(-2j * np.pi * turn_hz * time)
    return tracked


def remainder(audio, partials: Partials, rate):
    """What lies between the harmonics, float32 (samples,): nothing near them, where vibrato and beating reach."""
    size = scipy.fft.next_fast_len(len(audio) + int(16 * rate / partials.f0_hz), real=True)
    kept = np.clip(partials.off_hz(scipy.fft.rfftfreq(size, 1 / rate)) / _reach_hz(partials.f0_hz) - 1, 0, 1)
    return scipy.fft.irfft(scipy.fft.rfft(audio.astype(np.float32), size) * kept, size)[: len(audio)].astype(np.float32)


def noise_density(audio, partials: Partials, rate, centres):
    """Noise around each moment: the power of white noise that would look the same between the harmonics.

    What is 55 dB below them and more drowns in the side lobes of the window.

    audio : float32 (samples,); centres : int (n,)
    returns : frequencies (bins,) in Hz, those that lie between harmonics; density float32 (n, bins)
    """
    size = max(SHORTEST_DENSITY, int(16 * rate / partials.f0_hz))  # a line is then at most a quarter of a gap wide
    window = np.hanning(size).astype(np.float32)
    padded = np.pad(audio, (size // 2, size))
    spectra = scipy.fft.rfft(np.stack([padded[centre : centre + size] for centre in centres]) * window)
    frequencies = scipy.fft.rfftfreq(size, 1 / rate)
    between = partials.off_hz(frequencies) >= 2 * _reach_hz(partials.f0_hz)
    return frequencies[between], np.abs(spectra[:, between]) ** 2 / (window**2).sum()


def line_share(audio, partials: Partials, rate):
    """Share of the power that lies in steady lines at the harmonics; what beats, swings or breathes is further out.

    audio : float (samples,), a steady stretch
    """
    power = np.abs(scipy.fft.rfft(audio * np.hanning(len(audio)))) ** 2
    near = partials.off_hz(scipy.fft.rfftfreq(len(audio), 1 / rate)) <= min(LINE_HZ, partials.f0_hz / 4)
    return float(power[near].sum() / max(power.sum(), 1e-30))


def _reach_hz(f0_hz):
    return min(f0_hz / 8, REACH_HZ)


def motion(tracked, partials: Partials, rate):
    """How the pitch moves, and how the harmonics stray from it.

    tracked : complex (steps, harmonics) from `track_harmonics`
    returns : spread_cents, deviation_cents : float32 (steps,). The deviation is the mean over the harmonics, weighted
        by their power. The spread is the bandwidth that the
        harmonics still have when they follow it (root mean square over SPREAD_SAMPLES): beating voices, bow and breath.
    """
    partials_hz = partials.hz(tracked.shape[1])
    turns = tracked[1:] * np.conj(tracked[:-1])
    weight = np.abs(turns)
    cents = np.angle(turns) * rate / STEP / (2 * np.pi * partials_hz) / CENTS
    heard = _smooth(weight.sum(1), VIBRATO_SAMPLES)
    deviation = _smooth((weight * cents).sum(1), VIBRATO_SAMPLES) / (heard + SILENT * heard.max() + 1e-30)
    deviation = np.clip(np.append(deviation, deviation[-1]), -DEVIATION_LIMIT_CENTS, DEVIATION_LIMIT_CENTS)
    turned = np.cumsum(2 * np.pi * deviation * CENTS * STEP / rate)
    spread = WIDENING * _bandwidth(tracked * np.exp(-1j * partials_hz * turned[:, None]), partials_hz, rate)
    spread = np.minimum(np.append(spread, spread[-1]), SPREAD_LIMIT_CENTS)
    return spread.astype(np.float32), deviation.astype(np.float32)


def _bandwidth(followed, middle_hz, rate):
    """float (steps - 1,) in cents: mean over the harmonics by power, about each one's own mean frequency and decay."""
    middle, change = (followed[1:] + followed[:-1]) / 2, followed[1:] - followed[:-1]
    settled = ~_rising(np.abs(middle) ** 2)[:, None]
    power = _smooth(settled * np.abs(middle) ** 2, SPREAD_SAMPLES)
    heard = power + SILENT * power.max() + 1e-30
    product = settled * change * np.conj(middle)
    mean = (_smooth(product.real, SPREAD_SAMPLES) / heard) ** 2 + (_smooth(product.imag, SPREAD_SAMPLES) / heard) ** 2
    variance = np.maximum(_smooth(settled * np.abs(change) ** 2, SPREAD_SAMPLES) / heard - mean, 0)
    variance /= (2 * np.pi * middle_hz * STEP / rate * CENTS) ** 2
    return np.sqrt((power * variance).sum(1) / heard.sum(1))


def _rising(power):
    """bool (steps,): where the note sets in. Under the window of the tracking that looks as if harmonics strayed."""
    total, half = power.sum(1), WINDOW_SAMPLES // STEP // 2
    padded = np.pad(total, half)
    return padded[2 * half :] > RISE * padded[: -2 * half]


def _smooth(values, samples):
    """Hann mean along the first axis, over so many samples of audio; the ends repeat."""
    window = np.hanning(samples // STEP + 2)[1:-1]
    return convolve1d(values, window / window.sum(), axis=0, mode="nearest")


def angles(tracked):
    """complex (..., harmonics) -> uint16; ANGLES is a full turn."""
    return (np.round(np.angle(tracked) / (2 * np.pi) * ANGLES).astype(np.int64) % ANGLES).astype(np.uint16)


def absolute_phases(stored_angles, partials: Partials, samples, rate):
    """Phases of the harmonics at the given samples.

    stored_angles : uint16 (samples / STEP, harmonics) of the note; samples : int (n,)
    returns : float32 (n, harmonics) in radians
    """
    nominal = (samples[:, None] / rate * partials.hz(stored_angles.shape[1])) % 1.0
    tracked = stored_angles[np.clip(samples // STEP, 0, len(stored_angles) - 1)] / np.float32(ANGLES)
    return (2 * np.pi * (nominal + tracked)).astype(np.float32)
