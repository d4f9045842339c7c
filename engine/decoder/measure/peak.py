"""How many multiply-adds the processor can do: what every kernel is measured against."""

from llvmlite import ir

from engine.decoder.cpu.kernels.compiling import compiled, intrinsic
from engine.decoder.cpu.kernels.emit.vectors import F32, F32_VECTOR, constant, kernel, loop, multiply_add, reduce
from engine.decoder.cpu.kernels.processor import LANES

ACCUMULATORS = 12  # that do not wait for each other
MULTIPLY_ADDS = ACCUMULATORS * LANES  # of a turn


@compiled
def multiply_adds(turns):
    """Does MULTIPLY_ADDS * turns of them, in registers alone. Returns their sum, so that they are not left out."""
    return _multiply_adds(turns)


@intrinsic
def _multiply_adds(typing, turns):
    def emit(builder, turns):
        half = constant(0.5)
        sums = [ir.Constant(F32_VECTOR, [ir.Constant(F32, float(i + 1))] * LANES) for i in range(ACCUMULATORS)]
        sums = loop(builder, turns, 1, sums, lambda i, *sums: [multiply_add(builder, x, half, half) for x in sums])
        total = sums[0]
        for other in sums[1:]:
            total = builder.fadd(total, other)
        return reduce(builder, total)

    return kernel("multiply_adds", emit, (turns,), returns=True)
