"""One piece of work on several cores at once, by threads that stay.

While blocks follow each other a thread stays awake between them and watches a word in memory: waking it in the
kernel of the operating system takes 20 us on bare metal, 100 and more in a virtual machine, of a block of 4 ms. After
SPINS looks, some milliseconds, it sleeps.
"""

import os
import threading
from collections.abc import Callable

import numpy as np

from engine.decoder.cpu.kernels.emit.flags import has_reached, set_flag, spin_until
from engine.decoder.cpu.kernels.layout import aligned_array

SPINS = 1 << 22


class Cores:
    """Calls work(i) for i < count: work(0) in the calling thread, each other in a thread of its own.

    Threading: `run` and `close` are for one thread. work must not raise; what it runs is to need no interpreter.
    """

    def __init__(self, count: int, work: Callable[[int], None]):
        self._work = work
        self._ended = False
        self._go = [SpinSemaphore() for _ in range(count - 1)]
        self._done = [SpinSemaphore() for _ in range(count - 1)]
        for i in range(1, count):
            threading.Thread(target=self._serve, args=(i,), name=f"decoder core {i}", daemon=True).start()

    def run(self, count: int) -> None:
        """work(0) ... work(count - 1), all done when it returns."""
        for i in range(1, count):
            self._go[i - 1].release()
        self._work(0)
        for i in range(1, count):
            self._done[i - 1].acquire()

    def close(self) -> None:
        """End the threads."""
        self._ended = True
        for semaphore in self._go:
            semaphore.release()
        for semaphore in self._done:
            semaphore.acquire()
        for semaphore in (*self._go, *self._done):
            semaphore.close()
        self._go, self._done = [], []

    def _serve(self, i):
        go, done = self._go[i - 1], self._done[i - 1]
        while True:
            go.acquire()
            if self._ended:
                break
            self._work(i)
            done.release()
        done.release()


class SpinSemaphore:
    """One thread releases, one other acquires each release in turn: it spins at first, then sleeps in a pipe."""

    def __init__(self):
        self._released, self._asleep = (aligned_array(np.zeros(8, np.int64)) for _ in range(2))  # a cache line each
        self._releases = self._acquires = 0
        self._out, self._in = os.pipe()
        set_flag(self._asleep, 0)  # compile before time counts
        spin_until(self._released, 0, 1)

    def release(self) -> None:
        """Wake the other, or let it go on. Never blocks."""
        self._releases += 1
        set_flag(self._released, self._releases)
        if has_reached(self._asleep, 1):
            os.write(self._in, b"\0")

    def acquire(self) -> None:
        """Until the next release."""
        self._acquires += 1
        if spin_until(self._released, self._acquires, SPINS):
            return
        set_flag(self._asleep, 1)
        while not has_reached(self._released, self._acquires):  # it may have been released just before `asleep`
            os.read(self._out, 1)
        set_flag(self._asleep, 0)

    def close(self) -> None:
        """Nobody waits any more."""
        os.close(self._in)
        os.close(self._out)
