"""A processor in a GPU's stead: the kernel's own text, compiled by g++, on fibers in random order (cpp/emulation.h)."""

import ctypes
from pathlib import Path

import numpy as np

from common.errors import GpuError
from engine.decoder.gpu.device import KERNEL, Arguments, Sizes
from engine.decoder.gpu.shapes import Shape
from tests.engine.decoder.gpu.building import TEXTS, shared_library

_OPTIONS = ("-O2", "-U_FORTIFY_SOURCE", "-mf16c", "-DEMULATED")


def library(shape: Shape, kernel: Path = KERNEL) -> Path:
    """The shared library that emulates the kernel of a shape. kernel : folder of its text"""
    return shared_library(TEXTS / "emulated.cpp", *_OPTIONS, *shape.defines, include=(kernel, TEXTS))


class Memory:
    """A Buffer of the processor; what it holds at first is NaN."""

    def __init__(self, nbytes: int):
        self.array = np.full(nbytes, 255, np.uint8)
        self.address, self.nbytes = self.array.ctypes.data, nbytes


class Emulated:
    """A Device without a GPU.

    seed : of the order in which threads run; groups : resident at once; kernel : folder of its text
    """

    def __init__(self, shape: Shape, seed: int = 1, groups: int = 64, kernel: Path = KERNEL):
        self.groups, self._seed = groups, seed
        self._library = ctypes.CDLL(str(library(shape, kernel)))
        told = (ctypes.c_longlong * len(Sizes._fields))()
        self._library.sizes(told)
        self.sizes = Sizes(*told)
        self._render = self._library.render_emulated
        self._render.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_uint64]

    def allocate(self, nbytes: int) -> Memory:
        return Memory(nbytes)

    def write(self, buffer: Memory, array: np.ndarray) -> None:
        buffer.array[: array.nbytes] = array.reshape(-1).view(np.uint8)

    def read(self, buffer: Memory, array: np.ndarray) -> None:
        array.reshape(-1).view(np.uint8)[:] = buffer.array[: array.nbytes]

    def hold(self, buffer: Memory) -> None:
        """Nothing to hold."""

    def launch(self, arguments: Arguments, groups: int) -> None:
        assert 0 < groups <= self.groups
        self._seed += 1
        if not self._render(ctypes.byref(arguments), groups, self._seed):
            raise GpuError("emulation: deadlock: a barrier was not reached by all, or a message never came")

    def close(self) -> None:
        """Nothing to give back."""
