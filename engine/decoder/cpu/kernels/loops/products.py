"""Matrix products of several rows (voices, or moments of one voice) at once.

Weights lie in the order in which they are read: blocks of outputs, in each one input after the other, or GROUP of
them beside each other where they are small numbers (arithmetic.py). Every sum takes its terms in the same order,
whatever the tile: a voice does not depend on who sounds with it, bit for bit.

Rows may lie anywhere: they are given as a pair, an array (any, channels) and int64 numbers of its rows.
"""

import numpy as np

from engine.decoder.cpu.kernels.compiling import compiled
from engine.decoder.cpu.kernels.emit import tiles
from engine.decoder.cpu.kernels.emit.arithmetic import GROUP, REST
from engine.decoder.cpu.kernels.emit.gates import gate
from engine.decoder.cpu.kernels.processor import LANES, PLAIN, WIDTHS


def packed(matrix, widths=WIDTHS):
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
def multiply_plainly(weights, x, a, out, count):
    """out = a + x weights, for the first `count` rows. weights : packed (inputs, outputs); x, a, out : rows."""
    for row in range(count):
        for j in range(a[0].shape[1]):
            out[0][out[1][row], j] = _sum(weights, 1, x, row, count, j, a[0][a[1][row], j])


@compiled
def foresee_plainly(weights, taps, x, out, count):
    """out = the bare sums of x weights over several taps. x : rows of the first tap, then of the next."""
    for row in range(count):
        for j in range(out[0].shape[1]):
            out[0][out[1][row], j] = _sum(weights, taps, x, row, count, j, 0)


@compiled
def gather_plainly(weights, scale, x, a, out, count):
    """out = a + scale * (x weights). scale : (outputs,), 1 where weights are floats."""
    for row in range(count):
        for j in range(a[0].shape[1]):
            out[0][out[1][row], j] = a[0][a[1][row], j] + scale[j] * _sum(weights, 1, x, row, count, j, 0)


@compiled
def onward_plainly(weights, scale, x, a, b, out, inputs, sharpness, count):
    """out = a + b + scale * (x weights); inputs = the same as activations."""
    for row in range(count):
        for j in range(a[0].shape[1]):
            value = a[0][a[1][row], j] + b[0][b[1][row], j] + scale[j] * _sum(weights, 1, x, row, count, j, 0)
            out[0][out[1][row], j] = value
            inputs[0][inputs[1][row], j] = _activation(inputs[0], value, sharpness)


@compiled
def transform_plainly(weights, scale, taps, x, conditions, ahead, gated, sharpness, count):
    """gated = the gate of conditions + scale * (ahead + x weights), as activations.

    conditions, ahead, outputs of weights : 16 for the sigmoid, 16 for the tanh, and so on
    """
    for row in range(count):
        for i in range(gated[0].shape[1]):
            j = i // LANES * 2 * LANES + i % LANES
            a = _gate_input(weights, scale, taps, x, conditions, ahead, row, count, j)
            b = _gate_input(weights, scale, taps, x, conditions, ahead, row, count, j + LANES)
            gated[0][gated[1][row], i] = _activation(gated[0], gate(a, b), sharpness)


@compiled
def fetch_plainly(rows, count):
    """Rows need not be brought near before they are read."""


@compiled
def copy_plainly(source, target, count):
    """target = source, both rows of the same array."""
    for row in range(count):
        target[0][target[1][row]] = source[0][source[1][row]]


@compiled
def _gate_input(weights, scale, taps, x, conditions, ahead, row, count, j):
    total = _sum(weights, taps, x, row, count, j, ahead[0][ahead[1][row], j])
    return conditions[0][conditions[1][row], j] + scale[j] * total


@compiled
def _sum(weights, taps, x, row, count, j, total):
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
def _activation(array, value, sharpness):
    """What `array` holds for a value: itself if it holds floats, else 0..255."""
    if array.itemsize == 4:
        return value
    return min(max(np.rint(value * sharpness), -REST), 255 - REST) + REST


multiply = multiply_plainly if PLAIN else tiles.multiply
foresee = foresee_plainly if PLAIN else tiles.foresee
gather = gather_plainly if PLAIN else tiles.gather
onward = onward_plainly if PLAIN else tiles.onward
transform = transform_plainly if PLAIN else tiles.transform
copy = copy_plainly if PLAIN else tiles.copy
fetch = fetch_plainly if PLAIN else tiles.fetch
