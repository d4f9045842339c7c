"""Words for writing kernels as LLVM IR: vectors of 16 floats, their memory, and loops.

Loops that numba compiles from Python reach a tenth of the processor's multiply-adds: LLVM finds short vectors only and
keeps sums in memory. Here every load, sum and register is said.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from engine.decoder.kernels.processor import FEATURES, LANES

INT = ir.IntType(64)
FLOAT = ir.FloatType()
VECTOR = ir.VectorType(FLOAT, LANES)
BYTES = 4 * LANES  # of a vector
ROUNDING = 1.5 * 2.0**23  # x + ROUNDING - ROUNDING is x, rounded to a whole number


@intrinsic
def address(typing, array):
    """Where an array begins, int64."""

    def emit(context, builder, signature, arguments):
        view = context.make_array(array)(context, builder, arguments[0])
        return builder.ptrtoint(view.data, INT)

    return types.int64(array), emit


def kernel(name, emit, integers, floats=0, returns=False, inline=False):
    """A function of int64 arguments, then float32, as a numba intrinsic; one copy of its code serves all callers.

    emit(builder, *arguments) writes the body. returns : whether it returns a float32; inline : copy it all the same
    """
    arguments = [types.int64] * integers + [types.float32] * floats
    signature = (types.float32 if returns else types.void)(*arguments)
    kind = ir.FunctionType(FLOAT if returns else ir.VoidType(), [INT] * integers + [FLOAT] * floats)

    def generate(context, builder, _, values):
        function = cgutils.get_or_insert_function(builder.module, kind, f"manifold_{name}")
        if not function.blocks:
            function.linkage = "linkonce_odr"
            function.attributes.add("alwaysinline" if inline else "noinline")
            body = ir.IRBuilder(function.append_basic_block())
            result = emit(body, *function.args)
            body.ret(result) if returns else body.ret_void()
        result = builder.call(function, values)
        return result if returns else context.get_dummy_value()

    return signature, generate


def integer(value):
    return ir.Constant(INT, value)


def constant(value):
    """16 times the same number."""
    return ir.Constant(VECTOR, [ir.Constant(FLOAT, float(np.float32(value)))] * LANES)


def load(builder, place, kind=VECTOR, offset=0):
    """From place + offset bytes."""
    return builder.load(_pointer(builder, place, kind, offset), align=4)


def store(builder, value, place, offset=0):
    builder.store(value, _pointer(builder, place, value.type, offset), align=4)


def _pointer(builder, place, kind, offset):
    return builder.inttoptr(builder.add(place, integer(offset)) if offset else place, kind.as_pointer())


def prefetch(builder, place, offset=0):
    """Bring a cache line near before it is read."""
    kind = ir.FunctionType(ir.VoidType(), [ir.IntType(8).as_pointer()] + [ir.IntType(32)] * 3)
    function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
    how = [ir.Constant(ir.IntType(32), value) for value in (0, 3, 1)]  # to read, as near as possible, data
    builder.call(function, [_pointer(builder, place, ir.IntType(8), offset), *how])


def splat(builder, number):
    """16 times the number."""
    first = builder.insert_element(
        ir.Constant(ir.VectorType(number.type, LANES), ir.Undefined), number, ir.Constant(ir.IntType(32), 0)
    )
    return builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES))


def multiply_add(builder, a, b, c):
    """a * b + c: fused where the processor can, and then in every kernel alike."""
    kind = ir.FunctionType(VECTOR, [VECTOR] * 3)
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.fmuladd.v16f32"), [a, b, c])


def lesser(builder, a, b):
    return builder.select(builder.fcmp_ordered("<", a, b), a, b)


def greater(builder, a, b):
    return builder.select(builder.fcmp_ordered(">", a, b), a, b)


def reciprocal(builder, x):
    """1 / x to the last bit or two. AVX-512 estimates 14 bits, which one step of Newton's doubles in half the time."""
    if "avx512f" not in FEATURES:
        return builder.fdiv(constant(1), x)
    kind = ir.FunctionType(VECTOR, [VECTOR, VECTOR, ir.IntType(16)])
    estimator = cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.avx512.rcp14.ps.512")
    estimate = builder.call(estimator, [x, constant(0), ir.Constant(ir.IntType(16), -1)])
    return builder.fmul(estimate, multiply_add(builder, builder.fneg(x), estimate, constant(2)))


def polynomial(builder, x, *coefficients):
    """Highest power first."""
    value = constant(coefficients[0])
    for coefficient in coefficients[1:]:
        value = multiply_add(builder, value, x, constant(coefficient))
    return value


def loop(builder, count, step, state, body):
    """state = body(i, *state) for i = 0, step ... < count; at least once. state : values; returns the last ones."""
    before = builder.block
    inside = builder.append_basic_block()
    builder.branch(inside)
    builder.position_at_end(inside)
    index = builder.phi(INT)
    index.add_incoming(integer(0), before)
    held = [builder.phi(value.type) for value in state]
    for phi, value in zip(held, state, strict=True):
        phi.add_incoming(value, before)
    new = body(index, *held)
    following = builder.add(index, integer(step))
    index.add_incoming(following, builder.block)
    for phi, value in zip(held, new, strict=True):
        phi.add_incoming(value, builder.block)
    again = builder.icmp_signed("<", following, count)
    after = builder.append_basic_block()
    builder.cbranch(again, inside, after)
    builder.position_at_end(after)
    return new


def exponential(builder, x):
    """e ** x for x <= 0, to a millionth of itself; 0 below -87. Cephes' polynomial on 2 ** whole * e ** rest."""
    x = greater(builder, x, constant(-87))
    shifted = multiply_add(builder, x, constant(np.log2(np.e)), constant(ROUNDING))
    whole = builder.fsub(shifted, constant(ROUNDING))
    rest = multiply_add(builder, whole, constant(-0.693359375), x)
    rest = multiply_add(builder, whole, constant(2.12194440e-4), rest)
    value = polynomial(builder, rest, 1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2,
                       1.6666665459e-1, 0.5, 1.0, 1.0)  # fmt: skip
    words = ir.VectorType(ir.IntType(32), LANES)
    power = builder.shl(builder.fptosi(whole, words), ir.Constant(words, [23] * LANES))
    return builder.bitcast(builder.add(builder.bitcast(value, words), power), VECTOR)


def reduce(builder, vector, join=ir.IRBuilder.fadd):
    """The sum of its numbers, or what else `join` makes of them, in pairs."""
    width = LANES
    while width > 1:
        width //= 2
        halves = [ir.Constant(ir.VectorType(ir.IntType(32), width), list(range(at, at + width))) for at in (0, width)]
        vector = join(builder, *(builder.shuffle_vector(vector, vector, half) for half in halves))
    return builder.extract_element(vector, ir.Constant(ir.IntType(32), 0))
