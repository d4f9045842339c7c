"""The products of products.py in vectors.

The sums of a tile, up to eight rows by four vectors, stay in registers while the inputs pass. What follows a product
(scales of small numbers, the gate, storing as activations) is done before they leave.
"""

from dataclasses import dataclass

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from engine.decoder.cpu.kernels.emit.arithmetic import arithmetic, put
from engine.decoder.cpu.kernels.emit.gates import gate_vectors
from engine.decoder.cpu.kernels.emit.vectors import (
    BYTES,
    INT,
    VECTOR,
    WORD,
    integer,
    kernel,
    load,
    loop,
    prefetch,
    splat,
    store,
)
from engine.decoder.cpu.kernels.processor import GATE_WIDTHS, LANES, TILES, WIDTHS

READ_AHEAD = 8  # steps for which weights are fetched early: a network's weights do not fit the nearest cache
QUARTER = ir.VectorType(WORD, LANES // 4)  # the shortest row there is
UNROLL = 4  # steps of one turn of the innermost loop; their number is a multiple of it


@intrinsic
def multiply(typing, weights, x, a, out, count):
    def emit(builder, weights, x, a, out, count):
        for tile, values in _product(builder, weights, x, count, a.channels, WIDTHS, [a]):
            tile.store(values, out)

    return kernel("multiply", emit, (weights, x, a, out, count))


@intrinsic
def foresee(typing, weights, taps, x, out, count):
    def emit(builder, weights, taps, x, out, count):
        for tile, sums in _product(builder, weights, x, count, out.channels, WIDTHS, taps=taps):
            tile.store(sums, out)

    return kernel("foresee", emit, (weights, taps, x, out, count))


@intrinsic
def gather(typing, weights, scale, x, a, out, count):
    def emit(builder, weights, scale, x, a, out, count):
        for tile, values in _product(builder, weights, x, count, a.channels, WIDTHS, [a], scale=scale):
            tile.store(values, out)

    return kernel("gather", emit, (weights, scale, x, a, out, count))


@intrinsic
def onward(typing, weights, scale, x, a, b, out, inputs, sharpness, count):
    def emit(builder, weights, scale, x, a, b, out, inputs, sharpness, count):
        for tile, values in _product(builder, weights, x, count, a.channels, WIDTHS, [a, b], scale=scale):
            tile.store(values, out)
            tile.put(values, inputs, tile.column, sharpness, bounded=False)

    return kernel("onward", emit, (weights, scale, x, a, b, out, inputs, sharpness, count))


@intrinsic
def transform(typing, weights, scale, taps, x, conditions, ahead, gated, sharpness, count):
    def emit(builder, weights, scale, taps, x, conditions, ahead, gated, sharpness, count):
        outputs, fine = conditions.channels, isinstance(gated.item, types.Float)
        product = _product(builder, weights, x, count, outputs, GATE_WIDTHS, [conditions], ahead, taps, scale)
        for tile, values in product:
            pairs = zip(values[::2], values[1::2], strict=True)
            gates = [gate_vectors(builder, *pair, fine) for pair in pairs]
            tile.put(gates, gated, builder.lshr(tile.column, integer(1)), sharpness, bounded=True)

    return kernel("transform", emit, (weights, scale, taps, x, conditions, ahead, gated, sharpness, count))


@intrinsic
def fetch(typing, rows, count):
    def emit(builder, rows, count):
        size = builder.mul(rows.channels, integer(_bytes(rows.item)))
        with cgutils.for_range(builder, count) as row:
            start = _start(builder, rows, row.index)
            with cgutils.for_range(
                builder, builder.udiv(builder.add(size, integer(BYTES - 1)), integer(BYTES))
            ) as line:
                prefetch(builder, builder.add(start, builder.mul(line.index, integer(BYTES))))

    return kernel("fetch", emit, (rows, count))


@intrinsic
def copy(typing, source, target, count):
    def emit(builder, source, target, count):
        size = builder.mul(source.channels, integer(_bytes(source.item)))
        with cgutils.for_range(builder, count) as row:
            here, there = (_start(builder, rows, row.index) for rows in (source, target))
            with cgutils.for_range(builder, builder.udiv(size, integer(LANES))) as part:  # LANES bytes at least
                at = builder.mul(part.index, integer(LANES))
                store(builder, load(builder, builder.add(here, at), QUARTER), builder.add(there, at))

    return kernel("copy", emit, (source, target, count))


@dataclass(frozen=True)
class Tile:
    """rows x vectors numbers, first `row` and `column`. Its values are a list, row after row."""

    builder: ir.IRBuilder
    rows: int
    vectors: int
    row: ir.Value
    column: ir.Value

    def starts(self, rows, offset=None):
        """Where its rows begin. offset : int64 added to the rows' numbers' numbers."""
        row = self.builder.add(self.row, offset) if offset else self.row
        return [_start(self.builder, rows, self.builder.add(row, integer(i))) for i in range(self.rows)]

    def load(self, rows, vector):
        """Its part of some rows of 32-bit numbers."""
        places = self._places(rows, self.column)
        return [load(self.builder, place, vector, BYTES * n) for place in places for n in range(self.vectors)]

    def store(self, values, rows):
        """The opposite."""
        for i, place in enumerate(self._places(rows, self.column)):
            for n in range(self.vectors):
                store(self.builder, values[i * self.vectors + n], place, BYTES * n)

    def put(self, values, rows, column, sharpness, bounded):
        """Store as activations."""
        vectors, size = len(values) // self.rows, integer(LANES * _bytes(rows.item))
        for i, place in enumerate(self._places(rows, column)):
            for value in values[i * vectors : (i + 1) * vectors]:
                put(self.builder, rows.item, value, place, sharpness, bounded)
                place = self.builder.add(place, size)

    def _places(self, rows, column):
        offset = self.builder.mul(column, integer(_bytes(rows.item)))
        return [self.builder.add(start, offset) for start in self.starts(rows)]


def _product(builder, weights, x, count, outputs, widths, addends=(), ahead=None, taps=None, scale=None):
    """Every tile of addends + scale * (ahead + x weights), and its values; without addends the bare sums.

    Old taps are summed before the addends join: so a sum is the same whether they were known ahead or not.
    """
    numbers, taps = arithmetic(weights.item), taps or integer(1)
    steps = builder.udiv(builder.mul(x.channels, integer(_bytes(x.item))), integer(4))
    old = builder.sub(taps, integer(1)) if addends else taps
    for tile in _tiles(builder, outputs, count, widths):
        zeros = [ir.Constant(numbers.sums, None)] * tile.rows * tile.vectors
        sums = tile.load(ahead, numbers.sums) if ahead else zeros
        place = builder.add(weights.start, builder.mul(builder.mul(tile.column, integer(4)), builder.mul(steps, taps)))
        tap = _tap(tile, numbers, steps, x, count)
        place, *sums = loop(builder, old, 1, (place, *sums), tap)
        if addends:
            floats = list(zip(*(tile.load(rows, VECTOR) for rows in addends), strict=True))
            sums = [numbers.join(builder, *pair) for pair in zip(sums, floats, strict=True)]
            _, *sums = tap(old, place, *sums)
            first = builder.add(scale.start, builder.mul(tile.column, integer(4))) if scale else None
            scales = [numbers.scale(builder, first, BYTES * n) for n in range(tile.vectors)] * tile.rows
            sums = [numbers.finish(builder, *three) for three in zip(sums, floats, scales, strict=True)]
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


def _tap(tile, numbers, steps, x, count):
    """tap(i, weights, *sums) = where the next tap's weights are, and the sums with all inputs of tap i.

    Its rows are named by the numbers from i * count on.
    """
    builder, stride = tile.builder, integer(BYTES * tile.vectors)

    def tap(index, place, *sums):
        starts = tile.starts(x, builder.mul(index, count))
        end = builder.add(place, builder.mul(stride, steps))

        def turn(i, place, *sums):
            sums, at = list(sums), builder.shl(i, integer(2))
            here = [builder.add(start, at) for start in starts]
            for unrolled in range(UNROLL):
                own = [load(builder, place, numbers.vector, BYTES * n) for n in range(tile.vectors)]
                for n in range(tile.vectors):
                    prefetch(builder, place, BYTES * (READ_AHEAD * tile.vectors + n))
                place = builder.add(place, stride)
                for row in range(tile.rows):
                    number = splat(builder, load(builder, here[row], numbers.word, 4 * unrolled))
                    for n in range(tile.vectors):
                        index = row * tile.vectors + n
                        sums[index] = numbers.accumulate(builder, sums[index], number, own[n])
            return place, *sums

        _, *sums = loop(builder, steps, UNROLL, (place, *sums), turn)
        return end, *sums

    return tap


def _start(builder, rows, index):
    """Where the row begins whose number is at `index`."""
    number = load(builder, builder.add(rows.numbers, builder.shl(index, integer(3))), INT)
    return builder.add(rows.start, builder.mul(number, rows.stride))


def _bytes(item):
    return item.bitwidth // 8
