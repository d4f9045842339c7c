"""Sounds whose measures are known."""

import numpy as np

RATE = 16000


def tone(f0_hz, seconds=1.5, partials=None, vibrato_cents=0.0, noise=0.0, seed=0):
    """Harmonics of falling strength, of random phase. float64 (samples,), rms near 0.1.

    partials : amplitudes of the harmonics, zero for a missing one; default 1/k below 7.6 kHz
    vibrato_cents : 5.5 Hz; noise : white, rms re the tone's
    """
    chance = np.random.default_rng(seed)
    times = np.arange(round(seconds * RATE)) / RATE
    amplitudes = 1 / np.arange(1, int(7600 / f0_hz) + 1) if partials is None else np.asarray(partials)
    phase = 2 * np.pi * f0_hz * times
    phase += f0_hz * (2 ** (vibrato_cents / 1200) - 1) / 5.5 * np.sin(2 * np.pi * 5.5 * times)
    audio = sum(a * np.sin(k * phase + chance.random() * 7) for k, a in enumerate(amplitudes, 1) if a)
    audio = 0.1 * audio / np.sqrt(np.mean(audio**2))
    return audio + 0.1 * noise * chance.standard_normal(len(times))


def shaped(audio, attack_s=0.0, decay_db_per_s=0.0, held_s=None, release_db_per_s=0.0):
    """The audio with a linear attack, a decay, and a release after held_s."""
    times = np.arange(len(audio)) / RATE
    level = np.minimum(times / attack_s, 1.0) if attack_s else np.ones(len(audio))
    fall_db = decay_db_per_s * np.minimum(times, held_s or np.inf)
    fall_db += release_db_per_s * np.maximum(times - (held_s or np.inf), 0.0)
    return audio * level * 10 ** (-fall_db / 20)
