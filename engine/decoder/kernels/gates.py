"""The gate of a layer: sigmoid(a) * tanh(b), both as one rational function with one division."""

import numpy as np

from engine.decoder.kernels.compiling import compiled
from engine.decoder.kernels.vectors import constant, greater, lesser, polynomial, reciprocal

# tanh(x) = x p(x^2) / q(x^2): limit beyond which it is held, p, q.
# The minimax rational of Eigen (ptanh), |error| < 5e-7; and Lambert's fraction, cut off, |error| < 1.2e-4, for gates
# that are stored in steps of 1 / 127.
FINE = (
    7.90531110763549805,
    (-2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-08,
     1.48572235717979e-05, 6.37261928875436e-04, 4.89352455891786e-03),
    (1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03),
)  # fmt: skip
COARSE = 4.97, (1 / 135135, 378 / 135135, 17325 / 135135, 1), (28 / 135135, 3150 / 135135, 62370 / 135135, 1)


@compiled
def gate(a, b):
    """Of two numbers."""
    return np.tanh(b) / (np.float32(1) + np.exp(-a))


def gate_vectors(builder, a, b, tanh):
    """The same of two vectors, with sigmoid(x) = (1 + tanh(x / 2)) / 2. tanh : FINE or COARSE."""
    p, q = _tanh(builder, builder.fmul(a, constant(0.5)), *tanh)
    r, s = _tanh(builder, b, *tanh)
    above = builder.fmul(builder.fmul(builder.fadd(p, q), constant(0.5)), r)
    return builder.fmul(above, reciprocal(builder, builder.fmul(q, s)))


def _tanh(builder, x, limit, numerator, denominator):
    x = greater(builder, lesser(builder, x, constant(limit)), constant(-limit))
    square = builder.fmul(x, x)
    return builder.fmul(x, polynomial(builder, square, *numerator)), polynomial(builder, square, *denominator)
