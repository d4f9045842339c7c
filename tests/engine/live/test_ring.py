"""The ring: what goes in comes out, once, in order, whatever the sizes."""

import ctypes
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import carray, cfunc, njit, types

from engine.live.ring import HEAD, WORDS, Ring, Word, _push, take
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


def test_callbacks_of_one_moment_are_one_request():
    ring = Ring(8192)
    for moment_s in (1.0, 1.1):
        for _ in range(4):
            drain(ring, 1024, moment_s)
        assert ring.count(Word.MISSES) == (0 if moment_s == 1.0 else 4)
        assert ring.count(Word.LARGEST) == ring.count(Word.BURST) == 4096
    drain(ring, 1024, 1.2)
    assert (ring.count(Word.LARGEST), ring.count(Word.BURST)) == (4096, 1024)


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


@njit
def next_size(size):
    """1 to 199, in an order that does not repeat soon: 3 is a generator of 1..198 modulo 199."""
    return size * 3 % 199


@njit
def frame_number(at):
    """Never silent; counted anew every 2**23, since a float32 counts to 2**24."""
    return np.float32(at % 2**23 + 1)


def push_all(words, frames, total):
    """Push frames that tell their place, in blocks of all sizes."""
    block, size, pushed = np.empty((200, 2), np.float32), 1, 0
    while pushed < total:
        size = next_size(size)
        count = min(size, total - pushed)
        for i in range(count):
            block[i] = frame_number(pushed + i)
            block[i, 1] *= -1
        pushed += _push(words, frames, block[:count])


def take_all(output, block, total):
    """Take as the callback does, in blocks of all sizes. returns : the first frame that is wrong, else the total"""
    words, size = carray(block, (WORDS,), np.int64), 7
    while words[HEAD] < total:
        head, size = words[HEAD], next_size(size)
        take(block, output, size, 0)
        count = words[HEAD] - head
        for i in range(size):
            expected = frame_number(head + i) if i < count else 0.0
            if output[2 * i] != expected or output[2 * i + 1] != -expected:
                return head + i
    return total


@pytest.mark.parametrize("frames", [5_000_000, pytest.param(300_000_000, marks=pytest.mark.long)])
def test_a_thread_that_pushes_and_one_that_takes_lose_no_frame(frames):
    """Neither waits for the other: both find the ring full, empty and everything between."""
    ring, output = Ring(1024), np.zeros((200, 2), np.float32)
    push = njit(nogil=True)(push_all)  # without a cache, which would not see a change of the ring
    callback = cfunc(types.int64(types.CPointer(types.float32), types.voidptr, types.int64))(take_all)
    writer = threading.Thread(target=push, args=(ring.words, ring._frames, frames), daemon=True)
    writer.start()
    wrong = callback.ctypes(output.ctypes.data_as(ctypes.POINTER(ctypes.c_float)), ring.address, frames)
    assert wrong == frames, f"frame {wrong} is not what was pushed"
    writer.join()
    assert ring.count(Word.HEAD) == ring.count(Word.TAIL) == frames
