"""Track the phase of every harmonic of a note: what tells the network where in its cycle each one is.

Each harmonic is brought down to 0 Hz by its nominal frequency, low-passed, and its angle kept: the slow turning that
detuning, vibrato and inharmonicity leave.
"""

import numpy as np

STEP = 16  # samples between stored angles
WINDOW_SAMPLES = 801  # Hann low-pass: 50 ms at 16 kHz
ANGLES = 256  # stored angles are bytes; one unit is 1.4 degrees


def track_phases(audio, f0_hz, rate, harmonics):
    """Angles of the harmonics of one note against its nominal pitch.

    audio : float32 (samples,)
    returns : uint8 (samples / STEP, harmonics); 256 is a full turn. Harmonics above Nyquist are 0.
    """
    size = 1 << int(np.ceil(np.log2(len(audio) + WINDOW_SAMPLES)))
    window = np.hanning(WINDOW_SAMPLES)
    low_pass = np.fft.rfft(window / window.sum(), size)
    low_pass = np.concatenate([low_pass, np.conj(low_pass[-2:0:-1])])
    spectrum = np.fft.fft(audio, size)
    angles = np.zeros((len(audio) // STEP, harmonics), np.uint8)
    middle = WINDOW_SAMPLES // 2
    for k in range(1, min(harmonics, int(rate / 2 / f0_hz)) + 1):
        bins = int(round(k * f0_hz * size / rate))  # shift by whole bins in the spectrum; the rest in time
        low = np.fft.ifft(np.roll(spectrum, -bins) * low_pass)[middle : middle + len(audio) : STEP]
        rest = k * f0_hz - bins * rate / size
        time = np.arange(len(low)) * STEP / rate
        turn = np.angle(low * np.exp(-2j * np.pi * rest * time)) / (2 * np.pi)
        angles[:, k - 1] = np.round(turn * ANGLES).astype(np.int64) % ANGLES
    return angles


def absolute_phases(angles, f0_hz, samples, rate):
    """Phases of the harmonics at the given samples.

    angles : uint8 (samples / STEP, harmonics) of the note; samples : int (n,)
    returns : float32 (n, harmonics) in radians
    """
    k = np.arange(1, angles.shape[1] + 1)
    nominal = (f0_hz * samples[:, None] / rate * k) % 1.0
    tracked = angles[np.clip(samples // STEP, 0, len(angles) - 1)] / np.float32(ANGLES)
    return (2 * np.pi * (nominal + tracked)).astype(np.float32)
