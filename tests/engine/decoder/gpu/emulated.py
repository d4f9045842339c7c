"""A processor in a GPU's stead: the kernel's own text, compiled by g++, on fibers in random order (emulation.h)."""

import ctypes
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from common.errors import GpuError
from engine.decoder.gpu.device import KERNEL, Arguments, Sizes
from engine.decoder.gpu.shapes import Shape
from tests.paths import ROOT

HERE = Path(__file__).parent
OPTIONS = ("-std=c++17", "-O2", "-U_FORTIFY_SOURCE", "-mf16c", "-shared", "-fPIC", "-fno-gnu-unique", "-DEMULATED")
KEPT = ROOT / ".pytest_cache" / "emulated"

needs_compiler = pytest.mark.skipif(
    shutil.which("g++") is None, reason="g++ is missing (apt install g++): it compiles the kernel for a processor"
)


def library(shape: Shape, kernel: Path = KERNEL) -> Path:
    """The shared library that emulates the kernel of a shape; compiled where it is not kept from before.

    kernel : folder of its text
    """
    key = hashlib.sha256(repr(shape.defines).encode())
    for source in sorted([*kernel.iterdir(), HERE / "emulation.h", HERE / "emulated.cpp"]):
        key.update(source.read_bytes())
    kept = KEPT / f"{key.hexdigest()[:24]}.so"
    if not kept.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        new = kept.with_suffix(f".{os.getpid()}")
        folders = (f"-I{kernel}", f"-I{HERE}")
        subprocess.run(["g++", *OPTIONS, *shape.defines, *folders, HERE / "emulated.cpp", "-o", new], check=True)
        new.replace(kept)
    return kept


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
