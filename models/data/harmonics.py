"""Track every harmonic of a note: how strong it is, and where in its cycle.

Each harmonic is brought down to 0 Hz by its nominal frequency and low-passed: what is left is its amplitude, and the
slow turning that detuning, vibrato and inharmonicity make.
"""

import numpy as np
import scipy.fft

STEP = 16  # samples between tracked values
WINDOW_SAMPLES = 801  # Hann low-pass: 50 ms at 16 kHz
ANGLES = 256  # stored angles are bytes; one unit is 1.4 degrees


def track_harmonics(audio, f0_hz, rate, harmonics):
    """Complex amplitudes of the harmonics of one note against its nominal pitch.

    audio : float32 (samples,)
    returns : complex64 (samples / STEP, harmonics); |value| is the peak amplitude of that sinusoid. Harmonics above
        Nyquist are 0.
    """
    size = scipy.fft.next_fast_len(len(audio) + WINDOW_SAMPLES)
    window = np.hanning(WINDOW_SAMPLES)
    low_pass = scipy.fft.fft((2 * window / window.sum()).astype(np.float32), size)
    spectrum = scipy.fft.fft(audio.astype(np.float32), size)
    tracked = np.zeros((len(audio) // STEP, harmonics), np.complex64)
    middle = WINDOW_SAMPLES // 2
    for k in range(1, min(harmonics, int(rate / 2 / f0_hz)) + 1):
        bins = int(round(k * f0_hz * size / rate))  # shift by whole bins in the spectrum; the rest in time
        low = scipy.fft.ifft(np.roll(spectrum, -bins) * low_pass)[middle : middle + len(audio) : STEP]
        rest_hz = k * f0_hz - bins * rate / size
        time = np.arange(len(low)) * STEP / rate
        tracked[:, k - 1] = (low * np.exp(-2j * np.pi * rest_hz * time))[: len(tracked)]
    return tracked


def angles(tracked):
    """complex (..., harmonics) -> uint8 angles; 256 is a full turn."""
    return (np.round(np.angle(tracked) / (2 * np.pi) * ANGLES).astype(np.int64) % ANGLES).astype(np.uint8)


def absolute_phases(stored_angles, f0_hz, samples, rate):
    """Phases of the harmonics at the given samples.

    stored_angles : uint8 (samples / STEP, harmonics) of the note; samples : int (n,)
    returns : float32 (n, harmonics) in radians
    """
    k = np.arange(1, stored_angles.shape[1] + 1)
    nominal = (f0_hz * samples[:, None] / rate * k) % 1.0
    tracked = stored_angles[np.clip(samples // STEP, 0, len(stored_angles) - 1)] / np.float32(ANGLES)
    return (2 * np.pi * (nominal + tracked)).astype(np.float32)
