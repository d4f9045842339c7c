"""The products of products.py in vectors.

The sums of a tile, up to eight rows by four vectors, stay in registers while the inputs pass. What follows a product
(scales of int8, the gate, storing as activations) is done before they leave.
"""

from dataclasses import dataclass

from llvmlite import ir
from numba import types
from numba.core import cgutils

from engine.decoder.cpu.kernels.compiling import intrinsic
from engine.decoder.cpu.kernels.emit.arithmetic import arithmetic_of, store_activations
from engine.decoder.cpu.kernels.emit.gates import gate_vectors
from engine.decoder.cpu.kernels.emit.vectors import (
    F32_VECTOR,
    I32,
    I64,
    VECTOR_BYTES,
    integer,
    kernel,
    load,
    loop,
    prefetch,
    splat,
    store,
)
from engine.decoder.cpu.kernels.processor import GATE_TILE_WIDTHS, LANES, TILE_WIDTHS, TILES

PREFETCH_STEPS = 8  # steps for which weights are fetched early: a network's weights do not fit the nearest cache
QUARTER = ir.VectorType(I32, LANES // 4)  # the shortest row there is
UNROLL = 4  # steps of one turn of the innermost loop; the number of steps is a multiple of it


@intrinsic
def linear(typing, weights, x, a, out, count):
    def emit(builder, weights, x, a, out, count):
        for tile, values in _product(builder, weights, x, count, a.channels, TILE_WIDTHS, [a]):
            tile.store(values, out)

    return kernel("linear", emit, (weights, x, a, out, count))


@intrinsic
def precompute(typing, weights, taps, x, out, count):
    def emit(builder, weights, taps, x, out, count):
        for tile, sums in _product(builder, weights, x, count, out.channels, TILE_WIDTHS, taps=taps):
            tile.store(sums, out)

    return kernel("precompute", emit, (weights, taps, x, out, count))


@intrinsic
def add_skip(typing, weights, scale, x, a, out, count):
    def emit(builder, weights, scale, x, a, out, count):
        for tile, values in _product(builder, weights, x, count, a.channels, TILE_WIDTHS, [a], scale=scale):
            tile.store(values, out)

    return kernel("add_skip", emit, (weights, scale, x, a, out, count))


@intrinsic
def add_residual(typing, weights, scale, x, a, b, out, inputs, inverse_scale, count):
    def emit(builder, weights, scale, x, a, b, out, inputs, inverse_scale, count):
        for tile, values in _product(builder, weights, x, count, a.channels, TILE_WIDTHS, [a, b], scale=scale):
            tile.store(values, out)
            tile.store_activations(values, inputs, tile.column, inverse_scale, in_range=False)

    return kernel("add_residual", emit, (weights, scale, x, a, b, out, inputs, inverse_scale, count))


@intrinsic
def gated_convolution(typing, weights, scale, taps, x, conditions, lookahead, gated, inverse_scale, count):
    def emit(builder, weights, scale, taps, x, conditions, lookahead, gated, inverse_scale, count):
        outputs, fine = conditions.channels, isinstance(gated.dtype, types.Float)
        product = _product(builder, weights, x, count, outputs, GATE_TILE_WIDTHS, [conditions], lookahead, taps, scale)
        for tile, values in product:
            pairs = zip(values[::2], values[1::2], strict=True)
            gates = [gate_vectors(builder, *pair, fine) for pair in pairs]
            tile.store_activations(gates, gated, builder.lshr(tile.column, integer(1)), inverse_scale, in_range=True)

    arguments = weights, scale, taps, x, conditions, lookahead, gated, inverse_scale, count
    return kernel("gated_convolution", emit, arguments)


@intrinsic
def prefetch_rows(typing, rows, count):
    def emit(builder, rows, count):
        size = builder.mul(rows.channels, integer(_bytes(rows.dtype)))
        with cgutils.for_range(builder, count) as row:
            start = _row_address(builder, rows, row.index)
            with cgutils.for_range(
                builder, builder.udiv(builder.add(size, integer(VECTOR_BYTES - 1)), integer(VECTOR_BYTES))
            ) as line:
                prefetch(builder, builder.add(start, builder.mul(line.index, integer(VECTOR_BYTES))))

    return kernel("prefetch_rows", emit, (rows, count))


@intrinsic
def copy_rows(typing, source, target, count):
    def emit(builder, source, target, count):
        size = builder.mul(source.channels, integer(_bytes(source.dtype)))
        with cgutils.for_range(builder, count) as row:
            here, there = (_row_address(builder, rows, row.index) for rows in (source, target))
            with cgutils.for_range(builder, builder.udiv(size, integer(LANES))) as part:  # LANES bytes at least
                at = builder.mul(part.index, integer(LANES))
                store(builder, load(builder, builder.add(here, at), QUARTER), builder.add(there, at))

    return kernel("copy_rows", emit, (source, target, count))


@dataclass(frozen=True)
class Tile:
    """rows x vectors sums, from `row` and `column` on. Its values are a list of vectors, row after row."""

    builder: ir.IRBuilder
    rows: int
    vectors: int
    row: ir.Value
    column: ir.Value

    def row_addresses(self, rows, offset=None):
        """Where its rows begin. offset : int64, of the first among the indices of `rows`."""
        row = self.builder.add(self.row, offset) if offset else self.row
        return [_row_address(self.builder, rows, self.builder.add(row, integer(i))) for i in range(self.rows)]

    def load(self, rows, vector):
        """Its part of some rows of 32-bit numbers."""
        addresses = self._column_addresses(rows, self.column)
        return [
            load(self.builder, address, vector, VECTOR_BYTES * n) for address in addresses for n in range(self.vectors)
        ]

    def store(self, values, rows):
        """The opposite."""
        for i, address in enumerate(self._column_addresses(rows, self.column)):
            for n in range(self.vectors):
                store(self.builder, values[i * self.vectors + n], address, VECTOR_BYTES * n)

    def store_activations(self, values, rows, column, inverse_scale, in_range):
        """Store as activations."""
        vectors, size = len(values) // self.rows, integer(LANES * _bytes(rows.dtype))
        for i, address in enumerate(self._column_addresses(rows, column)):
            for value in values[i * vectors : (i + 1) * vectors]:
                store_activations(self.builder, rows.dtype, value, address, inverse_scale, in_range)
                address = self.builder.add(address, size)

    def _column_addresses(self, rows, column):
        offset = self.builder.mul(column, integer(_bytes(rows.dtype)))
        return [self.builder.add(start, offset) for start in self.row_addresses(rows)]


def _product(builder, weights, x, count, outputs, widths, addends=(), lookahead=None, taps=None, scale=None):
    """Every tile of addends + scale * (lookahead + x weights), and its values; without addends the bare sums.

    Old taps are summed before the addends join: so a sum is the same whether they were precomputed or not.
    """
    arithmetic, taps = arithmetic_of(weights.dtype), taps or integer(1)
    steps = builder.udiv(builder.mul(x.channels, integer(_bytes(x.dtype))), integer(4))
    old = builder.sub(taps, integer(1)) if addends else taps
    for tile in _tiles(builder, outputs, count, widths):
        column_bytes = builder.mul(tile.column, integer(4))
        zeros = [ir.Constant(arithmetic.sums, None)] * tile.rows * tile.vectors
        sums = tile.load(lookahead, arithmetic.sums) if lookahead else zeros
        address = builder.add(weights.address, builder.mul(column_bytes, builder.mul(steps, taps)))
        tap = _tap(tile, arithmetic, steps, x, count)
        address, *sums = loop(builder, old, 1, (address, *sums), tap)
        if addends:
            joined = list(zip(*(tile.load(rows, F32_VECTOR) for rows in addends), strict=True))
            sums = [arithmetic.add_early(builder, *pair) for pair in zip(sums, joined, strict=True)]
            _, *sums = tap(old, address, *sums)
            first = builder.add(scale.address, column_bytes) if scale else None
            scales = [arithmetic.load_scale(builder, first, VECTOR_BYTES * n) for n in range(tile.vectors)] * tile.rows
            sums = [arithmetic.epilogue(builder, *three) for three in zip(sums, joined, scales, strict=True)]
        yield tile, sums


def _tiles(builder, outputs, count, widths):
    """Blocks of outputs, as wide as possible; in each, rows, as many as possible at once."""
    done = integer(0)
    for vectors in widths:
        width = integer(LANES * vectors)
        blocks = builder.udiv(builder.sub(outputs, done), width)
        with cgutils.for_range(builder, blocks) as block:
            column, row = builder.add(done, builder.mul(block.index, width)), integer(0)
            for rows in TILES[vectors]:
                groups = builder.udiv(builder.sub(count, row), integer(rows))
                with cgutils.for_range(builder, groups) as group:
                    here = builder.add(row, builder.mul(group.index, integer(rows)))
                    yield Tile(builder, rows, vectors, here, column)
                row = builder.add(row, builder.mul(groups, integer(rows)))
        done = builder.add(done, builder.mul(blocks, width))


def _tap(tile, arithmetic, steps, x, count):
    """tap(i, weights, *sums) = where the next tap's weights are, and the sums with all inputs of tap i.

    Its rows are those whose indices stand from i * count on.
    """
    builder, stride = tile.builder, integer(VECTOR_BYTES * tile.vectors)

    def tap(index, address, *sums):
        row_addresses = tile.row_addresses(x, builder.mul(index, count))
        end = builder.add(address, builder.mul(stride, steps))

        def turn(i, address, *sums):
            totals, at = list(sums), builder.shl(i, integer(2))
            here = [builder.add(start, at) for start in row_addresses]
            for unrolled in range(UNROLL):
                columns = [load(builder, address, arithmetic.vector, VECTOR_BYTES * n) for n in range(tile.vectors)]
                for n in range(tile.vectors):
                    prefetch(builder, address, VECTOR_BYTES * (PREFETCH_STEPS * tile.vectors + n))
                address = builder.add(address, stride)
                for row in range(tile.rows):
                    activation = splat(builder, load(builder, here[row], arithmetic.word, 4 * unrolled))
                    for n in range(tile.vectors):
                        index = row * tile.vectors + n
                        totals[index] = arithmetic.accumulate(builder, totals[index], activation, columns[n])
            return address, *totals

        _, *totals = loop(builder, steps, UNROLL, (address, *sums), turn)
        return end, *totals

    return tap


def _row_address(builder, rows, index):
    """Where the row begins whose number is at `index`."""
    row = load(builder, builder.add(rows.indices, builder.shl(index, integer(3))), I64)
    return builder.add(rows.base, builder.mul(row, rows.stride))


def _bytes(dtype):
    return dtype.bitwidth // 8
