"""Weights as models store them -> the rows of each thread block, stage after stage, in the order of the tensor cores.

Names and shapes of the torch state_dict: (layers, taps, in, out), oldest tap first. Products of matrices in float64.
"""

from typing import NamedTuple

import numpy as np

from engine.decoder.gpu.shapes import TILE, Shape, filled

Tensors = dict[str, np.ndarray]


class Packed(NamedTuple):
    """What the kernel reads and no call changes; float32 but for the weights.

    weights : uint8 (blocks, bytes): float16, float32, or whole numbers + 128 and then the scales of their rows
    start : (taps + 1, width): of the past samples, oldest first, and the bias
    res_bias : (layers, blocks * channels); skip_bias : (blocks * rows); logit_bias : (blocks * rows)
    condition : (conditions + 1, layers * blocks * gates); out_condition : (conditions + 1, blocks * rows): the last
        row holds the biases
    Rows are filled up so that each block has as many; what blocks beyond the model's rows compute nobody takes.
    """

    weights: np.ndarray
    start: np.ndarray
    res_bias: np.ndarray
    skip_bias: np.ndarray
    logit_bias: np.ndarray
    condition: np.ndarray
    out_condition: np.ndarray


def pack(shape: Shape, weights: Tensors) -> Packed:
    """The decoder's weights, packed. weights : as a checkpoint has them"""
    tensors = _tensors(shape, weights)
    now = tensors["dilated.weight"][:, -1]
    gate_bias = tensors["dilated.bias"] + tensors["cond.bias"]
    gate_bias[1:] += np.einsum("li,lio->lo", tensors["res.bias"][:-1], now[1:])
    condition = np.concatenate([tensors["cond.weight"][:, 0], gate_bias[:, None]], 1)
    out_bias = tensors["out1.bias"] + tensors["cond_out1.bias"]
    single = {
        "start": np.concatenate([tensors["start.weight"], tensors["start.bias"][None]]),
        "res_bias": _filled(shape, tensors["res.bias"]),
        "skip_bias": _filled(shape, tensors["skip_start.bias"] + tensors["skip.bias"].sum(0)),
        "logit_bias": _filled(shape, tensors["logits.bias"], words=False),
        "condition": _gates_by_block(shape, condition.swapaxes(0, 1)),
        "out_condition": _filled(shape, np.concatenate([tensors["cond_out1.weight"][0], out_bias[None]])),
    }
    rows = {name: np.ascontiguousarray(value, np.float32) for name, value in single.items()}
    return Packed(np.concatenate(list(_pieces(shape, tensors)), 1), **rows)


def _tensors(shape, weights):
    """float64, without the prefix of their names, and filled up to the widths of the shape."""
    config = shape.config
    get = {name.removeprefix("decoder."): np.array(value, np.float64) for name, value in weights.items()}
    if config.feedback:
        get["start.weight"] = get["start.weight"][:, 0]  # the known flag beside it is of inputs.py
    else:
        get["start.weight"], get["start.bias"] = np.zeros((config.taps, config.width)), np.zeros(config.width)
    width, skip = shape.width - config.width, shape.skip - config.skip_width
    into = {
        "start": (0, width), "skip_start": (width, skip), "dilated": (width, 2 * width), "cond": (0, 2 * width),
        "res": (width, width), "skip": (width, skip), "out1": (skip, skip), "cond_out1": (0, skip), "logits": (skip, 0),
    }  # fmt: skip
    return {
        f"{name}.{kind}": _widened(get[f"{name}.{kind}"], rows if kind == "weight" else 0, columns, name)
        for name, (rows, columns) in into.items()
        for kind in ("weight", "bias")
    }


