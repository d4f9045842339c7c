"""Behaviour rows 6, 9 and 10: what controllers say about level, pan, bend and vibrato."""

import numpy as np
import pytest

from engine.events.controllers import (
    DATA_ENTRY,
    DATA_ENTRY_FINE,
    EXPRESSION,
    MODULATION,
    NRPN,
    NRPN_FINE,
    PAN,
    RESET_CONTROLLERS,
    RPN,
    RPN_FINE,
    SOFT,
    VIBRATO_CENTS,
    VOLUME,
    Controllers,
)


@pytest.fixture
def controllers():
    return Controllers(bend_range=2.0)


def select(controllers, coarse, fine, first=RPN, second=RPN_FINE):
    controllers.control(0, first, coarse)
    controllers.control(0, second, fine)


def test_volume_times_expression_squared(controllers):
    controllers.control(3, VOLUME, 127)
    loud = controllers.gains[3].copy()
    controllers.control(3, VOLUME, 64)
    controllers.control(3, EXPRESSION, 32)
    assert controllers.gains[3] == pytest.approx(loud * (64 * 32 / 127**2) ** 2)


def test_pan_keeps_the_power(controllers):
    controllers.control(0, VOLUME, 127)
    powers = []
    for pan in (0, 1, 30, 64, 100, 127):
        controllers.control(0, PAN, pan)
        powers.append((controllers.gains[0] ** 2).sum())
    assert powers == pytest.approx([1.0] * 6)
    assert controllers.gains[0, 0] == pytest.approx(0.0, abs=1e-9)
    controllers.control(0, PAN, 64)
    assert controllers.gains[0, 0] == controllers.gains[0, 1] == pytest.approx(np.sqrt(0.5))


def test_bend_reaches_both_ends(controllers):
    controllers.pitch_bend(0, 8191)
    assert controllers.bend[0] == 1.0
    controllers.pitch_bend(0, -8192)
    assert controllers.bend[0] == -1.0


def test_rpn_zero_sets_the_bend_range(controllers):
    select(controllers, 0, 0)
    controllers.control(0, DATA_ENTRY, 12)
    controllers.control(0, DATA_ENTRY_FINE, 50)
    assert controllers.bend_range[0] == 12.5
    assert controllers.bend_range[1] == 2.0


@pytest.mark.parametrize("selection", [(127, 127, RPN, RPN_FINE), (0, 1, RPN, RPN_FINE), (0, 0, NRPN, NRPN_FINE)])
def test_data_entry_for_others_changes_nothing(controllers, selection):
    select(controllers, 0, 0)
    select(controllers, *selection)
    controllers.control(0, DATA_ENTRY, 12)
    assert controllers.bend_range[0] == 2.0


def test_reset_leaves_volume_and_pan(controllers):
    select(controllers, 0, 0)
    for control, value in ((MODULATION, 99), (EXPRESSION, 5), (SOFT, 127), (VOLUME, 50), (PAN, 10)):
        controllers.control(0, control, value)
    controllers.pressure(0, 80)
    controllers.pitch_bend(0, 4000)
    controllers.control(0, RESET_CONTROLLERS, 0)
    controllers.control(0, DATA_ENTRY, 12)
    expected = Controllers(2.0)
    expected.control(0, VOLUME, 50)
    expected.control(0, PAN, 10)
    for name in ("bend", "bend_range", "vibrato", "gains"):
        np.testing.assert_array_equal(getattr(controllers, name), getattr(expected, name))
    assert controllers.stroke_gain(0) == 1.0


def test_vibrato_is_the_larger_of_wheel_and_pressure(controllers):
    controllers.control(0, MODULATION, 127)
    controllers.pressure(0, 20)
    assert controllers.vibrato[0] == VIBRATO_CENTS
    controllers.control(0, MODULATION, 0)
    assert controllers.vibrato[0] == pytest.approx(VIBRATO_CENTS * 20 / 127)


def test_soft_pedal(controllers):
    controllers.control(0, SOFT, 64)
    assert controllers.stroke_gain(0) < 1.0
    controllers.control(0, SOFT, 63)
    assert controllers.stroke_gain(0) == 1.0
