"""Parameters of an effect: what they are asked to be, and numbers that go there without an edge."""

import numpy as np
from numba import njit

from common.smoothing import one_pole
from engine.effects.kinds import KINDS, TEMPO, TEMPO_BPM

GLIDE_MS = 5.0  # time constant of each of the two poles
ARRIVED = 1e-4  # nearer than this share of its target, a number is there
NOTHING = 1e-5  # nearer than this to zero, it is zero


class Values(dict[str, float]):
    """Parameter -> value in its unit, inside its range: of all rows of a kind, and the tempo."""

    def __init__(self, kind: str):
        self._rows = KINDS[kind].rows | {TEMPO_BPM: TEMPO}
        super().__init__({name: row.default for name, row in self._rows.items()})

    def take(self, name: str, value: float) -> bool:
        """Returns whether something has changed. What is no row here changes nothing."""
        if name not in self or (value := self._rows[name].clamp(value)) == self[name]:
            return False
        self[name] = value
        return True


class Glides:
    """So many numbers, each through two one-pole filters in turn: no jump, and no kink either.

    targets : float64 (count,); values : float64 (count, 2), the second of each is what is heard
    coefficient : of the poles, at the rate that was prepared for
    """

    def __init__(self, count: int):
        self.targets = np.zeros(count)
        self.values = np.zeros((count, 2))
        self.coefficient = 1.0

    def prepare(self, rate: int) -> None:
        self.coefficient = one_pole(GLIDE_MS, rate)
        self.arrive()

    def arrive(self) -> None:
        """Be there at once."""
        self.values[:] = self.targets[:, np.newaxis]


@njit(cache=True, nogil=True, inline="always")
def glide(values, targets, coefficient):
    """One sample further, all numbers. returns : whether one is still on its way"""
    moves = False
    for i in range(targets.size):
        target = targets[i]
        if values[i, 1] != target:
            moves = True
            values[i, 0] += coefficient * (target - values[i, 0])
            values[i, 1] += coefficient * (values[i, 0] - values[i, 1])
            near = ARRIVED * abs(target) if target != 0.0 else NOTHING
            if abs(target - values[i, 1]) < near and abs(target - values[i, 0]) < near:
                values[i, 0] = values[i, 1] = target
    return moves
