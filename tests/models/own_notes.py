"""Notes made by other means than the sound font: what a player might record. All at RATE, float64 (samples,)."""

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

RATE = 44100


def times(seconds):
    return np.arange(round(seconds * RATE)) / RATE


def organ(f0_hz, amplitudes, seconds=2.0, attack_s=0.02, release_s=0.2):
    """A sum of harmonics, {number: amplitude}, held level and then faded in a straight line."""
    t = times(seconds)
    audio = sum(level * np.sin(2 * np.pi * k * f0_hz * t + k * k) for k, level in amplitudes.items() if k * f0_hz < 2e4)
    return audio * np.minimum(1, t / attack_s) * np.clip((seconds - t) / release_s, 0, 1)


def sawtooth(f0_hz, cutoff_hz=3000.0, seconds=2.0):
    """A filtered sawtooth."""
    bright = organ(f0_hz, {k: 1 / k for k in range(1, int(2e4 / f0_hz))}, seconds)
    return sosfilt(butter(4, cutoff_hz, fs=RATE, output="sos"), bright)


def without_fundamental(f0_hz):
    return organ(f0_hz, {k: 1 / k for k in range(2, 12)})


def hollow(f0_hz):
    """Odd harmonics only, as a clarinet."""
    return organ(f0_hz, {k: 1 / k for k in range(1, 20, 2)})


def sine(f0_hz):
    return organ(f0_hz, {1: 1.0})


def bell(f0_hz, ratio=2.0, index=3.0, seconds=3.0):
    """Frequency modulation whose index falls with the level (Chowning 1973)."""
    t = times(seconds)
    return np.exp(-2 * t) * np.sin(
        2 * np.pi * f0_hz * t + index * np.exp(-3 * t) * np.sin(2 * np.pi * f0_hz * ratio * t)
    )


def string(f0_hz, seconds=3.0, seed=0):
    """Karplus and Strong 1983: a burst of noise goes round a delay that averages; a straight line tunes the delay."""
    delay = RATE / f0_hz - 0.5
    whole, part = int(delay), delay % 1.0
    burst = np.zeros(round(seconds * RATE))
    burst[:whole] = np.random.default_rng(seed).uniform(-1, 1, whole)
    loop = np.zeros(whole + 3)
    loop[0] = 1.0
    loop[whole:] = -0.4985 * np.array([1 - part, 1.0, part])
    return lfilter([1.0], loop, burst)


def vibrato(f0_hz, cents=30.0, vibrato_hz=5.5, seconds=2.0):
    t = times(seconds)
    turns = f0_hz * (t + np.log(2) / 1200 * cents * np.sin(2 * np.pi * vibrato_hz * t) / (2 * np.pi * vibrato_hz))
    return sum(np.sin(2 * np.pi * k * turns) / k for k in range(1, 9) if k * f0_hz < 2e4) * np.minimum(1, t / 0.1)
