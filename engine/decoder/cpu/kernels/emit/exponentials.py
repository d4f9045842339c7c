"""Powers of e: the gains of the harmonics, and what drawing one of 256 classes needs."""

import math

import numpy as np

from engine.decoder.cpu.kernels.compiling import compiled, intrinsic
from engine.decoder.cpu.kernels.emit.vectors import (
    VECTOR_BYTES,
    exponential,
    integer,
    kernel,
    load,
    loop,
    reduce,
    splat,
    store,
    vector_max,
    vector_min,
)
from engine.decoder.cpu.kernels.processor import LANES, PLAIN


@compiled
def maximum_plainly(values):
    """The largest of them. values : (multiple of 16,)"""
    best = values[0]
    for i in range(values.shape[0]):
        best = max(best, values[i])
    return best


@compiled
def softmax_terms_plainly(logits, top, inverse_temperature, partial_sums):
    """logits = e ** ((logits - top) * inverse_temperature), in place; partial_sums = the sum of every 16 of them."""
    for part in range(partial_sums.shape[0]):
        partial_sums[part] = 0
        for i in range(part * LANES, part * LANES + LANES):
            logits[i] = math.exp((logits[i] - top) * inverse_temperature)
            partial_sums[part] += logits[i]


@compiled
def exp_clamped_plainly(values, limit):
    """values = e ** min(values, limit), in place. values : (multiple of 16,)"""
    for i in range(values.shape[0]):
        values[i] = math.exp(min(values[i], limit))


@compiled
def maximum_in_vectors(values):
    """The same in vectors."""
    return _maximum(values, 4 * values.shape[0])


@compiled
def softmax_terms_in_vectors(logits, top, inverse_temperature, partial_sums):
    """The same in vectors."""
    _softmax_terms(logits, partial_sums, 4 * logits.shape[0], np.float32(top), np.float32(inverse_temperature))


@compiled
def exp_clamped_in_vectors(values, limit):
    """The same in vectors."""
    _exp_clamped(values, 4 * values.shape[0], np.float32(limit), np.float32(math.exp(limit)))


def _emit_exp_clamped(builder, values, nbytes, limit, largest):
    limit, largest = splat(builder, limit), splat(builder, largest)

    def element(i):
        here = builder.add(values.address, i)
        below = builder.fsub(vector_min(builder, load(builder, here), limit), limit)
        store(builder, builder.fmul(exponential(builder, below), largest), here)
        return ()

    loop(builder, nbytes, VECTOR_BYTES, (), element)


def _emit_maximum(builder, values, nbytes):
    def element(i, best):
        return (vector_max(builder, best, load(builder, builder.add(values.address, i))),)

    (best,) = loop(builder, nbytes, VECTOR_BYTES, (load(builder, values.address),), element)
    return reduce(builder, best, vector_max)


def _emit_softmax_terms(builder, logits, partial_sums, nbytes, top, inverse_temperature):
    top, inverse_temperature = splat(builder, top), splat(builder, inverse_temperature)

    def element(i):
        here = builder.add(logits.address, i)
        value = exponential(builder, builder.fmul(builder.fsub(load(builder, here), top), inverse_temperature))
        store(builder, value, here)
        store(builder, reduce(builder, value), builder.add(partial_sums.address, builder.udiv(i, integer(LANES))))
        return ()

    loop(builder, nbytes, VECTOR_BYTES, (), element)


@intrinsic
def _exp_clamped(typing, values, nbytes, limit, largest):
    return kernel("exp_clamped", _emit_exp_clamped, (values, nbytes, limit, largest))


@intrinsic
def _maximum(typing, values, nbytes):
    return kernel("maximum", _emit_maximum, (values, nbytes), returns=True)


@intrinsic
def _softmax_terms(typing, logits, partial_sums, nbytes, top, inverse_temperature):
    return kernel("softmax_terms", _emit_softmax_terms, (logits, partial_sums, nbytes, top, inverse_temperature))


exp_clamped = exp_clamped_plainly if PLAIN else exp_clamped_in_vectors
maximum = maximum_plainly if PLAIN else maximum_in_vectors
softmax_terms = softmax_terms_plainly if PLAIN else softmax_terms_in_vectors
