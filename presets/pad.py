"""The pad: a square with sounds at places in it, and how much of each sounds anywhere in it.

Where these places are the four corners, in the order of POINTS, the weights are bilinear. All others are free points,
and the weights are those of natural neighbours after Laplace: between points, a place has of each as much as the border
of its Voronoi cell with that point is long, divided by the point's distance. Outside the points' hull it is as at the
nearest place of the hull.

At the hull these cells are endless, and what stands just inside it would be heard only there: of three points nearly in
a line, the middle one might be lost. So no border counts further to a side than the third nearest point is far. At the
hull this lets the points behind it through; inside, it hardly cuts a cell.

Source: Belikov, Ivanov, Kontorovich, Korytnik, Semenov, The non-Sibsonian interpolation, Comput. Maths. Math. Phys.
37 (1997). The hull: Andrew, Another efficient algorithm for convex hulls in two dimensions, Inf. Process. Lett. (1979).
"""

from collections.abc import Sequence

import numpy as np

CORNERS = 4
POINTS = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0))  # (x, y) of the corners, y upwards
PLACES = ("bottom left", "bottom right", "top left", "top right")  # the same in words
MOST_POINTS = 32
FINEST = 1e-6  # places nearer than this are one

Place = tuple[float, float]
Spot = int | Place  # the row of a sound that another takes the place of, or where a new one is to stand


def corner_weights(x, y):
    """Bilinear weights of the corners, in the order of POINTS: four numbers that sum to 1.

    x, y : 0..1, floats or arrays of one shape; the weights are of the same kind
    """
    return (1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y


def place_in_words(place: Place) -> str:
    """'top left', or '25 % across and 70 % up'."""
    return PLACES[POINTS.index(place)] if place in POINTS else "{:.0%} across and {:.0%} up".format(*place)


def check_places(sounds: int, places: Sequence[Place]) -> None:
    """Raises ValueError where so many sounds cannot stand there."""
    if not 1 <= sounds <= MOST_POINTS:
        raise ValueError(f"{sounds} sounds; 1 to {MOST_POINTS} may be")
    if len(places) != sounds:
        raise ValueError(f"{sounds} sounds and {len(places)} places")
    for place in places:
        if len(place) != 2 or not all(0 <= position <= 1 for position in place):
            raise ValueError(f"a sound stands at {place}; both must be 0 to 1")


def replaced(rows: tuple, row: int, one) -> tuple:
    """The same with one in the place of what is in a row."""
    return (*rows[:row], one, *rows[row + 1 :])


class Layout:
    """Where the sounds of a pad stand.

    places : (x, y) of every sound, 0..1, 1 to MOST_POINTS of them; several may share one
    at_corners : whether they are the four corners
    points : float64 (points, 2), the different places
    edges : int64 (edges, 2), rows of the points at the hull, from one to the next anticlockwise
    rows, shares : int64, float64 (sounds,): a sound has this share of the weight of the point in this row
    """

    def __init__(self, places: Sequence[Place] = POINTS):
        self.places = tuple((float(x), float(y)) for x, y in places)
        self.at_corners = self.places == POINTS
        steps = [(round(x / FINEST), round(y / FINEST)) for x, y in self.places]
        different = sorted(set(steps))
        self.points = np.array([self.places[steps.index(step)] for step in different])
        self.edges = np.array(_hull(different), np.int64)
        self.rows = np.array([different.index(step) for step in steps], np.int64)
        self.shares = 1.0 / np.bincount(self.rows)[self.rows]

    def weights(self, x, y) -> np.ndarray:
        """How much of each sound sounds at places: none is below 0, and they sum to 1.

        x, y : 0..1, floats or float arrays of one shape; returns : float64 (..., sounds)
        """
        x, y = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
        if self.at_corners:
            return np.stack(corner_weights(x, y), axis=-1)
        places = np.stack([x, y], axis=-1)
        weights = _laplace(self.points - self._in_hull(places.reshape(-1, 1, 2)))
        return (weights[:, self.rows] * self.shares).reshape(*x.shape, len(self.places))

    def nearest(self, x: float, y: float) -> int:
        """The sound that stands nearest to a place; the first of several."""
        return int(np.hypot(*(np.array(self.places) - (x, y)).T).argmin())

    def _in_hull(self, places):
        """Themselves inside the hull, else the nearest places of it. places, returned : float64 (places, 1, 2)"""
        starts, along = self.points[self.edges[:, 0]], np.diff(self.points[self.edges], axis=1)[:, 0]
        away = places - starts
        way = (away * along).sum(-1) / np.maximum((along**2).sum(-1), FINEST**2)
        feet = starts + np.clip(way, 0, 1)[..., None] * along
        nearest = ((places - feet) ** 2).sum(-1).argmin(-1)
        inside = (along[:, 0] * away[..., 1] - along[:, 1] * away[..., 0] > 0).all(-1)
        return np.where(inside[:, None, None], places, feet[np.arange(len(places)), nearest][:, None])


def _hull(steps):
    """[(row, row)] of the edges around points, and those that lie on an edge; there and back where all are in a line.

    steps : whole numbers (x, y), ascending and different, so that nothing is rounded
    """
    rows = range(len(steps))
    ways = (_chain(steps, rows), _chain(steps, reversed(rows)))
    return [edge for way in ways for edge in zip(way, way[1:], strict=False)] or [(0, 0)]


def _chain(steps, rows):
    """Half of the hull: the way through the points that turns right nowhere."""
    chain: list[int] = []
    for row in rows:
        while len(chain) > 1 and _turn(steps[chain[-2]], steps[chain[-1]], steps[row]) < 0:
            chain.pop()
        chain.append(row)
    return chain


def _turn(one, two, three):
    """Above 0 where the way turns left."""
    return (two[0] - one[0]) * (three[1] - one[1]) - (two[1] - one[1]) * (three[0] - one[0])


def _laplace(away):
    """float64 (places, points): weights inside the hull. away : (places, points, 2), from place to point

    A border of the cell lies on the bisector of place and point; a way along it is counted in distances of the point,
    so that its length is the weight. Every other point bounds it to one side.
    """
    one, other = away[:, :, None], away[:, None, :]
    square = (away**2).sum(-1)
    third = np.sort(square)[:, :3][:, -1:]
    turn = one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0]
    bound = (square[:, None, :] - (one * other).sum(-1)) / 2
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        reach = np.sqrt(third / square)
        until = np.where(turn > 0, bound / turn, np.inf).min(-1)
        since = np.where(turn < 0, bound / turn, -np.inf).max(-1)
        hidden = ((turn == 0) & (bound < 0)).any(-1)
        weights = np.maximum(np.minimum(until, reach) - np.maximum(since, -reach), 0)
    weights = np.where(hidden, 0, weights)
    there = square.min(-1) < FINEST**2
    weights[there] = np.eye(away.shape[1])[square[there].argmin(-1)]
    return weights / weights.sum(-1, keepdims=True)
