"""The four notes around a place on the grid, read at one phase and mixed."""

from typing import NamedTuple

import numpy as np
from numba import njit

from models.frozen import Neighbour

REACH = 16  # samples on each side that one between two recorded ones is made of
FINENESS = 512  # places between two samples that have a filter of their own; a straight line between these
_KAISER_BETA = 9.0
_EXACT = 1e-4  # a place so close to a sample is that sample
_FAINT = 1e-9  # weights below it do not sound
_RIGHT, _UP, _DIAGONAL, _CROSS = (int(neighbour) for neighbour in Neighbour)


class Notes(NamedTuple):
    """A frozen pad as the loops read it; shapes as in `models.frozen.frozen_shapes`.

    steps : float32 (keys, points), of one whole number
    filters : float32 (FINENESS + 1, 2 * REACH)
    tick, side : see FrozenConfig
    """

    notes: np.ndarray
    steps: np.ndarray
    levels: np.ndarray
    warps: np.ndarray
    likeness: np.ndarray
    filters: np.ndarray
    tick: int
    side: int


def filters() -> np.ndarray:
    """Kaiser-windowed sincs, row by row further to the next sample; the first and the last row are single samples."""
    places = np.arange(FINENESS + 1)[:, None] / FINENESS
    taps = np.arange(1 - REACH, REACH + 1) - places
    window = np.i0(_KAISER_BETA * np.sqrt(np.maximum(1 - (taps / REACH) ** 2, 0))) / np.i0(_KAISER_BETA)
    rows = np.sinc(taps) * window
    return np.ascontiguousarray(rows / rows.sum(1, keepdims=True), np.float32)


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
def mixed(notes, key, points, weights, phase):
    """(sample at an even level, level in dB) of the notes at this phase."""
    sound, level_db = 0.0, 0.0
    for corner in range(4):
        weight = weights[corner]
        if weight > _FAINT:
            point = points[corner]
            place = _place(notes, key, point, phase)
            level_db += weight * _between(notes.levels[key, point], place / notes.tick)
            sound += weight * notes.steps[key, point] * _sample(notes, key, point, place)
    return sound * makeup(notes, key, points, weights), level_db


@njit(cache=True, nogil=True, error_model="numpy")
def advanced(notes, key, points, weights, phase):
    """The phase one sample later, so that the notes are read as fast as they were recorded, in their weighted mean."""
    tick = int(phase / notes.tick)
    slope = _slope(notes, key, points, weights, tick)
    rest = (tick + 1) * notes.tick - phase
    if rest * slope >= 1.0:
        return phase + 1.0 / slope
    return phase + rest + (1.0 - rest * slope) / _slope(notes, key, points, weights, tick + 1)


@njit(cache=True, nogil=True, error_model="numpy")
def _slope(notes, key, points, weights, tick):
    """Samples of recording that pass in one of phase, during this tick."""
    slope = 1.0
    if tick + 1 < notes.warps.shape[2]:
        for corner in range(4):
            warp = notes.warps[key, points[corner]]
            slope += weights[corner] * (warp[tick + 1] - warp[tick]) / notes.tick
    return slope


@njit(cache=True, nogil=True, error_model="numpy")
def _place(notes, key, point, phase):
    """Sample of the recording at a phase."""
    return phase + _between(notes.warps[key, point], phase / notes.tick)


@njit(cache=True, nogil=True, error_model="numpy")
def _between(values, place):
    """On straight lines through the values; the last one holds."""
    first = min(int(place), values.size - 1)
    share = place - first
    return values[first] + share * (values[min(first + 1, values.size - 1)] - values[first])


@njit(cache=True, nogil=True, error_model="numpy")
def _sample(notes, key, point, place):
    """The recording at a place between samples, in steps; silence where there is none."""
    note = notes.notes[key, point]
    first = int(place)
    share = place - first
    if share < _EXACT or share > 1.0 - _EXACT:
        nearest = first + int(share > 0.5)
        return float(note[nearest]) if nearest < note.size else 0.0
    fine = share * FINENESS
    row = int(fine)
    between = fine - row
    total = 0.0
    for k in range(2 * REACH):
        at = first + 1 - REACH + k
        if 0 <= at < note.size:
            total += (notes.filters[row, k] + between * (notes.filters[row + 1, k] - notes.filters[row, k])) * note[at]
    return total


def read(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """float64 (n,): values at places between them, as the loops read a recording; the ends hold. values : (samples,)"""
    first = np.floor(places).astype(np.int64)
    rows = filters()[np.rint((places - first) * FINENESS).astype(np.int64)]
    at = np.clip(first[:, None] + np.arange(1 - REACH, REACH + 1), 0, len(values) - 1)
    return (rows * values[at]).sum(1)
