"""libcuda, which comes with the graphics driver, by ctypes alone: its calls, and what it says of the GPUs.

Every refusal is one GpuError. Opening it is harmless: nothing is allocated on a GPU before cuda.py does.
"""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from common.errors import GpuError

LIBRARY = "libcuda.so.1"

# CUdevice_attribute of cuda.h, by the field of `Gpu` that they fill
_ATTRIBUTES = {
    "registers": 12, "multiprocessors": 16, "cache": 38, "major": 75, "minor": 76, "cooperative": 95, "shared": 97,
    "persisting": 108, "window": 109,
}  # fmt: skip

# CUresult -> how to mend it
_MENDS = {
    2: "close what else uses the GPU, or ask for fewer voices",
    35: "install a newer driver",
    46: "another program holds the GPU for itself; end it",
    100: "there is none that this user may use",
    101: "choose one that is there",
    802: "the GPU is not ready yet; try again in a minute",
    803: "the driver was renewed; restart the machine",
    804: "the driver was renewed; restart the machine",
}


@dataclass(frozen=True)
class Gpu:
    """What a kernel must know of one GPU.

    number : the driver's; major, minor : compute capability
    registers, shared : registers and bytes of shared memory that a thread block may have
    cooperative : whether all blocks of a launch can be held to be resident at once
    cache : bytes of L2; persisting : how many of them may be set aside; window : bytes that one policy may cover
    memory : bytes
    """

    number: int
    name: str
    major: int
    minor: int
    multiprocessors: int
    registers: int
    shared: int
    cooperative: bool
    cache: int
    persisting: int
    window: int
    memory: int

    def __str__(self):
        return f"{self.name} ({self.multiprocessors} multiprocessors, {self.memory / 2**30:.0f} GB)"

    @property
    def architecture(self) -> str:
        """As compilers call it. Hopper's own instructions want the letter."""
        return f"sm_{self.major}{self.minor}{'a' if (self.major, self.minor) == (9, 0) else ''}"


class Driver:
    """The library, initialised.

    library : name or path, or a stand-in in its place
    version : newest CUDA that it serves
    Raises GpuError where it is missing, or there is no GPU.
    """

    def __init__(self, library: str | Path = LIBRARY):
        try:
            self._library = ctypes.CDLL(str(library))
        except OSError:
            raise GpuError(f"there is no GPU driver ({library}); install NVIDIA's, version 570 or newer") from None
        self.call("cuInit", 0)
        version = self._number("cuDriverGetVersion")
        self.version = version // 1000, version % 1000 // 10

    def call(self, name: str, *arguments) -> None:
        """One function of the driver. Raises GpuError where it refuses."""
        status = self._function(name)(*arguments)
        if status:
            mend = _MENDS.get(status, "")
            raise GpuError(f"the GPU's driver refuses {name}: {self._text(status)} ({status}){mend and f'; {mend}'}")

    def gpus(self) -> Iterator[Gpu]:
        """Every GPU that the driver shows."""
        for number in range(self._number("cuDeviceGetCount")):
            yield self._gpu(number)

    def _gpu(self, number):
        device, name, memory = self._number("cuDeviceGet", number), ctypes.create_string_buffer(256), ctypes.c_size_t()
        self.call("cuDeviceGetName", name, len(name), device)
        self.call("cuDeviceTotalMem_v2", ctypes.byref(memory), device)
        says = {
            field: self._number("cuDeviceGetAttribute", attribute, device) for field, attribute in _ATTRIBUTES.items()
        }
        says["cooperative"] = bool(says["cooperative"])
        return Gpu(device, name.value.decode(errors="replace"), memory=memory.value, **says)

    def _number(self, name, *arguments):
        """What such a function writes into its first argument, an int."""
        value = ctypes.c_int()
        self.call(name, ctypes.byref(value), *arguments)
        return value.value

    def _function(self, name):
        try:
            return getattr(self._library, name)
        except AttributeError:
            raise GpuError(f"the GPU's driver has no {name}; install a newer one, 570 at least") from None

    def _text(self, status):
        text = ctypes.c_char_p()
        self._function("cuGetErrorString")(status, ctypes.byref(text))
        return (text.value or b"unknown error").decode(errors="replace")
