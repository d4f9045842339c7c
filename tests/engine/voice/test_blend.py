"""The render thread's weights are those of the pad."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.voice.blend import Blend
from presets.pad import POINTS, Layout, corner_weights
from tests.presets.test_pad import layouts, unit


@example(Layout([(1e-6, 0.0), (5e-21, 0.0)]), [(1.0, 0.0)])  # both points are at the place, one is nearer
@settings(deadline=None)  # it is compiled within the first
@given(layouts, st.lists(st.tuples(unit, unit), min_size=1, max_size=6))
def test_every_slot_has_the_weights_of_its_place(layout, places):
    blend, slots = Blend(8, layout), np.arange(len(places))[::-1].copy()  # one layout in memory, one compiled kernel
    blend.place(slots, np.array(places))
    np.testing.assert_allclose(blend.weights[: len(places)], layout.weights(*np.array(places).T), atol=1e-9)
    assert not blend.weights[len(places) :].any()


@settings(deadline=None)
@given(unit, unit)
def test_four_corners_are_bilinear_bit_for_bit(x, y):
    blend = Blend(1, Layout(POINTS))
    blend.place(np.array([0]), np.array([[x, y]]))
    assert tuple(blend.weights[0]) == corner_weights(x, y)


@pytest.mark.parametrize("places", [POINTS[:3], (*POINTS, (0.5, 0.5))])
def test_another_number_of_sounds_needs_no_other_blend(places):
    blend, before = Blend(1, Layout()), Layout(places)
    blend.set_layout(before)
    blend.place(np.array([0]), np.array([[0.3, 0.4]]))
    np.testing.assert_allclose(blend.weights[0], before.weights(0.3, 0.4))
