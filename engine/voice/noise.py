"""Uniform random numbers, one a sample and voice: each note has its own stream, counted from the note's start.

Where a voice is stereo its other side has another stream, but takes a share of its numbers from the first: so the two
sides are alike, and their sum is hardly softer than either.
A take with a seed is the same bit for bit, whatever the blocks and whichever slot a note gets.
Source: Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators" (SplitMix64).
"""

import numpy as np
from numba import njit

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))
_TO_24_BITS = np.uint64(40)
_WORD = 2**64 - 1
SHARED = (
    0.625  # so much correlation of the noise leaves 10 log (1 + 0.625) / 2 = -0.9 dB of it in the sum of both sides
)
_SHARED_OF_16_BITS = np.uint64(SHARED * 2**16)
_16_BITS = np.uint64(2**16 - 1)


def stream(seed: int, note_index: int) -> int:
    """Where a note's numbers begin: those of neighbouring notes begin far apart."""
    number = (int(_hash(np.uint64(seed & _WORD))) + note_index) & _WORD
    return int(_hash(np.uint64(number)))


@njit(cache=True, nogil=True)
def drawn(begin, number):
    """One number of a stream, in [0, 1). begin : uint64, of `stream`; number : int, which one"""
    return float(_hash(begin + np.uint64(number + 1) * _GOLDEN) >> _TO_24_BITS) * 2.0**-24


class Uniforms:
    """The streams of all slots. seed : any whole number."""

    def __init__(self, seed: int, slots: int):
        self._seed = seed
        self._states = np.zeros(slots, np.uint64)

    def start(self, slot: int, note_index: int) -> None:
        """A note begins. note_index : notes started before it, which chooses its stream."""
        self._states[slot] = stream(self._seed, note_index)

    def render(self, slots: np.ndarray, uniforms: np.ndarray) -> None:
        """Fill the next numbers. slots : int64 (n,); uniforms : float32 (n, samples) in [0, 1)."""
        _render(slots, self._states, uniforms)

    def render_beside(self, slots: np.ndarray, first: np.ndarray, uniforms: np.ndarray) -> None:
        """The same, but SHARED of the numbers are those of the first side at the same sample."""
        _render_beside(slots, self._states, first, uniforms)


@njit(cache=True, nogil=True)
def _hash(state):
    state = (state ^ (state >> _SHIFTS[0])) * _MIX[0]
    state = (state ^ (state >> _SHIFTS[1])) * _MIX[1]
    return state ^ (state >> _SHIFTS[2])


@njit(cache=True, nogil=True)
def _render(slots, states, uniforms):
    for row in range(slots.size):
        state = states[slots[row]]
        for i in range(uniforms.shape[1]):
            state += _GOLDEN
            uniforms[row, i] = np.float32(_hash(state) >> _TO_24_BITS) * np.float32(2.0**-24)
        states[slots[row]] = state


@njit(cache=True, nogil=True)
def _render_beside(slots, states, first, uniforms):
    for row in range(slots.size):
        state = states[slots[row]]
        for i in range(uniforms.shape[1]):
            state += _GOLDEN
            bits = _hash(state)
            own = np.float32(bits >> _TO_24_BITS) * np.float32(2.0**-24)
            uniforms[row, i] = first[row, i] if bits & _16_BITS < _SHARED_OF_16_BITS else own
        states[slots[row]] = state
