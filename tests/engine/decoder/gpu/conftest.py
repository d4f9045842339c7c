"""A driver that pretends to be nine GPUs."""

import ctypes

import pytest

from engine.decoder.gpu.cuda.driver import Driver
from tests.engine.decoder.gpu.building import stand_in


@pytest.fixture
def cuda():
    """The stand-in, to order it about; nothing may be left in it at the end."""
    library = ctypes.CDLL(str(stand_in()))
    library.stand_in_held.restype = ctypes.c_size_t
    library.stand_in_reset()
    yield library
    library.stand_in_reset()
    assert library.stand_in_left() == 0, "something was not given back"


@pytest.fixture
def driver(cuda):
    return Driver(stand_in())


@pytest.fixture
def cards(driver):
    """By the end of their names."""
    return {card.name.split()[-1].split("-")[0] if "H100" not in card.name else "H100": card for card in driver.gpus()}
