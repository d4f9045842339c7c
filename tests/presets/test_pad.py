"""The pad's corners and weights, and that all who mix by them agree."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.spatial import ConvexHull

from presets.pad import CORNERS, FINEST, MOST_POINTS, PLACES, POINTS, Layout, corner_weights

unit = st.floats(0, 1)


def test_every_corner_has_a_point_and_a_place():
    assert len(POINTS) == len(set(POINTS)) == len(PLACES) == len(set(PLACES)) == CORNERS


@pytest.mark.parametrize("corner", range(CORNERS))
def test_a_place_says_where_its_point_lies(corner):
    (x, y), place = POINTS[corner], PLACES[corner]
    assert place == f"{'top' if y else 'bottom'} {'right' if x else 'left'}"


@pytest.mark.parametrize("corner", range(CORNERS))
def test_a_corner_sounds_alone_at_its_point(corner):
    assert corner_weights(*POINTS[corner]) == tuple(float(other == corner) for other in range(CORNERS))


@given(unit, unit)
def test_weights_sum_to_one_and_lie_around_the_point(x, y):
    weights = np.array(corner_weights(x, y))
    assert weights.min() >= 0 and weights.sum() == pytest.approx(1)
    np.testing.assert_allclose(weights @ np.array(POINTS), (x, y), atol=1e-12)


def test_arrays_give_the_weights_of_every_point():
    x, y = np.random.default_rng(0).random((2, 3, 5))
    weights = np.stack(corner_weights(x, y), axis=-1)
    assert weights.shape == (3, 5, CORNERS)
    assert tuple(weights[1, 2]) == corner_weights(x[1, 2], y[1, 2])


def test_weights_within_the_square():
    assert corner_weights(0.3, 0.9) == pytest.approx([0.07, 0.03, 0.63, 0.27])


# Free points

STEP = 1e-3
coarse = st.integers(0, 8).map(lambda eighths: eighths / 8)
scattered = st.lists(st.tuples(unit, unit), min_size=1, max_size=MOST_POINTS)
in_line = st.tuples(scattered, unit, unit).map(lambda of: [(x, (1 - x) * of[1] + x * of[2]) for x, _ in of[0]])
nearly_in_line = st.lists(st.tuples(unit, st.floats(0.5, 0.5001)), min_size=3, max_size=9)
on_a_grid = st.lists(st.tuples(coarse, coarse), min_size=1, max_size=MOST_POINTS)  # in lines, in circles, on each other
layouts = st.one_of(scattered, in_line, nearly_in_line, on_a_grid).map(Layout)


def apart(layout):
    """The least distance of two different points; at most the pad's side."""
    steps = layout.points[:, None] - layout.points
    return min(np.hypot(*steps[~np.eye(len(steps), dtype=bool)].T), default=1.0)


@given(layouts, unit, unit)
def test_weights_are_shares_at_every_place_of_every_layout(layout, x, y):
    weights = layout.weights(x, y)
    assert weights.shape == (len(layout.places),) and weights.min() >= 0 and weights.sum() == pytest.approx(1)


@given(layouts)
def test_a_sound_is_heard_alone_where_it_stands_and_shares_a_place_with_others_there(layout):
    weights = layout.weights(*np.array(layout.places).T)
    near = np.abs(np.array(layout.places)[:, None] - np.array(layout.places)).max(-1) <= 2 * FINEST
    assert (weights[~near] < 1e-3).all() and weights.sum() == pytest.approx(len(layout.places))
    if apart(layout) > 1e-3:
        np.testing.assert_array_equal(weights, near / near.sum(1, keepdims=True))


@settings(max_examples=60, deadline=None)
@given(st.one_of(scattered, on_a_grid, nearly_in_line).map(Layout), st.integers(0, 2**32 - 1))
def test_no_step_makes_a_jump(layout, seed):
    """A weight goes from 0 to 1 on the way to the next point, so the nearest two say how fast it may change."""
    random = np.random.default_rng(seed)
    places, turns = random.random((200, 2)), random.random(200) * 2 * np.pi
    step = min(STEP, apart(layout) / 100)
    beside = places + step * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    changes = np.abs(layout.weights(*places.T) - layout.weights(*beside.T))
    assert changes.max() <= 4 * step / apart(layout) + 1e-9


@given(st.tuples(unit, unit), st.tuples(unit, unit), unit)
def test_two_points_are_a_straight_line_and_one_is_all(one, other, way):
    np.testing.assert_array_equal(Layout([one]).weights(*other), [1.0])
    layout = Layout([one, other])
    if len(layout.points) == 2 and apart(layout) > 1e-3:
        place = np.array(one) + way * (np.array(other) - np.array(one))
        np.testing.assert_allclose(layout.weights(*place), (1 - way, way), atol=1e-6)


@given(scattered.map(Layout), unit, unit)
def test_outside_the_hull_it_is_as_at_the_nearest_place_of_it(layout, x, y):
    """The hull by scipy, and the nearest of many places on its border."""
    assume(len(layout.points) > 2 and np.linalg.matrix_rank(layout.points - layout.points[0], 1e-3) == 2)
    corners = layout.points[ConvexHull(layout.points).vertices]
    edges = np.stack([corners, np.roll(corners, -1, 0)], axis=1)
    (start, along) = edges[:, 0], edges[:, 1] - edges[:, 0]
    away = np.array([x, y]) - start
    assume((along[:, 0] * away[:, 1] < along[:, 1] * away[:, 0]).any())
    way = np.clip((away * along).sum(1) / (along**2).sum(1), 0, 1)
    feet = start + way[:, None] * along
    foot = feet[np.hypot(*(feet - (x, y)).T).argmin()]
    atol = 1e-6 / apart(layout) + 1e-9
    np.testing.assert_allclose(layout.weights(x, y), layout.weights(*foot), atol=atol)


def test_inside_whole_cells_lead_to_the_place_itself():
    """Laplace's weights have linear precision: where no border of the cell is cut, they are centred on the place."""
    random = np.random.default_rng(0)
    ring = 0.5 + 0.5 * np.stack([np.cos(turns := np.arange(12) * np.pi / 6), np.sin(turns)], axis=1)
    layout = Layout([*ring.clip(0, 1).tolist(), *(0.2 + 0.6 * random.random((20, 2))).tolist()])
    places = 0.35 + 0.3 * random.random((200, 2))
    np.testing.assert_allclose(layout.weights(*places.T) @ np.array(layout.places), places, atol=0.02)


def test_the_middle_of_three_nearly_in_a_line_is_heard_beside_it():
    layout = Layout([(0.1, 0.5), (0.5, 0.49), (0.9, 0.5)])
    assert layout.weights(0.5, 0.9)[1] > 0.9 < layout.weights(0.5, 0.1)[1]


def test_the_nearest_sound():
    assert [Layout().nearest(*place) for place in ((0.1, 0.2), (0.9, 0.1), (0.3, 0.8), (0.6, 0.6))] == [0, 1, 2, 3]
