"""The notes of a growing pad: which are there, which stand for others, which is to be made next. Plain bookkeeping."""

import numpy as np


class Cells:
    """keys, side : of the pad

    there : bool (keys, points); touched : the same, of those that were played, or would have been
    """

    def __init__(self, keys: int, side: int):
        self.there = np.zeros((keys, side**2), np.bool_)
        self.touched = np.zeros_like(self.there)
        row, column = np.divmod(np.arange(side**2), side)
        self._distance = (row[:, None] - row) ** 2 + (column[:, None] - column) ** 2
        self._middle = side**2 // 2

    def stand_ins(self, key: int) -> np.ndarray:
        """int64 (points,): for every point of a key the nearest one that is there; at least one must be."""
        there = np.flatnonzero(self.there[key])
        return there[self._distance[:, there].argmin(1)]

    def next(self) -> tuple[int, int] | None:
        """(key, point) to be made: what is played, then a note of every key, from the middle; None: nothing."""
        wanted = self.touched & ~self.there
        if wanted.any():
            key, point = np.argwhere(wanted)[0]
            return int(key), int(point)
        bare = np.flatnonzero(~self.there.any(1))
        if not len(bare):
            return None
        middle = len(self.there) // 2
        return int(bare[np.abs(bare - middle).argmin()]), self._middle
