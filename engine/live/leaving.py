"""The synth of the weights before, faded out under the one that follows it."""

import threading
import time

import numpy as np

from engine.mix.limiter import CEILING
from engine.synth import Synth

FADE_S = 0.4
HASTE_S = 0.03  # of the fade, where the two together are too much for the machine
_BEHIND = 0.5  # blocks by which the two may fall behind


class Leaving:
    """rate : of the device

    synth : the one that leaves, its keys let go
    gone : set once nobody plays it any more
    busy_s : that its last block took

    Threading: made in the chores thread, which waits for `gone`; all else belongs to the render thread.
    """

    def __init__(self, rate: int, clock=time.monotonic):
        self.synth: Synth | None = None
        self.gone = threading.Event()
        self.busy_s = 0.0
        self._rate, self._clock = rate, clock
        self._step = 1.0 / (FADE_S * rate)
        self._gain = 1.0
        self._behind = 0.0
        self._block = np.zeros((rate, 2), np.float32)  # longer than any block

    def add(self, audio: np.ndarray) -> bool:
        """Mix its next frames into float32 (frames, 2), below the ceiling. returns : whether there are more"""
        assert self.synth is not None
        begin = self._clock()
        block = self._block[: len(audio)]
        self.synth.render(block)
        gains = np.maximum(self._gain - self._step * np.arange(1, len(block) + 1), 0.0)
        self._gain = gains[-1]
        audio += block * gains[:, np.newaxis].astype(np.float32)
        np.clip(audio, -CEILING, CEILING, out=audio)
        self.busy_s = self._clock() - begin
        return self._gain > 0.0 and not self.synth.idle

    def observe(self, load: float) -> None:
        """After each block of both, 1 being its whole time: what leaves makes room before a new note has to."""
        self._behind = max(self._behind + load - 1.0, 0.0)
        if self._behind > _BEHIND:
            self._step = 1.0 / (HASTE_S * self._rate)
