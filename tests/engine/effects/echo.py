"""An effect for tests: half as loud, a while later, and once more at the end of its tail."""

import numpy as np

LATENCY, ECHO = 480, 4800  # frames


class Echo:
    """Passes half the input on after LATENCY frames, and a quarter of it ECHO frames later."""

    def __init__(self):
        self.latency = self.tail = 0

    def prepare(self, rate, max_frames):
        self.latency, self.tail = LATENCY, ECHO
        self._past = np.zeros((LATENCY + ECHO, 2), np.float32)
        self._line = np.zeros((LATENCY + ECHO + max_frames, 2), np.float32)

    def reset(self):
        self._past[:] = 0.0

    def process(self, block):
        held, frames = len(self._past), len(block)
        line = self._line[: held + frames]
        line[:held], line[held:] = self._past, block
        block[:] = np.float32(0.5) * line[ECHO : ECHO + frames] + np.float32(0.25) * line[:frames]
        self._past[:] = line[frames:]
