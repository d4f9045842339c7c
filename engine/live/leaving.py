"""The synth of the weights before, faded out under the one that follows it."""

import threading

import numpy as np

from engine.mix.limiter import CEILING
from engine.synth import Synth

FADE_S = 0.4


class Leaving:
    """rate : of the device

    synth : the one that leaves, its keys let go
    gone : set once nobody plays it any more

    Threading: made in the chores thread, which waits for `gone`; all else belongs to the render thread.
    """

    def __init__(self, rate: int):
        self.synth: Synth | None = None
        self.gone = threading.Event()
        self._step = 1.0 / (FADE_S * rate)
        self._gain = 1.0
        self._block = np.zeros((rate, 2), np.float32)  # longer than any block

    def add(self, audio: np.ndarray) -> bool:
        """Mix its next frames into float32 (frames, 2), below the ceiling. returns : whether there are more"""
        assert self.synth is not None
        block = self._block[: len(audio)]
        self.synth.render(block)
        gains = np.maximum(self._gain - self._step * np.arange(1, len(block) + 1), 0.0)
        self._gain = gains[-1]
        audio += block * gains[:, np.newaxis].astype(np.float32)
        np.clip(audio, -CEILING, CEILING, out=audio)
        return self._gain > 0.0 and not self.synth.idle
