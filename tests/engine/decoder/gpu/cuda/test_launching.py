"""Memory and launches on cards that are pretended, and what is refused before a launch could wait for ever."""

import ctypes
import threading

import numpy as np
import pytest

from common.errors import GpuError
from engine.decoder.gpu.cuda.launching import CudaDevice
from tests.engine.decoder.gpu.building import Halving, halving

OPENING = [
    "cuDevicePrimaryCtxRetain", "cuCtxSetCurrent", "cuModuleLoadData", "cuModuleGetFunction", "cuStreamCreate",
    "cuEventCreate", "cuMemAlloc_v2", "cuMemcpyDtoH_v2", "cuFuncSetAttribute",
    "cuOccupancyMaxActiveBlocksPerMultiprocessor", "cuLaunchKernel", "cuStreamSynchronize",
]  # fmt: skip
PLAYING = [
    "cuCtxSetCurrent", "cuMemAlloc_v2", "cuMemcpyHtoD_v2", "cuMemcpyDtoH_v2", "cuEventRecord",
    "cuLaunchCooperativeKernel", "cuEventSynchronize", "cuEventElapsedTime",
]  # fmt: skip


@pytest.fixture
def opened(driver, cards):
    """opened("4090") -> its device with the kernel that halves; closed with the test."""
    made = []

    def open_(name, **kernel):
        made.append(CudaDevice(driver, cards[name], halving(**kernel)))
        return made[-1]

    yield open_
    for device in made:
        device.close()


def halve(device, numbers, groups=None):
    """Through the card and back, as many groups as numbers unless something else is said."""
    source, target = (device.allocate(numbers.nbytes) for _ in range(2))
    device.write(source, numbers)
    device.launch(Halving(source.address, target.address, numbers.size), groups or numbers.size)
    result = np.empty_like(numbers)
    device.read(target, result)
    return result


TWO = np.array([3, 5], np.float32)


def test_a_launch(opened, cuda):
    device = opened("4090")
    assert device.groups == 2 and device.sizes.argument_bytes == ctypes.sizeof(Halving)
    np.testing.assert_array_equal(halve(device, TWO), TWO / 2)
    assert device.milliseconds == 1.0 and cuda.stand_in_launches() == 1


def test_two_kernels_at_once_as_while_weights_are_changed(opened):
    first, second = opened("4090"), opened("4090", blocks=32)
    assert (first.groups, second.groups) == (2, 4)
    for device in (first, second, first):
        np.testing.assert_array_equal(halve(device, TWO), TWO / 2)
    first.close()
    np.testing.assert_array_equal(halve(second, TWO), TWO / 2)


def test_opened_in_one_thread_played_in_another_closed_in_a_third(opened):
    device, results = opened("4090"), []
    for work in (lambda: results.append(halve(device, TWO)), device.close):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    np.testing.assert_array_equal(results[0], TWO / 2)


# card, registers a thread, KB of shared memory, thread blocks of a group -> groups at once, or words of the refusal
DEVICES = [
    ("H100", 128, 194, 128, 1),
    ("H100", 128, 194, 64, 2),
    ("A100", 128, 194, 128, "needs 194.0 KB of shared memory, NVIDIA A100-SXM4-80GB gives 163 KB"),
    ("A100", 128, 116, 64, 1),
    ("4090", 128, 94, 128, 1),
    ("4090", 136, 94, 128, "needs 512 x 136 registers, NVIDIA GeForce RTX 4090 gives 65536"),
    ("5090", 128, 76, 64, 2),
    ("4080", 128, 94, 128, "holds 76 at once (76 multiprocessors x 1)"),
    ("4080", 128, 76, 64, 1),
    ("3090", 128, 76, 64, 1),
    ("3080", 128, 94, 128, "128 thread blocks wait for each other, NVIDIA GeForce RTX 3080 holds 68 at once"),
    ("4070", 128, 76, 64, "holds 46 at once"),
    ("4070", 128, 98, 43, 1),
    ("3060", 128, 98, 43, "holds 28 at once"),
    ("3060", 64, 48, 1, 56),
]


