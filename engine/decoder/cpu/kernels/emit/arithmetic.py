"""The two arithmetics of a product: float32, and int8 with int32 sums, whose scales are applied afterwards.

Both walk alike: a step reads a 32-bit word of a row, and for every 16 outputs a vector of weights of 64 bytes. The
word holds one float; or GROUP int8 numbers, whose products with their weights are added as int32, exactly.
Activations are unsigned, 0..255, and ZERO_POINT stands for zero; stack.py subtracts what it adds to the sums. With
VNNI they are bytes. Elsewhere activations and weights are 16 bits wide, and LLVM finds the instruction that multiplies
pairs (pmaddwd); the numbers are the same.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils

from engine.decoder.cpu.kernels.emit.vectors import (
    F32,
    F32_VECTOR,
    I32,
    I32_VECTOR,
    ROUNDING,
    constant,
    load,
    multiply_add,
    splat,
    store,
    vector_max,
    vector_min,
)
from engine.decoder.cpu.kernels.processor import LANES, PLAIN, VNNI

USE_VNNI = VNNI and not PLAIN
GROUP = 4 if USE_VNNI else 2  # activations of a word
ACTIVATION_DTYPE, WEIGHT_DTYPE = (np.uint8, np.int8) if USE_VNNI else (np.int16, np.int16)
ZERO_POINT = 128  # the activation that stands for zero
_PAIRS = ir.VectorType(ir.IntType(16), 2 * LANES)


class Float32:
    """Sums of float32; the addends (biases, conditions) join them before the newest inputs do."""

    word, vector, sums = F32, F32_VECTOR, F32_VECTOR

    @staticmethod
    def add_early(builder, total, addends):
        return builder.fadd(_add_all(builder, addends), total)

    @staticmethod
    def load_scale(builder, address, offset):
        return None

    @staticmethod
    def accumulate(builder, total, activations, weights):
        return multiply_add(builder, weights, activations, total)

    @staticmethod
    def epilogue(builder, total, addends, scale):
        return total


class Int8:
    """Sums of int32, dequantised at the end; the addends, float32, join them then."""

    word, vector, sums = I32, I32_VECTOR if USE_VNNI else _PAIRS, I32_VECTOR

    @staticmethod
    def add_early(builder, total, addends):
        return total

    @staticmethod
    def accumulate(builder, total, activations, weights):
        if USE_VNNI:
            kind = ir.FunctionType(I32_VECTOR, [I32_VECTOR] * 3)
            dot = cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.avx512.vpdpbusd.512")
            return builder.call(dot, [total, activations, weights])
        pairs = builder.bitcast(activations, _PAIRS)
        even, odd = (
            builder.mul(_every_other(builder, pairs, half), _every_other(builder, weights, half)) for half in (0, 1)
        )
        return builder.add(builder.add(even, odd), total)

    @staticmethod
    def load_scale(builder, address, offset):
        return load(builder, address, F32_VECTOR, offset)

    @staticmethod
    def epilogue(builder, total, addends, scale):
        return multiply_add(builder, builder.sitofp(total, F32_VECTOR), scale, _add_all(builder, addends))


def _add_all(builder, addends):
    total = addends[0]
    for addend in addends[1:]:
        total = builder.fadd(total, addend)
    return total


def _every_other(builder, pairs, first):
    chosen = ir.Constant(I32_VECTOR, list(range(first, 2 * LANES, 2)))
    return builder.sext(builder.shuffle_vector(pairs, pairs, chosen), I32_VECTOR)


def arithmetic_of(dtype: types.Type) -> type[Float32] | type[Int8]:
    """Of weights of this numba type."""
    return Float32 if isinstance(dtype, types.Float) else Int8


def store_activations(builder, dtype, value, address, inverse_scale, in_range):
    """Store a vector as activations: float32 as it is, int8 as round(value * inverse_scale) + ZERO_POINT in 0..255.

    in_range : whether no value can be beyond that, so that none need be clipped
    """
    if isinstance(dtype, types.Float):
        store(builder, value, address)
        return
    offset = ROUNDING + ZERO_POINT  # a float near it is whole, and its last bits are the number
    value = multiply_add(builder, value, splat(builder, inverse_scale), constant(offset))
    if not in_range:
        value = vector_min(builder, vector_max(builder, value, constant(ROUNDING)), constant(ROUNDING + 255))
    word = builder.bitcast(value, I32_VECTOR)
    store(builder, builder.trunc(word, ir.VectorType(ir.IntType(dtype.bitwidth), LANES)), address)
