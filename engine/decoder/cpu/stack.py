"""The dilated layers as the kernels read them, in float32 or quantised to int8.

Quantising: every output of a matrix has a scale of its own, its largest weight over 127, and the input of every layer
one, the largest value it took in `ranges.measure_ranges` over 127. What leaves a gate is in -1..1. An activation holds
ZERO_POINT more than its value, so every sum holds ZERO_POINT times its column's weights too much: that is taken off
the biases.
"""

from typing import NamedTuple

import numpy as np

from engine.decoder.cpu.kernels.emit.arithmetic import ACTIVATION_DTYPE, WEIGHT_DTYPE, ZERO_POINT
from engine.decoder.cpu.kernels.layout import LONGEST_LOOK_AHEAD, Layers, Network, max_rows
from engine.decoder.cpu.kernels.loops.products import pack_matrix
from engine.decoder.cpu.kernels.processor import GATE_TILE_WIDTHS, TILE_WIDTHS
from engine.decoder.cpu.packing import decoder_weights, interleave_gates, padded
from models.config import WaveNetConfig

INT8_MAX = 127  # largest weight, and largest distance of an activation from ZERO_POINT
LOOK_AHEAD = 8  # timesteps that are computed ahead in layers whose weights stay in a near cache
FAR_BYTES = 1 << 18  # of a layer's dilated weights, from which on all layers together are far away
L1_BYTES = 16384  # of weights that stay in the L1 cache beside what they are multiplied with


class Matrices(NamedTuple):
    """Of all layers, padded.

    dilated : (layers, taps R, 2 R); res : (layers, R, R)
    skip : (groups, layers_per_skip R, S): as many layers go to the skip path in one product as have weights that fit
        the nearest cache, so that the sums stay in registers
    """

    dilated: np.ndarray
    res: np.ndarray
    skip: np.ndarray


def float32_layers(config: WaveNetConfig, weights: dict[str, np.ndarray], voices: int, scratch: int) -> Layers:
    """In float32. scratch : rows of history that belong to no voice."""
    matrices, bias = _matrices(config, weights, np.float32)
    scales = Matrices(*(np.ones((*matrix.shape[:-2], matrix.shape[-1]), np.float32) for matrix in matrices))
    ones = np.ones(config.layers, np.float32)
    return _layers(config, matrices, scales, bias, ones, ones[:1], voices, scratch)


def int8_layers(
    config: WaveNetConfig,
    weights: dict[str, np.ndarray],
    voices: int,
    scratch: int,
    ranges: np.ndarray,
    network: Network,
) -> Layers:
    """Quantised to int8.

    scratch : rows of history that belong to no voice; ranges : float32 (layers,)
    network : whose biases are put right, in place
    """
    matrices, bias = _matrices(config, weights, WEIGHT_DTYPE)
    scales = Matrices(*(np.maximum(np.abs(matrix).max(-2), 1e-12) / INT8_MAX for matrix in matrices))
    matrices = Matrices(
        *(np.rint(m / s[..., None, :]).astype(WEIGHT_DTYPE) for m, s in zip(matrices, scales, strict=True))
    )
    input_scales = ranges[:, None] / INT8_MAX, 1 / INT8_MAX, 1 / INT8_MAX
    scales = Matrices(*((s * unit).astype(np.float32) for s, unit in zip(scales, input_scales, strict=True)))
    offsets = Matrices(*(ZERO_POINT * m.sum(-2, dtype=np.int64) * s for m, s in zip(matrices, scales, strict=True)))
    network.condition_bias[0, : offsets.dilated.size] -= offsets.dilated.ravel()
    network.skip_bias[0] -= offsets.skip.sum(0)
    bias = (bias - offsets.res).astype(np.float32)
    input_inverse_scale, gate_inverse_scale = (INT8_MAX / ranges).astype(np.float32), np.array([INT8_MAX], np.float32)
    return _layers(config, matrices, scales, bias, input_inverse_scale, gate_inverse_scale, voices, scratch)


