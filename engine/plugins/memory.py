"""The memory that the engine and a plug-in's process share. Both sides import this; numpy only.

A row of int64 words (`Word`), the parameters that were set, then places for SLOTS blocks each way: a child that is
late finds the blocks that it missed untouched, and plays them in order.

No lock and no fence of our own: each side writes, then makes a system call on the socket between them (send), and the
other reads after one (receive), which orders memory on every processor.
"""

import mmap
import os
from enum import IntEnum

import numpy as np

SLOTS = 8  # blocks on their way at most; a power of two
MAX_FRAMES = 1024  # of a block: 4 ms at 192 kHz are 768
MAX_PARAMETERS = 4096


class Word(IntEnum):
    """Index into the int64 words."""

    ASKED = 0  # blocks given to the child so far, written by the engine
    ANSWERED = 1  # blocks that it has played, written by the child
    CHANGES = 2  # how often a parameter was set, written by the engine
    FRAMES = 8  # from here on: frames of the block in each place
    PLAYED = FRAMES + SLOTS  # from here on: frames that came back


WORDS = 64
_PARAMETERS_AT = WORDS * 8
_ASKED_AT = _PARAMETERS_AT + MAX_PARAMETERS * 8
_BLOCKS_BYTES = SLOTS * 2 * MAX_FRAMES * 4
SIZE = _ASKED_AT + 2 * _BLOCKS_BYTES


class Memory:
    """descriptor : of a memfd of SIZE bytes; writable : False for who only looks on

    words : int64 (WORDS,)
    parameters : float64 (MAX_PARAMETERS,), in their units; NaN: not set, as the plug-in has it
    asked, answers : float32 (SLOTS, 2, MAX_FRAMES), left and right
    """

    def __init__(self, descriptor: int, writable: bool = True):
        block = mmap.mmap(descriptor, SIZE, access=mmap.ACCESS_WRITE if writable else mmap.ACCESS_READ)
        self.words = np.frombuffer(block, np.int64, WORDS)
        self.parameters = np.frombuffer(block, np.float64, MAX_PARAMETERS, _PARAMETERS_AT)
        shape = (SLOTS, 2, MAX_FRAMES)
        count = SLOTS * 2 * MAX_FRAMES
        self.asked = np.frombuffer(block, np.float32, count, _ASKED_AT).reshape(shape)
        self.answers = np.frombuffer(block, np.float32, count, _ASKED_AT + _BLOCKS_BYTES).reshape(shape)


def new_memory() -> int:
    """A descriptor of fresh memory: no block yet, no parameter set."""
    descriptor = os.memfd_create("manifold-plugin")
    os.ftruncate(descriptor, SIZE)
    Memory(descriptor).parameters[:] = np.nan
    return descriptor
