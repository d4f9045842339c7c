"""The whole way: the decoder, the calls of the driver, a card that is pretended, the kernel on fibers."""

import numpy as np
import pytest

from common.errors import GpuError
from engine.decoder.gpu.cuda.launching import CudaDevice
from engine.decoder.gpu.decoder import GpuDecoder
from engine.decoder.gpu.shapes import Shape
from tests.engine.decoder.gpu.emulated import library
from tests.engine.decoder.gpu.spreads import SPREADS, gpu_decoder
from tests.engine.decoder.networks import CONFIGS, played, random_weights, render

NAME, SPREAD, VOICES = "instrument", SPREADS["the copy engine"], 5


@pytest.fixture
def driven(driver, cards):
    """A decoder on a card of musicians."""
    shape = Shape(CONFIGS[NAME], SPREAD)
    device = CudaDevice(driver, cards["4090"], bytes(library(shape)) + b"\0")
    decoder = GpuDecoder(random_weights(shape.config), VOICES, shape, device, block=16)
    yield decoder
    decoder.close()


def test_it_plays_as_on_the_processor(driven, cuda):
    arguments = played(CONFIGS[NAME], VOICES, 40)
    expected = render(gpu_decoder(CONFIGS[NAME], VOICES, SPREAD, block=16), *arguments)
    np.testing.assert_array_equal(render(driven, *arguments), expected)
    assert cuda.stand_in_launches() == 3


def test_all_memory_of_the_device_is_taken_at_construction(driven, cuda):
    arguments, taken = played(CONFIGS[NAME], VOICES, 40), cuda.stand_in_left()
    for block in (40, 7):
        render(driven, *arguments, block=block)
        assert cuda.stand_in_left() == taken


def test_a_lost_gpu_ends_the_call(driven, cuda):
    cuda.stand_in_refuse(b"cuLaunchCooperativeKernel", 719)
    with pytest.raises(GpuError, match="cuLaunchCooperativeKernel"):
        render(driven, *played(CONFIGS[NAME], VOICES, 10))