def _widened(array, inputs, outputs, name):
    """Zeros behind the last two axes. Of gates, each half is widened by itself."""
    halves = 2 if name in ("dilated", "cond") else 1
    split = array.reshape(*array.shape[:-1], halves, -1)
    behind = [(0, 0)] * (split.ndim - 3) + [(0, inputs)] * (array.ndim > 1) + [(0, 0), (0, outputs // halves)]
    wide = np.pad(split, behind)
    return wide.reshape(*wide.shape[:-2], -1)


def _pieces(shape, tensors):
    """uint8 (blocks, bytes), in the order of the stages: first; urgent and old, a layer; last."""
    now, old = tensors["dilated.weight"][:, -1], tensors["dilated.weight"][:, -2::-1]  # one dilation ago, then two
    res, skip = tensors["res.weight"][:, 0], tensors["skip.weight"][:, 0]
    yield _stored(shape, _dealt(shape, now[0], 2), _dealt(shape, tensors["skip_start.weight"][0]))
    nothing = np.zeros_like(now[0]), np.zeros_like(res[0])
    for layer in range(shape.config.layers):
        last = layer + 1 == shape.config.layers
        ahead, residual = nothing if last else (now[layer + 1], res[layer])
        yield _stored(shape, _dealt(shape, ahead, 2))
        fused = _dealt(shape, residual @ ahead, 2)
        yield _stored(shape, fused, _dealt(shape, residual), _dealt(shape, skip[layer]))
        yield _stored(shape, *(_dealt(shape, tap, 2) for tap in old[layer]))
    yield _stored(shape, _dealt(shape, tensors["out1.weight"][0]))
    yield _stored(shape, _dealt(shape, tensors["logits.weight"][0], words=False))


def _dealt(shape, matrix, halves=1, words=True):
    """(inputs, outputs) -> (blocks, rows, inputs): each block's outputs, of the first half, then of the second."""
    inputs, blocks, outputs = len(matrix), shape.spread.blocks, matrix.shape[1] // halves
    rows = shape.dealt(outputs, words)
    wide = np.pad(matrix.reshape(inputs, halves, outputs), ((0, 0), (0, 0), (0, blocks * rows - outputs)))
    return wide.reshape(inputs, halves, blocks, rows).transpose(2, 1, 3, 0).reshape(blocks, -1, inputs)


def _filled(shape, vectors, words=True):
    """(..., rows) -> the same with the rows that `_dealt` adds."""
    rows = vectors.shape[-1]
    beyond = shape.spread.blocks * shape.dealt(rows, words) - rows
    return np.pad(vectors, [(0, 0)] * (vectors.ndim - 1) + [(0, beyond)])


def _gates_by_block(shape, vectors):
    """(n, layers, 2 * width) -> (n, layers * blocks * gates)."""
    count, layers, _ = vectors.shape
    halves = _filled(shape, vectors.reshape(count, layers, 2, shape.width))
    by_block = halves.reshape(count, layers, 2, shape.spread.blocks, -1).swapaxes(2, 3)
    return by_block.reshape(count, -1)


def _stored(shape, *parts):
    """Rows side by side, (blocks, rows, inputs) each -> uint8 (blocks, bytes)."""
    rows = np.concatenate(parts, 1, dtype=np.float32)
    rows = np.pad(rows, ((0, 0), (0, filled(rows.shape[1], 8) - rows.shape[1]), (0, 0)))
    if shape.spread.weights != "int8":
        return _fragments(rows.astype(np.float16 if shape.half else np.float32)).view(np.uint8)
    scales = np.maximum(np.abs(rows).max(2), 1e-30) / 127
    numbers = _fragments((np.rint(rows / scales[..., None]) + 128).astype(np.uint8))
    return np.concatenate([numbers, np.ascontiguousarray(scales, np.float32).view(np.uint8)], 1)


def _fragments(rows):
    """(blocks, rows, inputs), rows a multiple of 8 -> (blocks, elements) as the lanes load them.

    Tiles of 16 rows, at the end perhaps one of 8. Source: PTX ISA, mma.m16n8k16, the layout of A.
    """
    tiles, (blocks, _, inputs) = [], rows.shape
    for first in range(0, rows.shape[1], TILE):
        tile = rows[:, first : first + TILE]
        split = tile.reshape(blocks, -1, 8, inputs // 16, 2, 4, 2)  # half, row, step, half of k, pair, k
        tiles.append(split.transpose(0, 3, 2, 5, 4, 1, 6).reshape(blocks, -1))
    return np.concatenate(tiles, 1)
