"""Where the voices stand on the pad -> how much of each of its sounds they have.

The render thread's own way to what `presets.pad.Layout.weights` says: voice by voice, without an allocation.
"""

import numpy as np
from numba import njit

from presets.pad import FINEST, MOST_POINTS, Layout, corner_weights


class Blend:
    """layout : of the sounds on the pad

    weights : float64 (slots, sounds), of each slot where it was placed last
    """

    def __init__(self, slots: int, layout: Layout):
        self.weights = np.zeros((slots, len(layout.places)))
        self.layout = layout
        self._away, self._found = np.zeros((MOST_POINTS, 2)), np.zeros(MOST_POINTS)

    def set_layout(self, layout: Layout) -> None:
        """Where it has another number of sounds, there are no weights until slots are placed."""
        if len(layout.places) != self.weights.shape[1]:
            self.weights = np.zeros((len(self.weights), len(layout.places)))
        self.layout = layout

    def place(self, slots: np.ndarray, places: np.ndarray) -> None:
        """slots : int64 (n,); places : float64 (all slots, 2), where each stands"""
        layout = self.layout
        _place(
            slots, places, layout.at_corners, layout.points, layout.edges, layout.rows, layout.shares,
            self._away, self._found, self.weights,
        )  # fmt: skip


_corner_weights = njit(cache=True, nogil=True)(corner_weights)


@njit(cache=True, nogil=True, error_model="numpy")
def _place(slots, places, at_corners, points, edges, rows, shares, away, found, weights):
    for slot in slots:
        x, y = places[slot]
        if at_corners:
            weights[slot, 0], weights[slot, 1], weights[slot, 2], weights[slot, 3] = _corner_weights(x, y)
            continue
        x, y = _in_hull(x, y, points, edges)
        for row in range(len(points)):
            away[row, 0], away[row, 1] = points[row, 0] - x, points[row, 1] - y
        _laplace(away[: len(points)], found)
        for sound in range(rows.size):
            weights[slot, sound] = found[rows[sound]] * shares[sound]


@njit(cache=True, nogil=True, error_model="numpy")
def _in_hull(x, y, points, edges):
    """The place itself where it is inside, else the nearest of the hull."""
    nearest, foot_x, foot_y, inside = np.inf, x, y, True
    for start, end in edges:
        right, up = x - points[start, 0], y - points[start, 1]
        along, rise = points[end, 0] - points[start, 0], points[end, 1] - points[start, 1]
        inside = inside and along * up - rise * right > 0.0
        way = (right * along + up * rise) / max(along**2 + rise**2, FINEST**2)
        way = min(max(way, 0.0), 1.0)
        distance = (right - way * along) ** 2 + (up - way * rise) ** 2
        if distance < nearest:
            nearest = distance
            foot_x, foot_y = points[start, 0] + way * along, points[start, 1] + way * rise
    return (x, y) if inside else (foot_x, foot_y)


@njit(cache=True, nogil=True, error_model="numpy")
def _laplace(away, weights):
    """Fill the weights of a place from which the points are so far away."""
    third = _third(away, weights)
    nearest = np.argmin(weights[: len(away)])
    if weights[nearest] < FINEST**2:
        weights[:] = 0.0
        weights[nearest] = 1.0
        return
    total = 0.0
    for row in range(len(away)):
        weights[row] = _border(away, row, np.sqrt(third / weights[row]))
        total += weights[row]
    for row in range(len(away)):
        weights[row] /= total


@njit(cache=True, nogil=True)
def _third(away, squares):
    """Square of the third nearest point's distance, of the farthest's where there are fewer.

    squares : filled with those of all points
    """
    one = two = three = np.inf
    for row in range(len(away)):
        square = squares[row] = away[row, 0] ** 2 + away[row, 1] ** 2
        if square < one:
            one, two, three = square, one, two
        elif square < two:
            two, three = square, two
        elif square < three:
            three = square
    return three if len(away) > 2 else two if len(away) > 1 else one


@njit(cache=True, nogil=True, error_model="numpy")
def _border(away, row, reach):
    """How long the cell's border with a point is, in distances of the point. reach : to either side at most"""
    x, y = away[row, 0], away[row, 1]
    since, until = -reach, reach
    for other in range(len(away)):
        right, up = away[other, 0], away[other, 1]
        turn = x * up - y * right
        bound = (right * (right - x) + up * (up - y)) / 2
        if turn > 0.0:
            until = min(until, bound / turn)
        elif turn < 0.0:
            since = max(since, bound / turn)
        elif bound < 0.0:
            return 0.0
        if until <= since:
            return 0.0
    return until - since
