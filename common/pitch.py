"""Keys and frequencies, in equal temperament. A key is a MIDI number, and may have a fraction.

Compiled loops have copies of their own, tested against these: numba's cache would not notice a change here.
"""

import numpy as np

A4_KEY, A4_HZ = 69, 440.0


def key_hz(key, tuning_hz=A4_HZ):
    """Frequency of a key, or of an array of them. tuning_hz : of A4"""
    return tuning_hz * 2.0 ** ((key - A4_KEY) / 12.0)


def hz_key(hz):
    """Key of a frequency, or of an array of them, where A4 is 440 Hz."""
    return A4_KEY + 12 * np.log2(hz / A4_HZ)
