"""A delay of whole frames."""

import numpy as np


class DelayLine:
    """frames : by which what comes out is later; max_frames : of a block"""

    def __init__(self, frames: int, max_frames: int):
        self.frames = frames
        self._line = np.zeros((frames + max_frames, 2), np.float32)
        self._out = np.zeros((max_frames, 2), np.float32)

    def reset(self) -> None:
        """Silence in it."""
        self._line[:] = 0.0

    def process(self, block: np.ndarray) -> np.ndarray:
        """float32 (frames, 2) -> as many, of `frames` ago, good until the next call."""
        line, count = self._line, len(block)
        line[self.frames : self.frames + count] = block
        out = self._out[:count]
        out[:] = line[:count]
        line[: self.frames] = line[count : count + self.frames]
        return out
