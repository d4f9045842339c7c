"""The dilated layers as the kernels read them, in float32 or in small whole numbers.

Quantising: every output of a matrix has a scale of its own, its largest weight over 127, and the input of every layer
one, the largest value it took in `calibration.ranges` over 127. What leaves a gate is in -1..1. An activation holds
REST more than its value, so every sum holds REST times its column's weights too much: that is taken off the biases.
"""

from typing import NamedTuple

import numpy as np

from engine.decoder.cpu.kernels.emit.arithmetic import ACTIVATION, REST, WEIGHT
from engine.decoder.cpu.kernels.layout import AHEAD, Layers, Network, most_rows
from engine.decoder.cpu.kernels.loops.products import packed
from engine.decoder.cpu.kernels.processor import GATE_WIDTHS, WIDTHS
from engine.decoder.cpu.packing import decoder_weights, gates_in_pairs, padded
from models.config import WaveNetConfig

TOP = 127  # largest weight, and largest activation about REST
NEAR_BYTES = 16384  # of weights that stay in the nearest cache beside what they are multiplied with


class Matrices(NamedTuple):
    """Of all layers, padded.

    dilated : (layers, taps R, 2 R); res : (layers, R, R)
    skip : (layers / together, together R, S): as many layers go to the skip path in one go as have weights that stay
        near, so that the sums stay in registers
    """

    dilated: np.ndarray
    res: np.ndarray
    skip: np.ndarray


def floats(config: WaveNetConfig, weights: dict[str, np.ndarray], voices: int, scratch: int) -> Layers:
    """In float32. scratch : rows of history that belong to no voice."""
    matrices, bias = _matrices(config, weights, np.float32)
    scales = Matrices(*(np.ones((*matrix.shape[:-2], matrix.shape[-1]), np.float32) for matrix in matrices))
    ones = np.ones(config.layers, np.float32)
    return _layers(config, matrices, scales, bias, ones, ones[:1], voices, scratch)


def wholes(
    config: WaveNetConfig,
    weights: dict[str, np.ndarray],
    voices: int,
    scratch: int,
    ranges: np.ndarray,
    network: Network,
) -> Layers:
    """In small whole numbers.

    scratch : rows of history that belong to no voice; ranges : float32 (layers,)
    network : whose biases are put right, in place
    """
    matrices, bias = _matrices(config, weights, WEIGHT)
    scales = Matrices(*(np.maximum(np.abs(matrix).max(-2), 1e-12) / TOP for matrix in matrices))
    matrices = Matrices(*(np.rint(m / s[..., None, :]).astype(WEIGHT) for m, s in zip(matrices, scales, strict=True)))
    inputs = ranges[:, None] / TOP, 1 / TOP, 1 / TOP  # what an activation of one stands for
    scales = Matrices(*((s * unit).astype(np.float32) for s, unit in zip(scales, inputs, strict=True)))
    surplus = Matrices(*(REST * m.sum(-2, dtype=np.int64) * s for m, s in zip(matrices, scales, strict=True)))
    network.condition_bias[0, : surplus.dilated.size] -= surplus.dilated.ravel()
    network.skip_bias[0] -= surplus.skip.sum(0)
    bias = (bias - surplus.res).astype(np.float32)
    sharpness, of_gates = (TOP / ranges).astype(np.float32), np.array([TOP], np.float32)
    return _layers(config, matrices, scales, bias, sharpness, of_gates, voices, scratch)


def _matrices(config, weights, item):
    """Matrices of float32 that are to become `item`s, and the biases of the residual path (layers, R)."""
    get = decoder_weights(weights)
    dilated = gates_in_pairs(padded(get["dilated.weight"], 2))
    skip = padded(padded(get["skip.weight"][:, 0], 1), 2)
    near = max(1, NEAR_BYTES // (skip[0].size * np.dtype(item).itemsize))
    together = max(count for count in range(1, near + 1) if config.layers % count == 0)
    matrices = Matrices(
        dilated=dilated.reshape(config.layers, -1, dilated.shape[-1]),
        res=padded(padded(get["res.weight"][:, 0], 1), 2),
        skip=skip.reshape(config.layers // together, -1, skip.shape[-1]),
    )
    return matrices, padded(get["res.bias"], 1)


def _layers(config, matrices, scales, bias, sharpness, gate_sharpness, voices, scratch):
    far, rings, width = config.dilations >= AHEAD, (config.taps - 1) * config.dilations, bias.shape[1]
    whole, together = matrices.res.dtype == WEIGHT, config.layers // len(matrices.skip)
    activation, sums = (ACTIVATION, np.int32) if whole else (np.float32, np.float32)
    return Layers(
        dilated=_all_packed(matrices.dilated, GATE_WIDTHS),
        old=_all_packed(matrices.dilated[far, :-width], WIDTHS),
        current=_all_packed(matrices.dilated[far, -width:], GATE_WIDTHS),
        dilated_scale=scales.dilated,
        res=_all_packed(matrices.res, WIDTHS),
        res_scale=scales.res,
        res_bias=bias,
        skip=_all_packed(matrices.skip, WIDTHS),
        skip_scale=scales.skip,
        together=together,
        dilations=config.dilations,
        rings=np.cumsum(rings) - rings,
        wraps=rings - 1,
        far=np.where(far, np.cumsum(far) - 1, -1),
        ring_rows=int(rings.sum()),
        far_layers=int(far.sum()),
        sharpness=sharpness,
        gate_sharpness=gate_sharpness,
        rest=REST if whole else 0,
        history=np.zeros((voices * rings.sum() + scratch, width), activation),
        ahead=np.zeros((voices * AHEAD * far.sum(), 2 * width), sums),
        foreseen=np.full(voices, -1),
        nothing=np.zeros((1, 2 * width), sums),
        gated=np.zeros((most_rows(voices), together * width), activation),
    )


def _all_packed(matrices, widths):
    """(n, inputs, outputs) -> (n, inputs * outputs), n from 0 on."""
    rows = np.zeros((len(matrices), matrices.shape[1] * matrices.shape[2]), matrices.dtype)
    for row, matrix in zip(rows, matrices, strict=True):
        row[:] = packed(matrix, widths)
    return rows
