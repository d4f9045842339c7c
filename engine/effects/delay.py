"""Echoes, free or on the beat, that wander from side to side."""

import math

import numpy as np
from numba import njit

from engine.effects.glide import Glides, Values, glide
from engine.effects.kinds import BEATS, TEMPO_BPM

LONGEST_S = 4.0  # a slow beat's longest note is cut to that
FADE_MS = 30.0  # from one time to another: the old echo goes while the new one comes, and no pitch sweeps
_QUIET_DB = 80.0
_TINY = 1e-20  # below is silence, before it gets denormal
_BEATS = tuple(BEATS.values())


class Delay:
    """Stereo; each repeat is duller than the one before it."""

    latency = 0

    def __init__(self):
        self._values = Values("delay")
        self._glides = Glides(3)  # feedback, coefficient of the tone, spread
        self._rate = 48000

    def prepare(self, rate: int, max_frames: int) -> None:
        self._rate = rate
        self._line = np.zeros((round(LONGEST_S * rate) + 1, 2), np.float32)
        self._tone = np.zeros(2)  # state of the low-pass filters
        self._taps = np.zeros(
            4, np.int64
        )  # next frame to write; frames of the tap, of the next one; frames of the fade
        self._aim()
        self._glides.prepare(rate)
        self.reset()

    def reset(self) -> None:
        self._line[:] = 0.0
        self._tone[:] = 0.0
        self._taps[:] = 0, self._frames, self._frames, 0
        self._glides.arrive()

    def set(self, name: str, value: float) -> None:
        if self._values.take(name, value):
            self._aim()

    def _aim(self):
        values = self._values
        share = 1.0 - math.exp(-2.0 * math.pi * values["tone_hz"] / self._rate)
        self._glides.targets[:] = values["feedback"], share, values["spread"]

    @property
    def _frames(self):
        """Of the time, as it was set or as the beat says."""
        beats = _BEATS[round(self._values["sync"])]
        seconds = beats * 60.0 / self._values[TEMPO_BPM] if beats else self._values["time_ms"] / 1000.0
        return max(round(min(seconds, LONGEST_S) * self._rate), 1)

    @property
    def tail(self) -> int:
        passes = 1.0 - _QUIET_DB / 20.0 / math.log10(max(self._values["feedback"], 0.01))
        return round(passes * self._frames)

    def process(self, block: np.ndarray) -> None:
        glides, fade = self._glides, round(FADE_MS / 1000.0 * self._rate)
        _process(
            block, self._line, self._tone, self._taps, self._frames, fade,
            glides.values, glides.targets, glides.coefficient,
        )  # fmt: skip

    def close(self) -> None:
        """It holds nothing."""


@njit(cache=True, nogil=True)
def _process(block, line, tone, taps, wanted, fade, values, targets, coefficient):
    size = line.shape[0]
    for i in range(block.shape[0]):
        glide(values, targets, coefficient)
        feedback, share, spread = values[0, 1], values[1, 1], values[2, 1]
        if taps[3] == 0 and taps[1] != wanted:
            taps[2], taps[3] = wanted, fade
        way = 1.0 - taps[3] / fade
        way = way * way * (3.0 - 2.0 * way)
        now, old, new = taps[0], (taps[0] - taps[1]) % size, (taps[0] - taps[2]) % size
        for side in range(2):
            echo = line[old, side] + way * (line[new, side] - line[old, side])
            tone[side] += share * (echo - tone[side])
            if abs(tone[side]) < _TINY:
                tone[side] = 0.0
        if taps[3] > 0:
            taps[3] -= 1
            if taps[3] == 0:
                taps[1] = taps[2]
        left, right = block[i, 0], block[i, 1]
        line[now, 0] = left + spread * 0.5 * (right - left) + feedback * (tone[0] + spread * (tone[1] - tone[0]))
        line[now, 1] = (1.0 - spread) * right + feedback * (tone[1] + spread * (tone[0] - tone[1]))
        block[i, 0], block[i, 1] = tone[0], tone[1]
        taps[0] = (now + 1) % size
