"""Other threads and processes take their time: wait for what they do, never for a number of seconds."""

import time


def wait_until(condition, what, timeout_s=60.0):
    """What `condition` returns once it is true; fails naming what was awaited. The time limit is for a hung test."""
    end = time.monotonic() + timeout_s
    while not (result := condition()):
        assert time.monotonic() < end, f"{what} did not come within {timeout_s} s"
        time.sleep(0.02)
    return result
