"""SIGINT (Ctrl-C) and SIGTERM as a wish to stop, so that a run can save first."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_WATCHED = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stop_wish() -> Iterator[Callable[[], bool]]:
    """Give a function that says whether one has come. A second Ctrl-C ends the process as usual."""
    came = False

    def note(number, frame):
        nonlocal came
        came = True
        signal.signal(number, before[number])

    before = {number: signal.signal(number, note) for number in _WATCHED}
    try:
        yield lambda: came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
