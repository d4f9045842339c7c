"""One piece of work on several cores at once, by threads that stay.

While blocks follow each other a thread stays awake between them and watches a word in memory: waking it in the
kernel of the operating system takes 20 us on bare metal, 100 and more in a virtual machine, of a block of 4 ms. After
AWAKE looks, some milliseconds, it sleeps.
"""

import os
import threading
from collections.abc import Callable

import numpy as np

from engine.decoder.cpu.kernels.emit.flags import put, reached, watch
from engine.decoder.cpu.kernels.layout import aligned_array

AWAKE = 1 << 22


class Cores:
    """Calls work(i) for i < count: work(0) in the calling thread, each other in a thread of its own.

    Threading: `run` and `close` are for one thread. work must not raise; what it runs is to need no interpreter.
    """

    def __init__(self, count: int, work: Callable[[int], None]):
        self._work = work
        self._ended = False
        self._go = [Bell() for _ in range(count - 1)]
        self._done = [Bell() for _ in range(count - 1)]
        for i in range(1, count):
            threading.Thread(target=self._serve, args=(i,), name=f"decoder core {i}", daemon=True).start()

    def run(self, count: int) -> None:
        """work(0) ... work(count - 1), all done when it returns."""
        for i in range(1, count):
            self._go[i - 1].ring()
        self._work(0)
        for i in range(1, count):
            self._done[i - 1].wait()

    def close(self) -> None:
        """End the threads."""
        self._ended = True
        for bell in self._go:
            bell.ring()
        for bell in self._done:
            bell.wait()
        for bell in (*self._go, *self._done):
            bell.close()
        self._go, self._done = [], []

    def _serve(self, i):
        go, done = self._go[i - 1], self._done[i - 1]
        while True:
            go.wait()
            if self._ended:
                break
            self._work(i)
            done.ring()
        done.ring()


class Bell:
    """One thread rings, one other waits for each ring in turn: awake at first, then asleep in a pipe."""

    def __init__(self):
        self._rung, self._asleep = (aligned_array(np.zeros(8, np.int64)) for _ in range(2))  # cache lines of their own
        self._rings = self._heard = 0
        self._out, self._in = os.pipe()
        put(self._asleep, 0)  # compile before time counts
        watch(self._rung, 0, 1)

    def ring(self):
        """Wake the other, or let it go on. Never blocks."""
        self._rings += 1
        put(self._rung, self._rings)
        if reached(self._asleep, 1):
            os.write(self._in, b"\0")

    def wait(self):
        """Until the next ring."""
        self._heard += 1
        if watch(self._rung, self._heard, AWAKE):
            return
        put(self._asleep, 1)
        while not reached(self._rung, self._heard):  # it may have been rung just before `asleep`
            os.read(self._out, 1)
        put(self._asleep, 0)

    def close(self):
        """Nobody waits any more."""
        os.close(self._in)
        os.close(self._out)
