"""One piece of work on several cores at once: threads that stay, and wait in the kernel of the operating system.

A thread is woken and answers by one byte in a pipe: no Python lock is held, and what it then runs is compiled and
needs no interpreter. A wake-up takes some 20 us, a block of audio 4 ms.
"""

import os
import threading
from collections.abc import Callable

_GO, _END = b"g", b"e"


class Cores:
    """Calls work(i) for i < count: work(0) in the calling thread, each other in a thread of its own.

    Threading: `run` and `close` are for one thread. work must not raise.
    """

    def __init__(self, count: int, work: Callable[[int], None]):
        self._work = work
        self._go = [os.pipe() for _ in range(count - 1)]
        self._done = [os.pipe() for _ in range(count - 1)]
        for i in range(1, count):
            threading.Thread(target=self._serve, args=(i,), name=f"decoder core {i}", daemon=True).start()

    def run(self, count: int) -> None:
        """work(0) ... work(count - 1), all done when it returns."""
        for i in range(1, count):
            os.write(self._go[i - 1][1], _GO)
        self._work(0)
        for i in range(1, count):
            os.read(self._done[i - 1][0], 1)

    def close(self) -> None:
        """End the threads."""
        for _, go in self._go:
            os.write(go, _END)
        for ends in self._done:
            os.read(ends[0], 1)
        for ends in (*self._go, *self._done):
            for end in ends:
                os.close(end)
        self._go, self._done = [], []

    def _serve(self, i):
        go, done = self._go[i - 1][0], self._done[i - 1][1]
        while os.read(go, 1) == _GO:
            self._work(i)
            os.write(done, _GO)
        os.write(done, _END)
