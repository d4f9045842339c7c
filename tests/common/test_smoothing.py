"""One-pole smoothing: coefficients whose last bit is heard."""

import math

import pytest

from common.smoothing import one_pole, remaining

RATES = (8000, 16000, 32000, 44100, 48000, 192000)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("time_ms", [2.0, 5.0, 8.0, 10.0, 80.0])
def test_the_value_is_there_but_for_1_over_e_after_the_time(time_ms, rate):
    value = 0.0
    for _ in range(round(time_ms / 1000 * rate)):
        value += one_pole(time_ms, rate) * (1.0 - value)
    assert value == pytest.approx(1 - math.exp(-1), abs=2e-3)
    assert remaining(time_ms, rate) == pytest.approx(1.0 - one_pole(time_ms, rate))


@pytest.mark.parametrize("rate", RATES)
def test_more_constants_in_the_same_time(rate):
    assert one_pole(100.0, rate, math.log(1000)) == pytest.approx(one_pole(100.0 / math.log(1000), rate))


@pytest.mark.parametrize("rate", RATES)
def test_every_bit_is_that_of_the_plain_formulas(rate):
    """Takes of earlier versions are repeated bit for bit."""
    for time_ms in (2.0, 5.0, 10.0, 80.0, 123.4):
        assert one_pole(time_ms, rate) == 1.0 - math.exp(-1000.0 / (time_ms * rate))
        assert one_pole(time_ms, rate, 6.9) == 1.0 - math.exp(-6.9 * 1000.0 / (time_ms * rate))
    for time_ms in (8.0, 50.0):  # of the steps that come once a tick
        assert remaining(time_ms, rate / 64) == math.exp(-64 / (time_ms / 1000 * rate))
