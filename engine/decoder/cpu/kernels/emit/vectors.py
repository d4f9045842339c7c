"""Words for writing kernels as LLVM IR: vectors of 16 floats, their memory, and loops.

Loops that numba compiles from Python reach a tenth of the processor's multiply-adds: LLVM finds short vectors only and
keeps sums in memory. Here every load, sum and register is said.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils

from engine.decoder.cpu.kernels.processor import AVX512, LANES

I64 = ir.IntType(64)
I32 = ir.IntType(32)
F32 = ir.FloatType()
F32_VECTOR = ir.VectorType(F32, LANES)
I32_VECTOR = ir.VectorType(I32, LANES)
VECTOR_BYTES = 4 * LANES
ROUNDING = 1.5 * 2.0**23  # x + ROUNDING - ROUNDING is x, rounded to a whole number


class Pointer(NamedTuple):
    """An array as a kernel gets it: where it begins, int64, and numba's type of its items."""

    address: ir.Value
    dtype: types.Type


class Rows(NamedTuple):
    """Some rows of an array, given as a pair (array, int64 numbers of rows). All but `dtype` are int64 values.

    base, stride : of the array, bytes; indices : where the rows' numbers begin; channels : length of a row
    """

    base: ir.Value
    stride: ir.Value
    indices: ir.Value
    channels: ir.Value
    dtype: types.Type


def kernel(name: str, emit: Callable, argument_types: tuple[types.Type, ...], returns: bool = False):
    """A function as a numba intrinsic; one copy of its code serves all callers.

    argument_types : numba's types of the arguments: arrays, pairs of rows, integers, floats
    emit(builder, *arguments) : writes the body; gets Pointer, Rows, int64 and float32 values
    returns : whether it returns a float32
    """
    signature = (types.float32 if returns else types.void)(*argument_types)
    words = [_word(kind) for kind in argument_types for _ in range(_word_count(kind))]
    function_type = ir.FunctionType(F32 if returns else ir.VoidType(), words)
    dtypes = [str(_dtype(kind)) for kind in argument_types if _dtype(kind)]

    def generate(context, builder, signature, values):
        function = cgutils.get_or_insert_function(builder.module, function_type, "_".join(["manifold", name, *dtypes]))
        if not function.blocks:
            function.linkage = "linkonce_odr"
            function.attributes.add("noinline")
            body = ir.IRBuilder(function.append_basic_block())
            result = emit(body, *_unflatten(signature.args, list(function.args)))
            body.ret(result) if returns else body.ret_void()
        pairs = zip(signature.args, values, strict=True)
        result = builder.call(function, [word for pair in pairs for word in _flatten(context, builder, *pair)])
        return result if returns else context.get_dummy_value()

    return signature, generate


def _word(kind):
    """The LLVM type of each value of an argument."""
    return F32 if isinstance(kind, types.Float) else I64


def _word_count(kind):
    """How many values an argument takes."""
    return 4 if isinstance(kind, types.Tuple) else 1


def _dtype(kind):
    if isinstance(kind, types.Tuple):
        return kind[0].dtype
    return kind.dtype if isinstance(kind, types.Array) else None


def _flatten(context, builder, kind, value):
    """The values of an argument, at the caller's."""
    if isinstance(kind, types.Tuple):
        rows, indices = cgutils.unpack_tuple(builder, value)
        view = context.make_array(kind[0])(context, builder, rows)
        stride, channels = builder.extract_value(view.strides, 0), builder.extract_value(view.shape, kind[0].ndim - 1)
        return [builder.ptrtoint(view.data, I64), stride, *_flatten(context, builder, kind[1], indices), channels]
    if isinstance(kind, types.Array):
        return [builder.ptrtoint(context.make_array(kind)(context, builder, value).data, I64)]
    return [context.cast(builder, value, kind, types.float32 if isinstance(kind, types.Float) else types.int64)]


def _unflatten(argument_types, words):
    """The arguments, inside the kernel."""
    rest = iter(words)
    for kind in argument_types:
        if isinstance(kind, types.Tuple):
            base, stride, indices, channels = itertools.islice(rest, _word_count(kind))
            yield Rows(base, stride, indices, channels, _dtype(kind))
        else:
            word = next(rest)
            yield Pointer(word, _dtype(kind)) if isinstance(kind, types.Array) else word


def integer(value: int) -> ir.Value:
    return ir.Constant(I64, value)


def constant(value: float) -> ir.Value:
    """16 times the same number."""
    return ir.Constant(F32_VECTOR, [ir.Constant(F32, float(np.float32(value)))] * LANES)


def load(builder: ir.IRBuilder, address: ir.Value, kind: ir.Type = F32_VECTOR, offset: int = 0) -> ir.Value:
    """From address + offset bytes."""
    return builder.load(_pointer(builder, address, kind, offset), align=4)


def store(builder: ir.IRBuilder, value: ir.Value, address: ir.Value, offset: int = 0) -> None:
    """To address + offset bytes."""
    builder.store(value, _pointer(builder, address, value.type, offset), align=4)


def _pointer(builder, address, kind, offset):
    return builder.inttoptr(builder.add(address, integer(offset)) if offset else address, kind.as_pointer())


