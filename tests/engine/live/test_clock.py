"""Times of events -> model samples, whatever the rhythm in which blocks are rendered."""

import numpy as np
import pytest

from engine.live.clock import BlockClock

RATE, BLOCK = 16000, 64
PERIOD_S = BLOCK / RATE


def positions(begins, times):
    """The sample of each time, asked right after the last block before it. begins : seconds, one a block."""
    clock, found, block = BlockClock(RATE, BLOCK), [], 0
    for time in times:
        while block < len(begins) and begins[block] <= time:
            clock.tick(begins[block], block * BLOCK)
            block += 1
        found.append(clock.sample_at(time))
    return np.array(found)


def test_even_blocks_map_time_to_samples_exactly():
    times = 5.0 + np.arange(1, 2000) * 0.00123
    begins = 5.0 + np.arange(1000) * PERIOD_S
    assert np.abs(positions(begins, times) - np.round((times - 5.0) * RATE)).max() <= 1


@pytest.mark.parametrize("burst", [2, 5])
def test_blocks_in_bursts_keep_the_distance_between_events(burst):
    """A device of `burst` blocks a callback: they are rendered at once, and events stay as far apart as they were."""
    blocks = np.arange(3000)
    begins = blocks // burst * burst * PERIOD_S + blocks % burst * 0.0002
    times = np.arange(4.0, 11.0, 0.0137)
    distances = np.diff(positions(begins, times)) / RATE
    assert np.abs(distances - 0.0137).max() < 0.001


def test_a_clock_that_runs_fast_is_followed():
    """A device 0.1 % fast: after some seconds the error is a small constant."""
    begins = np.arange(5000) * PERIOD_S / 1.001
    times = np.arange(15.0, 19.0, 0.01)
    assert np.abs(positions(begins, times) - times * RATE * 1.001).max() < 8


def test_after_a_long_stop_it_starts_anew():
    clock = BlockClock(RATE, BLOCK)
    for block in range(100):
        clock.tick(block * PERIOD_S, block * BLOCK)
    clock.tick(60.0, 6400)
    assert clock.sample_at(60.002) == 6400 + 32
