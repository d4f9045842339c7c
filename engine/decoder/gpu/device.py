"""What the decoder asks of a GPU that has one kernel loaded, and what both sides of a launch know by heart."""

import ctypes
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

KERNEL = Path(__file__).parent / "kernel"  # kernel.cu, which includes the others


class Sizes(NamedTuple):
    """What the compiled kernel says of itself (`tell` in kernel.cu).

    step_words : of weights that a thread block streams in a sample; units : of 16 bytes, in its longest message
    shared_bytes : of a thread block; argument_bytes : sizeof(Arguments); history_rows : sums that a voice keeps
    blocks : of a group of voices; threads : of a block
    """

    step_words: int
    units: int
    shared_bytes: int
    argument_bytes: int
    history_rows: int
    blocks: int
    threads: int


POINTERS = (
    "weights", "start", "res_bias", "skip_bias", "logit_bias", "condition", "out_condition", "slots", "ages",
    "temperature", "uniforms", "entry", "middle", "forced", "heard", "history", "mail", "sounds", "scores", "failed",
)  # fmt: skip


class Arguments(ctypes.Structure):
    """Of one launch, as in kernel/sizes.h."""

    _fields_ = [
        *((name, ctypes.c_void_p) for name in POINTERS),
        ("tag", ctypes.c_uint32), ("samples", ctypes.c_int32), ("ticks", ctypes.c_int32), ("row", ctypes.c_int32),
    ]  # fmt: skip


class Buffer(Protocol):
    """Memory of the device. address : there; nbytes : of it"""

    address: int
    nbytes: int


class Device(Protocol):
    """A GPU with the kernel of one shape loaded. Whatever fails raises GpuError, one line.

    sizes : of the kernel
    groups : of `sizes.blocks` thread blocks that are resident at once, at least 1: they wait for each other
    """

    sizes: Sizes
    groups: int

    def allocate(self, nbytes: int) -> Buffer:
        """Memory with undefined contents."""

    def write(self, buffer: Buffer, array: np.ndarray) -> None:
        """Copy an array, C order, to the beginning of a buffer."""

    def read(self, buffer: Buffer, array: np.ndarray) -> None:
        """Fill an array, C order, from the beginning of a buffer."""

    def hold(self, buffer: Buffer) -> None:
        """Keep as much of a buffer in the second cache as the device lets one."""

    def launch(self, arguments: Arguments, groups: int) -> None:
        """Run the kernel for so many groups and wait for its end; refuses what cannot be resident at once."""

    def close(self) -> None:
        """Give all memory back."""