def prefetch(builder: ir.IRBuilder, address: ir.Value, offset: int = 0) -> None:
    """Bring a cache line into the nearest cache before it is read."""
    kind = ir.FunctionType(ir.VoidType(), [ir.IntType(8).as_pointer()] + [I32] * 3)
    function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
    how = [ir.Constant(I32, value) for value in (0, 3, 1)]  # to read, as near as possible, data
    builder.call(function, [_pointer(builder, address, ir.IntType(8), offset), *how])


def splat(builder: ir.IRBuilder, scalar: ir.Value) -> ir.Value:
    """16 times the number, in a vector."""
    first = builder.insert_element(
        ir.Constant(ir.VectorType(scalar.type, LANES), ir.Undefined), scalar, ir.Constant(I32, 0)
    )
    return builder.shuffle_vector(first, first, ir.Constant(I32_VECTOR, [0] * LANES))


def multiply_add(builder: ir.IRBuilder, a: ir.Value, b: ir.Value, c: ir.Value) -> ir.Value:
    """a * b + c: fused where the processor can, and then in every kernel alike."""
    kind = ir.FunctionType(F32_VECTOR, [F32_VECTOR] * 3)
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.fmuladd.v16f32"), [a, b, c])


def vector_min(builder: ir.IRBuilder, a: ir.Value, b: ir.Value) -> ir.Value:
    return builder.select(builder.fcmp_ordered("<", a, b), a, b)


def vector_max(builder: ir.IRBuilder, a: ir.Value, b: ir.Value) -> ir.Value:
    return builder.select(builder.fcmp_ordered(">", a, b), a, b)


def reciprocal(builder: ir.IRBuilder, x: ir.Value) -> ir.Value:
    """1 / x to the last bit or two: one step of Newton's doubles the bits of an estimate, in half a division's time."""
    if not AVX512:
        return builder.fdiv(constant(1), x)
    estimate = approximate_reciprocal(builder, x)
    return builder.fmul(estimate, multiply_add(builder, builder.fneg(x), estimate, constant(2)))


def approximate_reciprocal(builder: ir.IRBuilder, x: ir.Value) -> ir.Value:
    """1 / x to 14 bits, where AVX-512 has that; else exactly."""
    if not AVX512:
        return builder.fdiv(constant(1), x)
    kind = ir.FunctionType(F32_VECTOR, [F32_VECTOR, F32_VECTOR, ir.IntType(16)])
    estimator = cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.avx512.rcp14.ps.512")
    return builder.call(estimator, [x, constant(0), ir.Constant(ir.IntType(16), -1)])


def polynomial(builder: ir.IRBuilder, x: ir.Value, *coefficients: float) -> ir.Value:
    """Highest power first."""
    value = constant(coefficients[0])
    for coefficient in coefficients[1:]:
        value = multiply_add(builder, value, x, constant(coefficient))
    return value


def loop(
    builder: ir.IRBuilder, count: ir.Value, step: int, state: Sequence[ir.Value], body: Callable
) -> list[ir.Value]:
    """state = body(i, *state) for i = 0, step ... < count. state : values; returns the last ones."""
    before = builder.block
    check, inside, after = (builder.append_basic_block() for _ in range(3))
    builder.branch(check)
    builder.position_at_end(check)
    index = builder.phi(I64)
    index.add_incoming(integer(0), before)
    phis = [builder.phi(value.type) for value in state]
    for phi, value in zip(phis, state, strict=True):
        phi.add_incoming(value, before)
    builder.cbranch(builder.icmp_signed("<", index, count), inside, after)
    builder.position_at_end(inside)
    new = body(index, *phis)
    following = builder.add(index, integer(step))
    index.add_incoming(following, builder.block)
    for phi, value in zip(phis, new, strict=True):
        phi.add_incoming(value, builder.block)
    builder.branch(check)
    builder.position_at_end(after)
    return phis


def exponential(builder: ir.IRBuilder, x: ir.Value) -> ir.Value:
    """e ** x for x <= 0, to a millionth of itself; 0 below -87. Cephes' polynomial on 2 ** whole * e ** rest."""
    x = vector_max(builder, x, constant(-87))
    shifted = multiply_add(builder, x, constant(np.log2(np.e)), constant(ROUNDING))
    whole = builder.fsub(shifted, constant(ROUNDING))
    rest = multiply_add(builder, whole, constant(-0.693359375), x)
    rest = multiply_add(builder, whole, constant(2.12194440e-4), rest)
    value = polynomial(builder, rest, 1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2,
                       1.6666665459e-1, 0.5, 1.0, 1.0)  # fmt: skip
    power = builder.shl(builder.fptosi(whole, I32_VECTOR), ir.Constant(I32_VECTOR, [23] * LANES))
    return builder.bitcast(builder.add(builder.bitcast(value, I32_VECTOR), power), F32_VECTOR)


def reduce(builder: ir.IRBuilder, vector: ir.Value, join: Callable = ir.IRBuilder.fadd) -> ir.Value:
    """The sum of its numbers, or what else `join` makes of them, in pairs."""
    width = LANES
    while width > 1:
        width //= 2
        halves = [ir.Constant(ir.VectorType(I32, width), list(range(at, at + width))) for at in (0, width)]
        vector = join(builder, *(builder.shuffle_vector(vector, vector, half) for half in halves))
    return builder.extract_element(vector, ir.Constant(I32, 0))
