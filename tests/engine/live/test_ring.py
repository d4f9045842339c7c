"""The ring: what goes in comes out, once, in order, whatever the sizes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.live.ring import Ring, Word
from tests.engine.device import drain


def ramp(start, count):
    """Stereo frames that tell their place: left counts up, right counts down."""
    frames = np.arange(start, start + count, dtype=np.float32)
    return np.stack([frames, -frames], axis=1)


def test_frames_come_out_as_they_went_in():
    ring = Ring(256)
    assert ring.push(ramp(0, 100)) == 100
    assert ring.fill == 100
    assert np.array_equal(drain(ring, 100), ramp(0, 100))
    assert ring.fill == 0


def test_capacity_is_the_next_power_of_two():
    assert Ring(1000).push(ramp(0, 5000)) == 1024


def test_what_does_not_fit_is_left_out():
    ring = Ring(256)
    assert ring.push(ramp(0, 300)) == 256
    assert ring.push(ramp(256, 1)) == 0
    assert np.array_equal(drain(ring, 256), ramp(0, 256))


def test_what_is_missing_is_silence_and_counted():
    ring = Ring(256)
    ring.push(ramp(1, 64))
    drain(ring, 64)
    ring.push(ramp(1, 10))
    taken = drain(ring, 64)
    assert np.array_equal(taken[:10], ramp(1, 10))
    assert not taken[10:].any()
    assert ring.count(Word.MISSES) == 1


def test_a_request_larger_than_any_before_is_no_miss():
    ring = Ring(256)
    drain(ring, 64)
    assert (ring.count(Word.MISSES), ring.count(Word.LARGEST)) == (0, 64)
    drain(ring, 64)
    assert ring.count(Word.MISSES) == 1


def test_one_channel_is_the_mean_of_both():
    ring = Ring(256, channels=1)
    ring.push(np.array([[1.0, 0.5], [0.0, -1.0]], np.float32))
    assert np.array_equal(drain(ring, 3), np.array([[0.75], [-0.5], [0.0]], np.float32))


def test_drop_forgets_the_oldest():
    ring = Ring(256)
    ring.push(ramp(0, 100))
    ring.drop(30)
    assert np.array_equal(drain(ring, 70), ramp(30, 70))
    ring.drop(5)
    assert ring.fill == 0


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)), max_size=60))
def test_any_order_of_pushing_and_taking_keeps_every_frame(steps):
    ring, pushed, taken = Ring(64), 0, 0
    for offered, wanted in steps:
        pushed += ring.push(ramp(pushed, offered))
        available = min(wanted, pushed - taken)
        frames = drain(ring, wanted)
        assert np.array_equal(frames[:available], ramp(taken, available))
        assert not frames[available:].any()
        taken += available
        assert ring.fill == pushed - taken
