"""Matrix products of several rows (voices, or moments of one voice) at once.

The sums of a tile, up to eight rows by four vectors, stay in registers while the inputs pass. Weights lie in the order
in which they are read: blocks of COLUMNS outputs, in each one input after the other. Every sum begins with its
addends and takes the inputs in their order, whatever the tile: so a voice does not depend on who sounds with it, bit
for bit.

Rows may lie anywhere: they are given as a pair, an array (any, channels) and int64 numbers of its rows.
"""

import numpy as np
from numba.extending import intrinsic

from engine.decoder.kernels.compiling import compiled
from engine.decoder.kernels.processor import COLUMNS, LANES, PLAIN
from engine.decoder.kernels.vectors import (
    BYTES,
    FLOAT,
    INT,
    address,
    integer,
    kernel,
    load,
    loop,
    multiply_add,
    prefetch,
    splat,
    store,
)

READ_AHEAD = 8  # inputs whose weights are fetched early: a network's weights do not fit the nearest cache
UNROLL = 4  # inputs of one turn of the innermost loop; their number is a multiple of it


def packed(matrix):
    """(inputs, outputs), multiples of UNROLL and LANES -> (inputs * outputs,) in the order of reading."""
    return np.concatenate([matrix[:, first : first + COLUMNS].ravel() for first in range(0, matrix.shape[1], COLUMNS)])


@compiled
def multiply_plainly(weights, x, a, out, count):
    """out = a + x weights, for the first `count` rows. weights : packed (inputs, outputs); x, a, out : rows."""
    outputs = out[0].shape[1]
    for row in range(count):
        for j in range(outputs):
            out[0][out[1][row], j] = a[0][a[1][row], j]
        _accumulate(weights, x[0][x[1][row]], out[0][out[1][row]])


@compiled
def multiply_onto_plainly(weights, x, a, b, out, count):
    """out = a + b + x weights."""
    outputs = out[0].shape[1]
    for row in range(count):
        for j in range(outputs):
            out[0][out[1][row], j] = a[0][a[1][row], j] + b[0][b[1][row], j]
        _accumulate(weights, x[0][x[1][row]], out[0][out[1][row]])


@compiled
def _accumulate(weights, x, out):
    inputs, outputs = x.shape[0], out.shape[0]
    for first in range(0, outputs, COLUMNS):
        columns = min(COLUMNS, outputs - first)
        for i in range(inputs):
            for j in range(columns):
                out[first + j] += x[i] * weights[first * inputs + i * columns + j]


@compiled
def multiply_in_tiles(weights, x, a, out, count):
    """The same in vectors."""
    _products(address(weights), x[0].shape[1], out[0].shape[1], count, _lie(x), _lie(a), _lie(a), _lie(out))


@compiled
def multiply_onto_in_tiles(weights, x, a, b, out, count):
    """The same in vectors."""
    _products_onto(address(weights), x[0].shape[1], out[0].shape[1], count, _lie(x), _lie(a), _lie(b), _lie(out))


@compiled
def _lie(rows):
    """Where rows lie: address, stride in bytes, address of their numbers."""
    return address(rows[0]), rows[0].strides[0], address(rows[1])


multiply = multiply_plainly if PLAIN else multiply_in_tiles
multiply_onto = multiply_onto_plainly if PLAIN else multiply_onto_in_tiles


def _blocks(addends):
    """The product with so many addends: block after block of outputs, in each tile after tile of rows."""
    four_wide, two_wide, one_wide = (_block(vectors, addends) for vectors in (4, 2, 1))

    @compiled
    def products(weights, inputs, outputs, count, x, a, b, out):
        for first in range(0, outputs, COLUMNS):
            columns = min(COLUMNS, outputs - first)
            column = 0
            while column < columns:
                begin, at = weights + 4 * (first * inputs + column), 4 * (first + column)
                if columns - column >= 4 * LANES:
                    four_wide(begin, 4 * columns, inputs, at, count, x, a, b, out)
                    column += 4 * LANES
                elif columns - column >= 2 * LANES:
                    two_wide(begin, 4 * columns, inputs, at, count, x, a, b, out)
                    column += 2 * LANES
                else:
                    one_wide(begin, 4 * columns, inputs, at, count, x, a, b, out)
                    column += LANES

    return products


def _block(vectors, addends):
    """For one block: tiles of eight rows where the sums fit, of four, then what is left."""
    highest = 8 if vectors < 4 and COLUMNS > LANES else 4
    eight, four, two, one = (_tile(rows, vectors, addends) for rows in (highest, 4, 2, 1))

    @compiled
    def block(weights, stride, inputs, at, count, x, a, b, out):
        row = 0
        while row < count:
            here = 8 * row
            places = (
                x[0], x[1], x[2] + here, a[0] + at, a[1], a[2] + here, b[0] + at, b[1], b[2] + here,
                out[0] + at, out[1], out[2] + here,
            )  # fmt: skip
            if count - row >= highest:
                eight(weights, stride, inputs, *places)
                row += highest
            elif count - row >= 4:
                four(weights, stride, inputs, *places)
                row += 4
            elif count - row >= 2:
                two(weights, stride, inputs, *places)
                row += 2
            else:
                one(weights, stride, inputs, *places)
                row += 1

    return block


def _tile(rows, vectors, addends):
    """The innermost kernel: rows x vectors sums."""

    def emit(builder, weights, stride, inputs, *places):
        x, a, b, out = (_starts(builder, *places[3 * i : 3 * i + 3], rows) for i in range(4))
        sums = [load(builder, start, offset=BYTES * n) for start in a for n in range(vectors)]
        if addends == 2:
            more = [load(builder, start, offset=BYTES * n) for start in b for n in range(vectors)]
            sums = [builder.fadd(*pair) for pair in zip(sums, more, strict=True)]

        soon = builder.mul(stride, integer(READ_AHEAD))

        def turn(i, *sums):
            sums, at = list(sums), builder.shl(i, integer(2))
            place = builder.add(weights, builder.mul(i, stride))
            here = [builder.add(start, at) for start in x]
            for unrolled in range(UNROLL):
                own = [load(builder, place, offset=BYTES * n) for n in range(vectors)]
                for n in range(vectors):
                    prefetch(builder, builder.add(place, soon), BYTES * n)
                place = builder.add(place, stride)
                for row in range(rows):
                    number = splat(builder, load(builder, here[row], FLOAT, 4 * unrolled))
                    for n in range(vectors):
                        index = row * vectors + n
                        sums[index] = multiply_add(builder, own[n], number, sums[index])
            return sums

        for index, value in enumerate(loop(builder, inputs, UNROLL, sums, turn)):
            store(builder, value, out[index // vectors], BYTES * (index % vectors))

    @intrinsic
    def tile(typing, weights, stride, inputs, xa, xs, xr, aa, as_, ar, ba, bs, br, oa, os, orow):
        return kernel(f"tile_{rows}_{vectors}_{addends}", emit, integers=15)

    return tile


def _starts(builder, place, stride, numbers, count):
    """Addresses of `count` rows whose numbers lie at `numbers`."""
    rows = [load(builder, numbers, INT, 8 * i) for i in range(count)]
    return [builder.add(place, builder.mul(row, stride)) for row in rows]


_products, _products_onto = _blocks(1), _blocks(2)
