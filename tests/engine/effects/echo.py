"""An effect for tests: half as loud, a while later, and once more at the end of its tail."""

import numpy as np

from engine.effects.kinds import Kind
from engine.parameters import Parameter

LATENCY, ECHO = 480, 4800  # frames
ECHO_KIND = Kind("Echo", f"{__name__}:Echo", "level", {"level": Parameter("Level", "", 0.0, 2.0, 1.0)})


class Echo:
    """Passes half the input on after LATENCY frames, and a quarter of it ECHO frames later."""

    def __init__(self, latency=LATENCY):
        self.latency = self.tail = 0
        self.told = {"level": 1.0}
        self.closed = False
        self._latency = latency

    def prepare(self, rate, max_frames):
        self.latency, self.tail = self._latency, ECHO
        self._past = np.zeros((self._latency + ECHO, 2), np.float32)
        self._line = np.zeros((self._latency + ECHO + max_frames, 2), np.float32)

    def reset(self):
        self._past[:] = 0.0

    def process(self, block):
        held, frames = len(self._past), len(block)
        line = self._line[: held + frames]
        line[:held], line[held:] = self._past, block
        block[:] = np.float32(0.5) * line[ECHO : ECHO + frames] + np.float32(0.25) * line[:frames]
        block *= np.float32(self.told["level"])
        self._past[:] = line[frames:]

    def set(self, name, value):
        self.told[name] = value

    def holds(self, plugin):
        return plugin.state == b"its own"

    def close(self):
        self.closed = True
