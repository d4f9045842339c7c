"""The two kinds of numbers that a product takes: float32, and bytes whose scales are applied afterwards.

Both walk alike: a step reads a 32-bit word of a row, and for every 16 outputs a vector of weights of 64 bytes. The
word holds one float; or GROUP small whole numbers, whose products with their weights are added as int32, exactly.
Activations are 0..255, of which REST stands for zero; packing.py subtracts what it adds to the sums. With VNNI they
are bytes. Elsewhere both are 16 bits wide, and LLVM finds the instruction that multiplies pairs (pmaddwd); the
numbers are the same.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils

from engine.decoder.cpu.kernels.emit.vectors import (
    FLOAT,
    ROUNDING,
    VECTOR,
    WORD,
    WORDS,
    constant,
    greater,
    lesser,
    load,
    multiply_add,
    splat,
    store,
)
from engine.decoder.cpu.kernels.processor import LANES, PLAIN, VNNI

BYTES_AT_ONCE = VNNI and not PLAIN
GROUP = 4 if BYTES_AT_ONCE else 2  # activations of a word
ACTIVATION, WEIGHT = (np.uint8, np.int8) if BYTES_AT_ONCE else (np.int16, np.int16)
REST = 128  # the activation that stands for zero
_PAIRS = ir.VectorType(ir.IntType(16), 2 * LANES)


class Floats:
    """Sums of float32; what is added joins them before the newest inputs do."""

    word, vector, sums = FLOAT, VECTOR, VECTOR

    @staticmethod
    def join(builder, total, addends):
        return builder.fadd(_sum(builder, addends), total)

    @staticmethod
    def scale(builder, place, offset):
        return None

    @staticmethod
    def accumulate(builder, total, number, weights):
        return multiply_add(builder, weights, number, total)

    @staticmethod
    def finish(builder, total, addends, scale):
        return total


class Wholes:
    """Sums of int32 are scaled at the end, and what is float32 is added then."""

    word, vector, sums = WORD, WORDS if BYTES_AT_ONCE else _PAIRS, WORDS

    @staticmethod
    def join(builder, total, addends):
        return total

    @staticmethod
    def accumulate(builder, total, number, weights):
        if BYTES_AT_ONCE:
            kind = ir.FunctionType(WORDS, [WORDS] * 3)
            dot = cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.avx512.vpdpbusd.512")
            return builder.call(dot, [total, number, weights])
        pairs = builder.bitcast(number, _PAIRS)
        even, odd = (
            builder.mul(_every_second(builder, pairs, half), _every_second(builder, weights, half)) for half in (0, 1)
        )
        return builder.add(builder.add(even, odd), total)

    @staticmethod
    def scale(builder, place, offset):
        return load(builder, place, VECTOR, offset)

    @staticmethod
    def finish(builder, total, addends, scale):
        return multiply_add(builder, builder.sitofp(total, VECTOR), scale, _sum(builder, addends))


def _sum(builder, addends):
    total = addends[0]
    for addend in addends[1:]:
        total = builder.fadd(total, addend)
    return total


def _every_second(builder, pairs, first):
    chosen = ir.Constant(WORDS, list(range(first, 2 * LANES, 2)))
    return builder.sext(builder.shuffle_vector(pairs, pairs, chosen), WORDS)


def arithmetic(item):
    """Of weights of this numba type."""
    return Floats if isinstance(item, types.Float) else Wholes


def put(builder, item, value, place, sharpness, bounded):
    """Store a vector as activations: floats as they are, small numbers as round(value * sharpness) + REST, 0..255.

    bounded : whether no value is beyond them
    """
    if isinstance(item, types.Float):
        return store(builder, value, place)
    rest = ROUNDING + REST  # what is near it is whole, and its last bits are the number
    value = multiply_add(builder, value, splat(builder, sharpness), constant(rest))
    if not bounded:
        value = lesser(builder, greater(builder, value, constant(ROUNDING)), constant(ROUNDING + 255))
    word = builder.bitcast(value, WORDS)
    return store(builder, builder.trunc(word, ir.VectorType(ir.IntType(item.bitwidth), LANES)), place)
