"""The gate of a layer: sigmoid(first half) * tanh(second half), both as one rational function with one division."""

import numpy as np
from numba.extending import intrinsic

from engine.decoder.kernels.compiling import compiled, inlined
from engine.decoder.kernels.processor import PLAIN
from engine.decoder.kernels.vectors import (
    BYTES,
    address,
    constant,
    greater,
    kernel,
    lesser,
    load,
    loop,
    polynomial,
    reciprocal,
    store,
)

# tanh(x) = x p(x^2) / q(x^2), the minimax rational of Eigen (ptanh); |error| < 5e-7, saturated beyond the limit
TANH_LIMIT = 7.90531110763549805
P = (-2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-08,
     1.48572235717979e-05, 6.37261928875436e-04, 4.89352455891786e-03)  # fmt: skip
Q = (1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03)


@compiled
def gate_plainly(gates, gated, rows):
    """gated[:rows] from gates[:rows]. gates : (rows, 2 * width); gated : (rows, width)."""
    width = gated.shape[1]
    for row in range(rows):
        for i in range(width):
            gated[row, i] = np.tanh(gates[row, width + i]) / (np.float32(1) + np.exp(-gates[row, i]))


@inlined
def gate_in_vectors(gates, gated, rows):
    """The same in vectors, with sigmoid(x) = (1 + tanh(x / 2)) / 2."""
    _gate(address(gates), address(gated), 4 * gated.shape[1], rows)


gate = gate_plainly if PLAIN else gate_in_vectors


def _emit(builder, gates, gated, width, rows):
    half = constant(0.5)

    def row(i):
        done = builder.mul(i, width)
        first, to = builder.add(gates, builder.add(done, done)), builder.add(gated, done)

        def element(j):
            here = builder.add(first, j)
            p, q = _tanh(builder, builder.fmul(load(builder, here), half))
            r, s = _tanh(builder, load(builder, builder.add(here, width)))
            above = builder.fmul(builder.fmul(builder.fadd(p, q), half), r)
            store(builder, builder.fmul(above, reciprocal(builder, builder.fmul(q, s))), builder.add(to, j))
            return ()

        loop(builder, width, BYTES, (), element)
        return ()

    loop(builder, rows, 1, (), row)


def _tanh(builder, x):
    """Numerator and denominator."""
    x = greater(builder, lesser(builder, x, constant(TANH_LIMIT)), constant(-TANH_LIMIT))
    square = builder.fmul(x, x)
    return builder.fmul(x, polynomial(builder, square, *P)), polynomial(builder, square, *Q)


@intrinsic
def _gate(typing, gates, gated, width, rows):
    return kernel("gate", _emit, integers=4)
