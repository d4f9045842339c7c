"""Matrix products of several rows (voices, or timesteps of one voice) at once.

Weights lie in the order in which they are read: blocks of outputs, in each one input after the other, or GROUP of
them beside each other in int8 (arithmetic.py). Every sum takes its terms in the same order,
whatever the tile: a voice does not depend on who sounds with it, bit for bit.

Rows may lie anywhere: they are given as a pair, an array (any, channels) and int64 numbers of its rows.
"""

import numpy as np

from engine.decoder.cpu.kernels.compiling import compiled
from engine.decoder.cpu.kernels.emit import tiles
from engine.decoder.cpu.kernels.emit.arithmetic import GROUP, ZERO_POINT
from engine.decoder.cpu.kernels.emit.gates import gate
from engine.decoder.cpu.kernels.processor import LANES, PLAIN, TILE_WIDTHS


def pack_matrix(matrix: np.ndarray, widths: tuple[int, ...] = TILE_WIDTHS) -> np.ndarray:
    """(inputs, outputs), multiples of UNROLL steps and of LANES -> (inputs * outputs,) in the order of reading."""
    group = 1 if matrix.dtype == np.float32 else GROUP
    blocks, first = [], 0
    for width in widths:
        columns = LANES * width
        while matrix.shape[1] - first >= columns:
            block = matrix[:, first : first + columns].reshape(-1, group, columns)
            blocks.append(block.swapaxes(1, 2).ravel())
            first += columns
    return np.concatenate(blocks)


@compiled
def linear_plainly(weights, x, a, out, count):
    """out = a + x weights, for the first `count` rows. weights : packed (inputs, outputs); x, a, out : rows."""
    for row in range(count):
        for j in range(a[0].shape[1]):
            out[0][out[1][row], j] = _dot(weights, 1, x, row, count, j, a[0][a[1][row], j])


@compiled
def precompute_plainly(weights, taps, x, out, count):
    """out = the bare sums of x weights over several taps. x : rows of the first tap, then of the next."""
    for row in range(count):
        for j in range(out[0].shape[1]):
            out[0][out[1][row], j] = _dot(weights, taps, x, row, count, j, 0)


@compiled
def add_skip_plainly(weights, scale, x, a, out, count):
    """out = a + scale * (x weights). scale : (outputs,), 1 where weights are floats."""
    for row in range(count):
        for j in range(a[0].shape[1]):
            out[0][out[1][row], j] = a[0][a[1][row], j] + scale[j] * _dot(weights, 1, x, row, count, j, 0)


@compiled
def add_residual_plainly(weights, scale, x, a, b, out, inputs, inverse_scale, count):
    """out = a + b + scale * (x weights); inputs = the same as activations."""
    for row in range(count):
        for j in range(a[0].shape[1]):
            value = a[0][a[1][row], j] + b[0][b[1][row], j] + scale[j] * _dot(weights, 1, x, row, count, j, 0)
            out[0][out[1][row], j] = value
            inputs[0][inputs[1][row], j] = _quantise(inputs[0], value, inverse_scale)


@compiled
def gated_convolution_plainly(weights, scale, taps, x, conditions, lookahead, gated, inverse_scale, count):
    """gated = the gate of conditions + scale * (lookahead + x weights), as activations.

    conditions, lookahead, outputs of weights : 16 for the sigmoid, 16 for the tanh, and so on
    """
    for row in range(count):
        for i in range(gated[0].shape[1]):
            j = i // LANES * 2 * LANES + i % LANES
            a = _preactivation(weights, scale, taps, x, conditions, lookahead, row, count, j)
            b = _preactivation(weights, scale, taps, x, conditions, lookahead, row, count, j + LANES)
            gated[0][gated[1][row], i] = _quantise(gated[0], gate(a, b), inverse_scale)


@compiled
def prefetch_rows_plainly(rows, count):
    """Rows need not be in the nearest cache before they are read."""


@compiled
def copy_rows_plainly(source, target, count):
    """target = source, both rows of the same array."""
    for row in range(count):
        target[0][target[1][row]] = source[0][source[1][row]]


@compiled
def _preactivation(weights, scale, taps, x, conditions, lookahead, row, count, j):
    total = _dot(weights, taps, x, row, count, j, lookahead[0][lookahead[1][row], j])
    return conditions[0][conditions[1][row], j] + scale[j] * total


@compiled
def _dot(weights, taps, x, row, count, j, total):
    """total + output j of one row. In the plain order blocks are 16 wide."""
    inputs, first, place = x[0].shape[1], j // LANES * LANES, j % LANES
    group = GROUP if weights.itemsize < 4 else 1
    for tap in range(taps):
        values = x[0][x[1][tap * count + row]]
        for i in range(inputs):
            k = tap * inputs + i
            at = first * taps * inputs + (k // group * LANES + place) * group + k % group
            total += float(values[i]) * weights[at]
    return total


@compiled
def _quantise(array, value, inverse_scale):
    """What `array` holds for a value: itself if it holds floats, else 0..255."""
    if array.itemsize == 4:
        return value
    return min(max(np.rint(value * inverse_scale), -ZERO_POINT), 255 - ZERO_POINT) + ZERO_POINT


linear = linear_plainly if PLAIN else tiles.linear
precompute = precompute_plainly if PLAIN else tiles.precompute
add_skip = add_skip_plainly if PLAIN else tiles.add_skip
add_residual = add_residual_plainly if PLAIN else tiles.add_residual
gated_convolution = gated_convolution_plainly if PLAIN else tiles.gated_convolution
copy_rows = copy_rows_plainly if PLAIN else tiles.copy_rows
prefetch_rows = prefetch_rows_plainly if PLAIN else tiles.prefetch_rows
