"""One kernel on one GPU: its memory, its launches, and the guard before them.

The thread blocks of a launch wait for each other. One that is not resident would never send, and the others would wait
for ever: what the GPU cannot hold at once is refused before anything is launched.
"""

import contextlib
import ctypes
from dataclasses import dataclass

import numpy as np

from common.errors import GpuError
from engine.decoder.gpu.cuda.driver import Driver, Gpu
from engine.decoder.gpu.device import Buffer, Sizes

# Constants of cuda.h
_REGISTERS, _DYNAMIC_SHARED, _CARVEOUT = 4, 8, 9  # CU_FUNC_ATTRIBUTE_NUM_REGS, _MAX_DYNAMIC_SHARED_SIZE_BYTES, ...
_ALL = 100  # percent: nothing that the first-level cache could take from shared memory
_BLOCKING_SYNC = 1  # CU_EVENT_BLOCKING_SYNC: whoever waits sleeps, and the processor is free for the others
_PERSISTING_CACHE = 6  # CU_LIMIT_PERSISTING_L2_CACHE_SIZE
_ACCESS_POLICY_WINDOW = 1  # CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW
_STREAMING, _PERSISTING = 1, 2  # CU_ACCESS_PROPERTY_...


@dataclass(eq=False)
class Memory:
    """A Buffer of a GPU."""

    address: int
    nbytes: int


class _Window(ctypes.Structure):
    """CUaccessPolicyWindow, in a union of 64 bytes."""

    _fields_ = [
        ("base", ctypes.c_void_p), ("size", ctypes.c_size_t), ("share", ctypes.c_float),
        ("hit", ctypes.c_int), ("miss", ctypes.c_int), ("_rest", ctypes.c_byte * 32),
    ]  # fmt: skip


