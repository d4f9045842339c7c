"""The pad's corners and weights, and that all who mix by them agree."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets.pad import CORNERS, PLACES, POINTS, corner_weights

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
