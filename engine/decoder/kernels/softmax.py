"""What drawing one of 256 classes needs: the largest logit, and the likelihoods."""

import math

import numpy as np
from numba.extending import intrinsic

from engine.decoder.kernels.compiling import compiled
from engine.decoder.kernels.processor import LANES, PLAIN
from engine.decoder.kernels.vectors import (
    BYTES,
    exponential,
    greater,
    integer,
    kernel,
    load,
    loop,
    reduce,
    splat,
    store,
)


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
def maximum_in_vectors(values):
    """The same in vectors."""
    return _maximum(values, 4 * values.shape[0])


@compiled
def likelihoods_in_vectors(logits, top, sharpness, sums):
    """The same in vectors."""
    _likelihoods(logits, sums, 4 * logits.shape[0], np.float32(top), np.float32(sharpness))


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
def _maximum(typing, values, width):
    return kernel("maximum", _emit_maximum, (values, width), returns=True)


@intrinsic
def _likelihoods(typing, logits, sums, width, top, sharpness):
    return kernel("likelihoods", _emit_likelihoods, (logits, sums, width, top, sharpness))


maximum = maximum_plainly if PLAIN else maximum_in_vectors
likelihoods = likelihoods_plainly if PLAIN else likelihoods_in_vectors
