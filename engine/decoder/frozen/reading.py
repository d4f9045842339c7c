"""The four notes around a place on the grid, read at one phase and mixed, and their level."""

from typing import NamedTuple

import numpy as np
from numba import njit

from models.frozen import Neighbour

REACH = 16  # zero crossings of the sinc on either side
FINENESS = 512  # values of it between two of these; straight lines between them
_KAISER_BETA = 9.0
_EXACT = 1e-4  # a place so close to a sample is that sample
_MOST_STRETCH = 4.0  # of the sinc: two octaves up; what is higher aliases
_LEAST_SLOPE = 0.5  # an octave down is no vibrato
_FAINT = 1e-9  # weights below it do not sound
_RIGHT, _UP, _DIAGONAL, _CROSS = (int(neighbour) for neighbour in Neighbour)


class Notes(NamedTuple):
    """A frozen pad as the loops read it; shapes as in `models.frozen.frozen_shapes`.

    steps : float32 (keys, points), of one whole number
    kernel : float32 (2 * REACH * FINENESS + 2,), see `kernel`
    tick, side : see FrozenConfig
    """

    notes: np.ndarray
    steps: np.ndarray
    levels: np.ndarray
    warps: np.ndarray
    likeness: np.ndarray
    kernel: np.ndarray
    tick: int
    side: int


def kernel() -> np.ndarray:
    """Kaiser-windowed sinc over its zero crossings -REACH to REACH, and a zero to lean on.

    It is 1 in the middle and 0 at the other crossings, so that a sample is read as it is.
    """
    time = np.arange(-REACH * FINENESS, REACH * FINENESS + 1) / FINENESS
    return np.append(np.sinc(time) * np.kaiser(len(time), _KAISER_BETA), 0.0).astype(np.float32)


@njit(cache=True, nogil=True, error_model="numpy")
def cell(notes, x, y, points, weights):
    """Fill the grid points around a place, int64 (4,), and how much of each is there, float64 (4,)."""
    last = notes.side - 1
    column, row = min(int(x * last), last - 1), min(int(y * last), last - 1)
    right, up = x * last - column, y * last - row
    for corner in range(4):
        east, north = corner & 1, corner >> 1
        points[corner] = (row + north) * notes.side + column + east
        weights[corner] = (right if east else 1.0 - right) * (up if north else 1.0 - up)


@njit(cache=True, nogil=True, error_model="numpy")
def makeup(notes, key, points, weights):
    """Gain that makes a mixture of notes at an even level as loud as each of them is."""
    here, right, above = notes.likeness[key, points[0]], notes.likeness[key, points[1]], notes.likeness[key, points[2]]
    southwest, southeast, northwest, northeast = weights[0], weights[1], weights[2], weights[3]
    power = southwest**2 + southeast**2 + northwest**2 + northeast**2
    shared = southwest * southeast * here[_RIGHT] + northwest * northeast * above[_RIGHT]
    shared += southwest * northwest * here[_UP] + southeast * northeast * right[_UP]
    shared += southwest * northeast * here[_DIAGONAL] + southeast * northwest * here[_CROSS]
    return 1.0 / np.sqrt(power + 2.0 * shared)


@njit(cache=True, nogil=True, error_model="numpy")
def mixed(notes, key, points, weights, phase, speed):
    """One sample, at an even level, of the notes at this phase, read at this speed."""
    sound = 0.0
    for corner in range(4):
        if weights[corner] > _FAINT:
            point = points[corner]
            place = phase + _on_lines(notes.warps[key, point], phase / notes.tick)
            sound += weights[corner] * notes.steps[key, point] * _sample(notes, key, point, place, speed)
    return sound * makeup(notes, key, points, weights)


@njit(cache=True, nogil=True, error_model="numpy")
def level_db(notes, key, points, weights, sample):
    """How loud a recorded key is at a time, counted in samples."""
    total = 0.0
    for corner in range(4):
        total += weights[corner] * _on_lines(notes.levels[key, points[corner]], sample / notes.tick)
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def advanced(notes, key, points, weights, phase, speed):
    """The phase one sample later. speed : times the recorded one, of the notes' weighted mean"""
    tick = int(phase / notes.tick)
    slope = _slope(notes, key, points, weights, tick)
    rest = (tick + 1) * notes.tick - phase
    if rest * slope >= speed:
        return phase + speed / slope
    return phase + rest + (speed - rest * slope) / _slope(notes, key, points, weights, tick + 1)


@njit(cache=True, nogil=True, error_model="numpy")
def _slope(notes, key, points, weights, tick):
    """Samples of recording that pass in one of phase, during this tick."""
    slope = 1.0
    if tick + 1 < notes.warps.shape[2]:
        for corner in range(4):
            warp = notes.warps[key, points[corner]]
            slope += weights[corner] * (warp[tick + 1] - warp[tick]) / notes.tick
    return max(slope, _LEAST_SLOPE)


@njit(cache=True, nogil=True, error_model="numpy")
def _on_lines(values, place):
    """On straight lines through the values; the last one holds."""
    first = min(max(int(place), 0), values.size - 1)
    share = place - first
    return values[first] + share * (values[min(first + 1, values.size - 1)] - values[first])


@njit(cache=True, nogil=True, error_model="numpy")
def _sample(notes, key, point, place, speed):
    """The recording at a place between samples, in steps; silence where there is none."""
    note = notes.notes[key, point]
    nearest = int(place + 0.5)
    if speed == 1.0 and abs(place - nearest) < _EXACT:
        return float(note[nearest]) if nearest < note.size else 0.0
    return between(note, place, min(max(speed, 1.0), _MOST_STRETCH), notes.kernel)


@njit(cache=True, nogil=True, fastmath={"reassoc"}, error_model="numpy")
def between(values, place, stretch, kernel):
    """Values at a place between them, none below the Nyquist frequency / stretch; zero beyond their ends."""
    step = FINENESS / stretch
    first = max(int(np.ceil(place - REACH * stretch)), 0)
    last = min(int(np.floor(place + REACH * stretch)), values.size - 1)
    total = np.float32(0.0)
    for k in range(first, last + 1):
        at = (k - place) * step + REACH * FINENESS
        below = int(at)
        total += values[k] * (kernel[below] + np.float32(at - below) * (kernel[below + 1] - kernel[below]))
    return total / stretch


@njit(cache=True, nogil=True)
def read(values, places, kernel):
    """float64 (n,): values, (samples,), at places between them."""
    found = np.zeros(places.size)
    for i in range(places.size):
        found[i] = between(values, places[i], 1.0, kernel)
    return found
