"""The gate of a layer: sigmoid(a) * tanh(b), both as one rational function with one division."""

from typing import NamedTuple

import numpy as np
from llvmlite import ir

from engine.decoder.cpu.kernels.compiling import compiled
from engine.decoder.cpu.kernels.emit.vectors import (
    approximate_reciprocal,
    constant,
    polynomial,
    reciprocal,
    vector_max,
    vector_min,
)


class Tanh(NamedTuple):
    """x p(x^2) / q(x^2), held beyond the limit, where it is still below 1; the highest power first. Minimax fits."""

    limit: float
    p: tuple[float, ...]
    q: tuple[float, ...]

    def scaled(self, x: float, value: float) -> tuple[list[float], list[float]]:
        """p and q of value * tanh(argument * x)."""
        p, q = ([c * x ** (2 * (len(side) - 1 - i)) for i, c in enumerate(side)] for side in (self.p, self.q))
        return [value * x * c for c in p], q


# |error| < 5e-7; and < 1e-4, for gates that are stored in steps of 1 / 127.
FINE = Tanh(
    8.1,
    (-6.01590666e-9, 7.0915562e-6, 2.68692634e-3, 0.127030089, 1),
    (1.95528444e-4, 0.0228099398, 0.460361759, 1),
)
COARSE = Tanh(5.0, (6.7183e-4, 0.10249176, 1), (0.01283639, 0.43555911, 1))


@compiled
def gate(a, b):
    """Of two numbers."""
    return np.tanh(b) / (np.float32(1) + np.exp(-a))


def gate_vectors(builder: ir.IRBuilder, a: ir.Value, b: ir.Value, fine: bool) -> ir.Value:
    """The same of two vectors, with sigmoid(a) = (1 + tanh(a / 2)) / 2. fine : whether by FINE, or by COARSE."""
    tanh = FINE if fine else COARSE
    p, q = _rational(builder, a, tanh.limit / 0.5, *tanh.scaled(0.5, 1.0))
    r, s = _rational(builder, b, tanh.limit, *tanh.scaled(1.0, 0.5))
    invert = reciprocal if fine else approximate_reciprocal
    return builder.fmul(builder.fmul(builder.fadd(p, q), r), invert(builder, builder.fmul(q, s)))


def _rational(builder, x, limit, p, q):
    x = vector_max(builder, vector_min(builder, x, constant(limit)), constant(-limit))
    square = builder.fmul(x, x)
    return builder.fmul(x, polynomial(builder, square, *p)), polynomial(builder, square, *q)
