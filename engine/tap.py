"""What sounds, for another process: the memory of the engine's ring is a file without a name that others may read.

The layout of that memory, and who reads it beside the audio callback. Reading costs the engine nothing and nobody
waits: a frame stays where it is until the ring has gone round, more than a second later. Linux alone has such files;
elsewhere the path is empty.
"""

import mmap
import os
from enum import IntEnum

import numpy as np


class Word(IntEnum):
    """Index into the int64 words at the start of the block."""

    CAPACITY = 0  # frames, a power of two
    HEAD = 1  # frames taken, written by the reader
    TAIL = 2  # frames pushed, written by the writer
    LARGEST = 3  # frames that callbacks of one moment asked for at most
    BEATS = 4  # callbacks so far
    MISSES = 5  # callbacks that the ring could not fill
    FLAGGED = 6  # callbacks that the device flagged as late
    LONGEST_US = 7  # longest time between two callbacks
    LAST_US = 8  # when the last callback was due
    CHANNELS = 9  # of the device, 1 or 2
    BURST = 10  # frames that the callbacks of this moment have asked for so far
    BURST_US = 11  # when this moment began


WORDS = 16  # int64 words before the first frame: two cache lines
_KEPT = 2  # a reader looks back over this part of the ring at most: the writer is never near


def shared_words(count: int) -> tuple[np.ndarray, int | None]:
    """(int64 (count,) of zeros, number of the file that it is in); None where this system has no such files."""
    if not hasattr(os, "memfd_create"):
        return np.zeros(count, np.int64), None
    file = os.memfd_create("manifold ring")
    os.ftruncate(file, 8 * count)
    memory = mmap.mmap(file, 8 * count, flags=mmap.MAP_SHARED | mmap.MAP_POPULATE)  # no page is missing while it plays
    return np.frombuffer(memory, np.int64), file


def path_of(file: int | None) -> str:
    """Where another process of this user finds a file of this one; empty for None."""
    return "" if file is None else f"/proc/{os.getpid()}/fd/{file}"


class Tap:
    """A reader that follows what the device takes from a ring.

    path : see `path_of`
    Raises OSError or ValueError where it cannot be read, or is no ring.
    """

    def __init__(self, path: str):
        self.path = path
        with open(path, "rb") as file:
            self._number = os.fstat(file.fileno()).st_ino
            memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        block = np.frombuffer(memory, np.int64)
        self._words, self._capacity = block[:WORDS], len(block) - WORDS
        if self._capacity < 1 or self._words[Word.CAPACITY] != self._capacity:
            raise ValueError(f"{path}: no ring")
        self._frames = block[WORDS:].view(np.float32).reshape(self._capacity, 2)
        self._read = int(self._words[Word.HEAD])

    @property
    def current(self) -> bool:
        """Whether there is still this ring at its path, and not another one or none."""
        try:
            return os.stat(self.path).st_ino == self._number
        except OSError:
            return False

    def read(self) -> np.ndarray:
        """float32 (frames, 2): what was taken since the last call; the newest of it where that is very much."""
        head = int(self._words[Word.HEAD])
        first = max(self._read, head - self._capacity // _KEPT)
        self._read = head
        return self._frames[np.arange(first, head) & (self._capacity - 1)]
