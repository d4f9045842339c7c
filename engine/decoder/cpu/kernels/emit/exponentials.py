"""Powers of e: the gains of the harmonics, and what drawing one of 256 classes needs."""

import math

import numpy as np
from numba.extending import intrinsic

from engine.decoder.cpu.kernels.compiling import compiled
from engine.decoder.cpu.kernels.emit.vectors import (
    BYTES,
    exponential,
    greater,
    integer,
    kernel,
    lesser,
    load,
    loop,
    reduce,
    splat,
    store,
)
from engine.decoder.cpu.kernels.processor import LANES, PLAIN


@compiled
def maximum_plainly(values):
    """The largest of `values`, a multiple of 16 of them."""
    best = values[0]
    for i in range(values.shape[0]):
        best = max(best, values[i])
    return best


@compiled
def likelihoods_plainly(logits, top, sharpness, sums):
    """logits = e ** ((logits - top) * sharpness), in place; sums = of every 16 of them."""
    for part in range(sums.shape[0]):
        sums[part] = 0
        for i in range(part * LANES, part * LANES + LANES):
            logits[i] = math.exp((logits[i] - top) * sharpness)
            sums[part] += logits[i]


@compiled
def powers_plainly(values, most):
    """values = e ** values, in place; e ** most where they are greater. So many as a multiple of 16."""
    for i in range(values.shape[0]):
        values[i] = math.exp(min(values[i], most))


@compiled
def maximum_in_vectors(values):
    """The same in vectors."""
    return _maximum(values, 4 * values.shape[0])


@compiled
def likelihoods_in_vectors(logits, top, sharpness, sums):
    """The same in vectors."""
    _likelihoods(logits, sums, 4 * logits.shape[0], np.float32(top), np.float32(sharpness))


@compiled
def powers_in_vectors(values, most):
    """The same in vectors."""
    _powers(values, 4 * values.shape[0], np.float32(most), np.float32(math.exp(most)))


def _emit_powers(builder, values, width, most, greatest):
    most, greatest = splat(builder, most), splat(builder, greatest)

    def element(i):
        here = builder.add(values.start, i)
        below = builder.fsub(lesser(builder, load(builder, here), most), most)
        store(builder, builder.fmul(exponential(builder, below), greatest), here)
        return ()

    loop(builder, width, BYTES, (), element)


def _emit_maximum(builder, values, width):
    def element(i, best):
        return (greater(builder, best, load(builder, builder.add(values.start, i))),)

    return reduce(builder, *loop(builder, width, BYTES, (load(builder, values.start),), element), greater)


def _emit_likelihoods(builder, logits, sums, width, top, sharpness):
    top, sharpness = splat(builder, top), splat(builder, sharpness)

    def element(i):
        here = builder.add(logits.start, i)
        value = exponential(builder, builder.fmul(builder.fsub(load(builder, here), top), sharpness))
        store(builder, value, here)
        store(builder, reduce(builder, value), builder.add(sums.start, builder.udiv(i, integer(LANES))))
        return ()

    loop(builder, width, BYTES, (), element)


@intrinsic
def _powers(typing, values, width, most, greatest):
    return kernel("powers", _emit_powers, (values, width, most, greatest))


@intrinsic
def _maximum(typing, values, width):
    return kernel("maximum", _emit_maximum, (values, width), returns=True)


@intrinsic
def _likelihoods(typing, logits, sums, width, top, sharpness):
    return kernel("likelihoods", _emit_likelihoods, (logits, sums, width, top, sharpness))


powers = powers_plainly if PLAIN else powers_in_vectors
maximum = maximum_plainly if PLAIN else maximum_in_vectors
likelihoods = likelihoods_plainly if PLAIN else likelihoods_in_vectors
