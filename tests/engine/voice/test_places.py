"""What several sounds do not share, in the row of one voice: free partials and embeddings."""

import numpy as np
import pytest

from engine.voice.places import clear, lag, make_places, put
from models.config import WaveNetConfig
from models.harmonic.config import PLACES, HarmonicConfig

CONFIG = HarmonicConfig(partials=2)
STORED = np.arange(5 * CONFIG.latent, dtype=np.float32).reshape(5, -1) / 1000
MIXED = np.zeros(CONFIG.latent)


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


def asked(row, place):
    """(share, embedding)"""
    first = CONFIG.asked + place * (1 + CONFIG.timbre)
    return row[first], row[first + 1 : first + 1 + CONFIG.timbre]


def test_what_has_no_weight_is_silent_and_keeps_its_frequency(row):
    assert [in_place(row, place) for place in range(PLACES)] == [([-4, -4], [7, 7])] * PLACES
    assert (np.delete(row[: CONFIG.latent], np.arange(CONFIG.latent)[CONFIG.free]) == 7).all()


def test_every_point_of_the_pad_has_its_place_and_its_level(places, row):
    for point, weight in enumerate((0.5, 0.25, 0.125, 0.125)):
        put(places, row, point, weight, STORED, point, MIXED)
    for point, weight in enumerate((0.5, 0.25, 0.125, 0.125)):
        levels, ratios = in_place(row, point)
        stored = STORED[point, CONFIG.free]
        np.testing.assert_allclose(2 * np.array(levels), 2 * stored[:2] + np.log(weight), rtol=1e-5)
        np.testing.assert_array_equal(ratios, stored[2:])


def test_the_louder_of_two_points_stands_in_their_place(places, row):
    put(places, row, 1, 0.4, STORED, 1, MIXED)
    put(places, row, 1 + PLACES, 0.3, STORED, 2, MIXED)
    assert in_place(row, 1)[1] == STORED[1, CONFIG.free][2:].tolist()
    put(places, row, 1 + 2 * PLACES, 0.5, STORED, 3, MIXED)
    assert in_place(row, 1)[1] == STORED[3, CONFIG.free][2:].tolist()


def test_every_point_has_the_embedding_that_it_has_alone(places, row):
    mixed, weights = np.zeros(CONFIG.latent), (0.5, 0.25, 0.25)
    for point, weight in enumerate(weights):
        mixed += weight * STORED[point]
        put(places, row, point, weight, STORED, point, mixed)
    for point, weight in enumerate(weights):
        share, embedding = asked(row, point)
        assert share == weight
        np.testing.assert_allclose(embedding, STORED[point, : CONFIG.timbre], rtol=1e-5)
    assert asked(row, 3)[0] == 0
    lag(places, row, np.full(CONFIG.latent, 2.0))
    np.testing.assert_allclose(asked(row, 1)[1], STORED[1, : CONFIG.timbre] + 2, rtol=1e-5)


def test_of_two_points_in_one_place_the_network_is_asked_about_the_louder(places, row):
    mixed = np.zeros(CONFIG.latent)
    for point, weight, stored in ((1, 0.3, 1), (1 + PLACES, 0.5, 2), (1 + 2 * PLACES, 0.2, 3)):
        mixed += weight * STORED[stored]
        put(places, row, point, weight, STORED, stored, mixed)
    share, embedding = asked(row, 1)
    assert share == 0.5
    np.testing.assert_allclose(embedding, STORED[2, : CONFIG.timbre], rtol=1e-5)


def test_models_without_free_partials_keep_their_rows():
    config = WaveNetConfig()
    places, row = make_places(config), np.arange(config.mixed, dtype=np.float32)
    clear(places, row)
    put(places, row, 0, 1.0, STORED, 0, MIXED)
    lag(places, row, MIXED)
    np.testing.assert_array_equal(row, np.arange(config.mixed))
