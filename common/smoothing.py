"""Values that go to their targets exponentially, step by step."""

import math


def one_pole(time_ms: float, rate: float, constants: float = 1.0) -> float:
    """Share of the way to its target that a value goes in one step.

    time_ms : in which it goes all of it but e^-constants; rate : steps a second
    """
    return 1.0 - remaining(time_ms, rate, constants)


def remaining(time_ms: float, rate: float, constants: float = 1.0) -> float:
    """Share of the way that one step leaves."""
    return math.exp(-constants * 1000.0 / (time_ms * rate))