def _matrices(config, weights, dtype):
    """Matrices of float32 that are to become `dtype`s, and the biases of the residual path (layers, R)."""
    tensors = decoder_weights(weights)
    dilated = interleave_gates(padded(tensors["dilated.weight"], 2))
    skip = padded(padded(tensors["skip.weight"][:, 0], 1), 2)
    fitting = max(1, L1_BYTES // (skip[0].size * np.dtype(dtype).itemsize))
    layers_per_skip = max(count for count in range(1, fitting + 1) if config.layers % count == 0)
    matrices = Matrices(
        dilated=dilated.reshape(config.layers, -1, dilated.shape[-1]),
        res=padded(padded(tensors["res.weight"][:, 0], 1), 2),
        skip=skip.reshape(config.layers // layers_per_skip, -1, skip.shape[-1]),
    )
    return matrices, padded(tensors["res.bias"], 1)


def _layers(config, matrices, scales, bias, input_inverse_scale, gate_inverse_scale, voices, scratch):
    lengths, width = _lookahead_lengths(config.dilations, matrices.dilated[0].nbytes), bias.shape[1]
    lookahead = lengths > 0
    ring_rows = (config.taps - 1) * config.dilations
    quantised, layers_per_skip = matrices.res.dtype == WEIGHT_DTYPE, config.layers // len(matrices.skip)
    activation, sums = (ACTIVATION_DTYPE, np.int32) if quantised else (np.float32, np.float32)
    history = np.zeros((voices * ring_rows.sum() + scratch, width), activation)
    gated = np.zeros((max_rows(voices), layers_per_skip * width), activation)
    return Layers(
        dilated=_pack_all(matrices.dilated, GATE_TILE_WIDTHS),
        old_taps=_pack_all(matrices.dilated[lookahead, :-width], TILE_WIDTHS),
        newest_tap=_pack_all(matrices.dilated[lookahead, -width:], GATE_TILE_WIDTHS),
        dilated_scale=scales.dilated,
        res=_pack_all(matrices.res, TILE_WIDTHS),
        res_scale=scales.res,
        res_bias=bias,
        skip=_pack_all(matrices.skip, TILE_WIDTHS),
        skip_scale=scales.skip,
        layers_per_skip=layers_per_skip,
        dilations=config.dilations,
        ring_starts=np.cumsum(ring_rows) - ring_rows,
        ring_masks=ring_rows - 1,
        lookahead_index=np.where(lookahead, np.cumsum(lookahead) - 1, -1),
        lookahead_lengths=lengths,
        lookahead_starts=np.cumsum(lengths) - lengths,
        ring_rows=int(ring_rows.sum()),
        lookahead_room=int(lengths.sum()),
        input_inverse_scale=input_inverse_scale,
        gate_inverse_scale=gate_inverse_scale,
        zero_point=ZERO_POINT if quantised else 0,
        history=history,
        own_history=history,
        lookahead=np.zeros((voices * lengths.sum(), 2 * width), sums),
        lookahead_age=np.full((voices, config.layers), -1),
        no_lookahead=np.zeros((1, 2 * width), sums),
        gated=gated,
        own_gated=gated,
    )


def is_far(layers: Layers) -> bool:
    """Whether its weights are too many for the near caches, so that reading them takes most of the time."""
    return layers.dilated[0].nbytes >= FAR_BYTES


def _lookahead_lengths(dilations, layer_bytes):
    """int64 (layers,): timesteps that are computed ahead; 0 where reading the weights anew takes less."""
    if layer_bytes < FAR_BYTES:
        return np.where(dilations >= LOOK_AHEAD, LOOK_AHEAD, 0)
    return np.where(dilations >= 2, np.minimum(dilations, LONGEST_LOOK_AHEAD), 0)


def _pack_all(matrices, widths):
    """(n, inputs, outputs) -> (n, inputs * outputs), n from 0 on."""
    rows = np.zeros((len(matrices), matrices.shape[1] * matrices.shape[2]), matrices.dtype)
    for row, matrix in zip(rows, matrices, strict=True):
        row[:] = pack_matrix(matrix, widths)
    return rows
