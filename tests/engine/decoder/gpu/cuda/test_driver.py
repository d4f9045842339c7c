"""What is asked of the driver, and what it says in one line where it refuses."""

import pytest

from common.errors import GpuError
from engine.decoder.gpu.cuda.driver import Driver
from tests.engine.decoder.gpu.building import stand_in


def test_nine_cards_say_what_they_are(driver, cards):
    assert driver.version == (13, 0)
    assert list(cards) == ["3060", "3080", "3090", "4070", "4080", "4090", "5090", "A100", "H100"]
    card = cards["4090"]
    assert (card.multiprocessors, card.registers, card.shared, card.cooperative) == (128, 65536, 99 << 10, True)
    assert (card.cache, card.persisting, card.window) == (72 << 20, 49 << 20, 128 << 20)
    assert str(card) == "NVIDIA GeForce RTX 4090 (128 multiprocessors, 24 GB)"
    architectures = [card.architecture for card in cards.values()]
    assert architectures == ["sm_86", "sm_86", "sm_86", "sm_89", "sm_89", "sm_89", "sm_120", "sm_80", "sm_90a"]


def one_line(error):
    assert "\n" not in str(error.value)
    return str(error.value)


def test_no_driver():
    with pytest.raises(GpuError) as error:
        Driver("libcuda-that-is-not-there.so")
    assert one_line(error) == (
        "there is no GPU driver (libcuda-that-is-not-there.so); install NVIDIA's, version 570 or newer"
    )


def test_a_library_that_is_none():
    with pytest.raises(GpuError) as error:
        Driver("libm.so.6")
    assert one_line(error) == "the GPU's driver has no cuInit; install a newer one, 570 at least"


def test_no_gpu(cuda):
    cuda.stand_in_show(0)
    with pytest.raises(GpuError) as error:
        Driver(stand_in())
    assert "refuses cuInit: no CUDA-capable device is detected (100); there is none that this user may use" in (
        one_line(error)
    )


@pytest.mark.parametrize(
    ("status", "told"),
    [(803, "unsupported display driver / cuda driver combination (803); the driver was renewed; restart the machine"),
     (999, "unknown error (999)")],
)  # fmt: skip
def test_every_refusal_is_one_line(cuda, status, told):
    cuda.stand_in_refuse(b"cuInit", status)
    with pytest.raises(GpuError) as error:
        Driver(stand_in())
    assert one_line(error).endswith(told)


@pytest.mark.parametrize("call", ["cuDriverGetVersion", "cuDeviceGetCount", "cuDeviceGet", "cuDeviceGetName"])
def test_a_driver_that_fails_later_says_where(cuda, call):
    cuda.stand_in_refuse(call.encode(), 3)
    with pytest.raises(GpuError, match=call):
        list(Driver(stand_in()).gpus())
