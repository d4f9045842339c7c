"""Intervals of confidence, 95 %."""

import numpy as np

_Z = 1.959964
_DRAWS = 2000


def wilson(share: float, count: float) -> tuple[float, float]:
    """Of a share of `count` independent trials. Source: Wilson 1927."""
    middle = share + _Z**2 / (2 * count)
    reach = _Z * np.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    return (middle - reach) / (1 + _Z**2 / count), (middle + reach) / (1 + _Z**2 / count)


def relative_change(before: np.ndarray, after: np.ndarray, seed: int = 0) -> tuple[float, float, float]:
    """(change, its lower end, its upper end) of a share of hits, relative to that before, by drawing notes again.

    before, after : bool (notes,), of the same notes; nan where there was no hit before
    """
    if not before.any():
        return (float("nan"),) * 3
    rows = np.random.default_rng(seed).integers(0, len(before), (_DRAWS, len(before)))
    first, second = before[rows].mean(1), after[rows].mean(1)
    low, high = np.quantile(second[first > 0] / first[first > 0] - 1, [0.025, 0.975])
    return float(after.mean() / before.mean() - 1), float(low), float(high)
