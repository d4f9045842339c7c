"""Free partials of several sounds in the row of one voice."""

import numpy as np
import pytest

from engine.voice.places import clear, make_places, put
from models.config import WaveNetConfig
from models.harmonic.config import PLACES, HarmonicConfig

CONFIG = HarmonicConfig(partials=2)
STORED = np.arange(5 * CONFIG.latent, dtype=np.float32).reshape(5, -1) / 1000


@pytest.fixture
def places():
    return make_places(CONFIG)


@pytest.fixture
def row(places):
    row = np.full(CONFIG.mixed, 7, np.float32)
    clear(places, row)
    return row


def in_place(row, place):
    """(levels, ratios)"""
    first = CONFIG.free.start if place == 0 else CONFIG.latent + (place - 1) * 4
    return row[first : first + 2].tolist(), row[first + 2 : first + 4].tolist()


def test_what_has_no_weight_is_silent_and_keeps_its_frequency(row):
    assert [in_place(row, place) for place in range(PLACES)] == [([-4, -4], [7, 7])] * PLACES
    assert (np.delete(row[: CONFIG.latent], np.arange(CONFIG.latent)[CONFIG.free]) == 7).all()


def test_every_point_of_the_pad_has_its_place_and_its_level(places, row):
    for point, weight in enumerate((0.5, 0.25, 0.125, 0.125)):
        put(places, row, point, weight, STORED, point)
    for point, weight in enumerate((0.5, 0.25, 0.125, 0.125)):
        levels, ratios = in_place(row, point)
        stored = STORED[point, CONFIG.free]
        np.testing.assert_allclose(2 * np.array(levels), 2 * stored[:2] + np.log(weight), rtol=1e-5)
        np.testing.assert_array_equal(ratios, stored[2:])


def test_the_louder_of_two_points_stands_in_their_place(places, row):
    put(places, row, 1, 0.4, STORED, 1)
    put(places, row, 1 + PLACES, 0.3, STORED, 2)
    assert in_place(row, 1)[1] == STORED[1, CONFIG.free][2:].tolist()
    put(places, row, 1 + 2 * PLACES, 0.5, STORED, 3)
    assert in_place(row, 1)[1] == STORED[3, CONFIG.free][2:].tolist()


def test_models_without_free_partials_keep_their_rows():
    config = WaveNetConfig()
    places, row = make_places(config), np.arange(config.mixed, dtype=np.float32)
    clear(places, row)
    put(places, row, 0, 1.0, STORED, 0)
    np.testing.assert_array_equal(row, np.arange(config.mixed))
