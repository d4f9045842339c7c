"""A sound device's side of the ring, without one: calls the compiled callback as PortAudio would."""

import ctypes

import numpy as np

from engine.live.ring import Ring, Word
from engine.live.stream import _callback


def drain(ring, frames, now_s=None, flags=0):
    """float32 (frames, channels): what the device gets; the block before was full of other numbers.

    now_s : None: a millisecond after the callback before
    """
    if now_s is None:
        now_s = (ring.count(Word.LAST_US) + 1000) / 1e6
    output = np.full((frames, ring.count(Word.CHANNELS)), 9.0, np.float32)
    times = np.array([0.0, now_s, now_s])
    status = _callback.ctypes(
        None, output.ctypes.data_as(ctypes.POINTER(ctypes.c_float)), frames,
        times.ctypes.data_as(ctypes.POINTER(ctypes.c_double)), flags, ring.address,
    )  # fmt: skip
    assert status == 0  # paContinue
    return output


class FakeOutput:
    """An open device that plays only when a test says so."""

    label = "fake device"
    latency_s = 0.0

    def __init__(self, rate=48000):
        self.rate = rate
        self.ring, self.dry = Ring(65536), None
        self.closed = False

    def tick(self):
        """It drains by itself."""

    def close(self):
        self.closed = True