class CudaDevice:
    """Device (see device.py) on a GPU.

    cubin : machine code with the entry points `render`, for launches, and `tell`, which says how large things are
    sizes : as it says; groups : of voices that one launch can hold
    milliseconds : of all launches, by its own clock; held : bytes of the second-level cache that are set aside
    Threading: one thread at a time, whichever. After an error nothing but `close` is of use.
    Raises GpuError where the driver refuses, or the GPU cannot hold one group.
    """

    def __init__(self, driver: Driver, gpu: Gpu, cubin: bytes):
        self.gpu, self.milliseconds, self.held = gpu, 0.0, 0
        self._call, self._number = driver.call, ctypes.c_int(gpu.number)
        self._context, self._module, self._stream = (ctypes.c_void_p() for _ in range(3))
        self._events = [ctypes.c_void_p(), ctypes.c_void_p()]
        self._memory: list[Memory] = []
        self._call("cuDevicePrimaryCtxRetain", ctypes.byref(self._context), self._number)
        try:
            self._load(cubin)
            self.sizes = Sizes(*self._tell(len(Sizes._fields)))
            self._resident = self._measure_resident()
            if refusal := self.refusal(1):
                raise GpuError(refusal)
        except GpuError:
            self.close()
            raise
        self.groups = self._places // self.sizes.blocks

    def allocate(self, nbytes: int) -> Buffer:
        """Its contents are undefined; it is given back by `close`."""
        address = ctypes.c_uint64()
        self._enter()
        self._call("cuMemAlloc_v2", ctypes.byref(address), ctypes.c_size_t(max(nbytes, 1)))
        self._memory.append(Memory(address.value, nbytes))
        return self._memory[-1]

    def write(self, buffer: Buffer, array: np.ndarray) -> None:
        """Fill the buffer's beginning. array : contiguous"""
        assert array.flags.c_contiguous and array.nbytes <= buffer.nbytes
        self._enter()
        self._call("cuMemcpyHtoD_v2", ctypes.c_uint64(buffer.address), *_bytes_of(array))

    def read(self, buffer: Buffer, array: np.ndarray) -> None:
        """Fill the array, contiguous, from the buffer's beginning."""
        assert array.flags.c_contiguous and array.nbytes <= buffer.nbytes
        self._enter()
        place, size = _bytes_of(array)
        self._call("cuMemcpyDtoH_v2", place, ctypes.c_uint64(buffer.address), size)

    def hold(self, buffer: Buffer) -> None:
        """Keep as much of the buffer, which every sample reads again, in the second-level cache as the GPU allows."""
        window = min(buffer.nbytes, self.gpu.window)
        held = min(window, self.gpu.persisting)
        if not held:
            return
        policy = _Window(buffer.address, window, held / window, _PERSISTING, _STREAMING)
        self._enter()
        with contextlib.suppress(GpuError):  # a part of a GPU (MIG) may say no; it plays without
            self._call("cuCtxSetLimit", _PERSISTING_CACHE, ctypes.c_size_t(held))
            self._call("cuStreamSetAttribute", self._stream, _ACCESS_POLICY_WINDOW, ctypes.byref(policy))
            self.held = held

    def refusal(self, groups: int) -> str | None:
        """Why this GPU cannot run so many groups at once, in one line; None: it can."""
        gpu, sizes = self.gpu, self.sizes
        if not gpu.cooperative:
            return f"{gpu.name} has no cooperative launch"
        if sizes.shared_bytes > gpu.shared:
            needs = f"{sizes.shared_bytes / 1024:.1f} KB of shared memory"
            return f"a thread block needs {needs}, {gpu.name} gives {gpu.shared / 1024:.0f} KB"
        if not self._resident:
            needs = f"{sizes.threads} x {self._registers()} registers"
            return f"a thread block needs {needs}, {gpu.name} gives {gpu.registers}, or has no room for another reason"
        if groups * sizes.blocks > self._places:
            has = f"{self._places} at once ({gpu.multiprocessors} multiprocessors x {self._resident})"
            return f"{groups * sizes.blocks} thread blocks wait for each other, {gpu.name} holds {has}"
        return None

    def launch(self, arguments: ctypes.Structure, groups: int) -> None:
        """Run the kernel to its end. Raises GpuError, without a launch where not all blocks would be resident."""
        if refusal := self.refusal(groups):
            raise GpuError(refusal)
        parameters = (ctypes.c_void_p * 1)(ctypes.addressof(arguments))
        grid, block = (groups * self.sizes.blocks, 1, 1), (self.sizes.threads, 1, 1)
        begin, end = self._events
        stream, took = self._stream, ctypes.c_float()
        self._enter()
        self._call("cuEventRecord", begin, stream)
        self._call(
            "cuLaunchCooperativeKernel", self._render, *grid, *block, self.sizes.shared_bytes, stream, parameters
        )
        self._call("cuEventRecord", end, stream)
        self._call("cuEventSynchronize", end)
        self._call("cuEventElapsedTime", ctypes.byref(took), begin, end)
        self.milliseconds += took.value

    def close(self) -> None:
        """Give everything back, once; what the driver refuses now, it has lost before."""
        if not self._context:
            return
        for name, *arguments in (
            ("cuCtxSetCurrent", self._context),
            *(("cuMemFree_v2", ctypes.c_uint64(memory.address)) for memory in self._memory),
            *(("cuEventDestroy_v2", event) for event in self._events if event),
            *((("cuStreamDestroy_v2", self._stream),) if self._stream else ()),
            *((("cuModuleUnload", self._module),) if self._module else ()),
            ("cuDevicePrimaryCtxRelease_v2", self._number),
        ):
            with contextlib.suppress(GpuError):
                self._call(name, *arguments)
        self._memory, self._context = [], ctypes.c_void_p()

    def _enter(self):
        """A context is current in one thread only, and a decoder is opened in one and played in another."""
        self._call("cuCtxSetCurrent", self._context)

    def _load(self, cubin):
        self._enter()
        self._call("cuModuleLoadData", ctypes.byref(self._module), cubin)
        self._render = self._entry_point("render")
        self._call("cuStreamCreate", ctypes.byref(self._stream), 0)  # in order with the copies
        for event in self._events:
            self._call("cuEventCreate", ctypes.byref(event), _BLOCKING_SYNC)

    def _entry_point(self, name):
        function = ctypes.c_void_p()
        self._call("cuModuleGetFunction", ctypes.byref(function), self._module, name.encode())
        return function

    def _tell(self, count):
        """The numbers that the kernel says of itself."""
        numbers = np.zeros(count, np.int64)
        told = self.allocate(numbers.nbytes)
        address = ctypes.c_uint64(told.address)
        parameters = (ctypes.c_void_p * 1)(ctypes.addressof(address))
        self._call("cuLaunchKernel", self._entry_point("tell"), 1, 1, 1, 1, 1, 1, 0, self._stream, parameters, None)
        self._call("cuStreamSynchronize", self._stream)
        self.read(told, numbers)
        return numbers.tolist()

    def _measure_resident(self):
        """Thread blocks that one multiprocessor holds at once."""
        sizes, blocks = self.sizes, ctypes.c_int()
        if sizes.shared_bytes > self.gpu.shared:
            return 0
        self._call("cuFuncSetAttribute", self._render, _DYNAMIC_SHARED, sizes.shared_bytes)
        self._call("cuFuncSetAttribute", self._render, _CARVEOUT, _ALL)
        fitting = "cuOccupancyMaxActiveBlocksPerMultiprocessor"
        self._call(fitting, ctypes.byref(blocks), self._render, sizes.threads, ctypes.c_size_t(sizes.shared_bytes))
        return blocks.value

    @property
    def _places(self):
        return self.gpu.multiprocessors * self._resident

    def _registers(self):
        value = ctypes.c_int()
        self._call("cuFuncGetAttribute", ctypes.byref(value), _REGISTERS, self._render)
        return value.value


def _bytes_of(array):
    return ctypes.c_void_p(array.ctypes.data), ctypes.c_size_t(array.nbytes)