@pytest.mark.parametrize(("name", "registers", "kilobytes", "blocks", "expected"), DEVICES)
def test_what_a_card_cannot_hold_at_once_is_refused(opened, cuda, name, registers, kilobytes, blocks, expected):
    kernel = {"registers": registers, "shared": kilobytes << 10, "blocks": blocks}
    if isinstance(expected, int):
        device = opened(name, **kernel)
        assert device.groups == expected
        np.testing.assert_array_equal(halve(device, np.ones(expected, np.float32)), np.full(expected, 0.5, np.float32))
        with pytest.raises(GpuError, match=f"{(expected + 1) * blocks} thread blocks wait for each other"):
            device.launch(Halving(), expected + 1)
        assert cuda.stand_in_launches() == 1
        return
    with pytest.raises(GpuError) as error:
        opened(name, **kernel)
    assert expected in str(error.value) and "\n" not in str(error.value)


def test_no_cooperative_launch(cuda, driver):
    cuda.stand_in_without_cooperation()
    with pytest.raises(GpuError, match="^NVIDIA GeForce RTX 3060 has no cooperative launch$"):
        CudaDevice(driver, next(driver.gpus()), halving())


def told(call):
    return f"refuses {call}: out of memory \\(2\\); close what else uses the GPU, or ask for fewer voices$"


@pytest.mark.parametrize("call", OPENING)
def test_what_is_refused_at_the_start_is_one_line_and_nothing_is_left(driver, cards, cuda, call):
    cuda.stand_in_refuse(call.encode(), 2)
    with pytest.raises(GpuError, match=told(call)):
        CudaDevice(driver, cards["4090"], halving())
    if call == "cuCtxSetCurrent":  # nothing can be given back without it
        cuda.stand_in_reset()
        assert cuda.stand_in_left() == 0


@pytest.mark.parametrize("call", PLAYING)
def test_what_is_refused_while_it_plays_is_one_line(opened, cuda, call):
    device = opened("4090")
    cuda.stand_in_refuse(call.encode(), 2)
    with pytest.raises(GpuError, match=told(call)):
        halve(device, TWO)
    cuda.stand_in_reset()


def test_a_kernel_that_fails_is_an_error_and_the_card_can_be_opened_again(opened):
    device = opened("4090")
    with pytest.raises(GpuError, match="unspecified launch failure"):
        halve(device, TWO, groups=1)
    with pytest.raises(GpuError, match="unspecified launch failure"):
        halve(device, TWO)
    device.close()
    np.testing.assert_array_equal(halve(opened("4090"), TWO), TWO / 2)


def test_machine_code_that_is_none(driver, cards):
    with pytest.raises(GpuError, match="refuses cuModuleLoadData"):
        CudaDevice(driver, cards["4090"], b"nothing\0")


def test_more_memory_than_there_is(opened):
    with pytest.raises(GpuError, match="refuses cuMemAlloc_v2: out of memory"):
        opened("4090").allocate(1 << 40)


@pytest.mark.parametrize(
    ("name", "megabytes", "held"), [("4090", 81, 49), ("5090", 81, 72), ("H100", 8, 8), ("3080", 200, 3)]
)
def test_weights_are_held_as_far_as_the_card_allows(opened, cuda, name, megabytes, held):
    device = opened(name)
    weights = device.allocate(megabytes << 20)
    device.hold(weights)
    base, share = ctypes.c_uint64(), ctypes.c_float()
    assert device.held == cuda.stand_in_held(ctypes.byref(base), ctypes.byref(share)) == held << 20
    assert base.value == weights.address and share.value == pytest.approx(held / min(megabytes, 128))


@pytest.mark.parametrize("call", ["cuCtxSetLimit", "cuStreamSetAttribute"])
def test_a_card_that_holds_nothing_plays_without(opened, cuda, call):
    device = opened("4090")
    cuda.stand_in_refuse(call.encode(), 801)
    device.hold(device.allocate(1 << 20))
    assert device.held == 0
    np.testing.assert_array_equal(halve(device, TWO), TWO / 2)
