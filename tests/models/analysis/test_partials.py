"""Partials of notes whose stretch is known."""

import numpy as np
import pytest

from models.analysis.partials import Partials, find_partials

RATE = 16000
TIME = np.arange(2 * RATE) / RATE


def string(f0_hz, stretch, cents=0.0, count=40):
    """A decaying note with partials of amplitude 1 / k."""
    hz = Partials(f0_hz * 2 ** (cents / 1200), stretch).hz(count)
    hz = hz[hz < 7600]
    waves = np.sin(2 * np.pi * hz * TIME[:, None] + np.arange(len(hz))) / np.arange(1, len(hz) + 1)
    return np.exp(-2 * TIME) * waves.sum(1) + 1e-3 * np.random.default_rng(0).standard_normal(len(TIME))


def test_the_partials_of_a_stiff_string_go_apart():
    np.testing.assert_allclose(Partials(100.0).hz(4), [100, 200, 300, 400])
    k = np.arange(1, 31)
    apart = k * np.sqrt(1 + 4e-4 * k**2)
    np.testing.assert_allclose(Partials(100.0, 400.0).hz(30), 100 * apart / apart[0])


@pytest.mark.parametrize("stretch", [0.0, 50.0, 2000.0])
def test_the_distance_to_the_nearest_partial(stretch):
    partials = Partials(220.0, stretch)
    hz = partials.hz(30)
    np.testing.assert_allclose(partials.off_hz(hz), 0, atol=1e-9)
    np.testing.assert_allclose(partials.off_hz(hz + 20), 20)
    np.testing.assert_allclose(partials.off_hz(hz - 20), 20)
    assert partials.off_hz(np.zeros(1)) == 220.0


@pytest.mark.parametrize("cents", [-8.0, 0.0, 6.0])
@pytest.mark.parametrize(("f0_hz", "stretch"), [(55.0, 60.0), (220.0, 300.0), (880.0, 2000.0)])
def test_the_stretch_of_a_string_is_found_though_it_is_off_its_key(f0_hz, stretch, cents):
    found = find_partials(string(f0_hz, stretch, cents), f0_hz, RATE, 64)
    assert found.f0_hz == f0_hz and found.stretch == pytest.approx(stretch, rel=0.15)


@pytest.mark.parametrize("cents", [-12.0, 0.0, 9.0])
def test_harmonics_are_not_stretched(cents):
    assert find_partials(string(110.0, 0.0, cents), 110.0, RATE, 64).stretch == 0
    assert find_partials(np.zeros(8000), 110.0, RATE, 64).stretch == 0
    assert find_partials(np.random.default_rng(0).standard_normal(RATE), 110.0, RATE, 64).stretch == 0
