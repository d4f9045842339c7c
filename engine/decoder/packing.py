"""Weights as the models store them -> the padded tiles that the kernels read."""

import math

import numpy as np

from engine.decoder import LOUDNESS_MS
from engine.decoder.kernels.layout import TILE, Network
from models.config import (
    GAIN_LOG_MAX,
    HARMONIC_LIMIT_HZ,
    LOG_SCALE_MIN,
    MIDDLE_C_HZ,
    MU_MIXTURE,
    WaveNetConfig,
    phase_offsets,
)
from models.mulaw import HALF, mulaw_decode


def pack(config: WaveNetConfig, weights: dict[str, np.ndarray]) -> Network:
    """The decoder's weights in tiles. weights : names and shapes of the torch state_dict, as a checkpoint has them."""
    get = {name: np.asarray(weights[name], np.float32) for name in weights if name.startswith("decoder.")}
    get = {name.removeprefix("decoder."): values for name, values in get.items()}
    spans = (config.taps - 1) * config.dilations
    condition, condition_bias = _conditions(config, get)
    nothing = np.zeros((1, 0), np.float32)
    return Network(
        entry=tiles(_entry(config, get)),
        entry_bias=padded(get["start.bias"] + (get["harmonic.bias"] if config.harmonics else 0), 0),
        skip_start=tiles(get["skip_start.weight"][0]),
        skip_bias=padded(get["skip_start.bias"] + get["skip.bias"].sum(0), 0),
        dilated=np.stack([tiles(_dilated(layer)) for layer in get["dilated.weight"]]),
        res=np.stack([tiles(layer[0]) for layer in get["res.weight"]]),
        res_bias=padded(get["res.bias"], 1),
        skip=np.stack([tiles(layer[0]) for layer in get["skip.weight"]]),
        out1=tiles(get["out1.weight"][0]),
        logits=tiles(get["logits.weight"][0]),
        logits_bias=padded(get["logits.bias"], 0),
        condition=condition,
        condition_bias=condition_bias,
        gain2=get["gain2.weight"][0].copy() if config.harmonics else nothing,
        gain2_bias=get["gain2.bias"].copy() if config.harmonics else nothing[0],
        dilations=config.dilations,
        rings=np.cumsum(spans) - spans,
        table=mulaw_decode(np.arange(-HALF, HALF)).astype(np.float32),
        taps=config.taps,
        inputs=config.inputs,
        timbre=config.timbre,
        pitch=int(config.pitch),
        harmonics=config.harmonics,
        mixture=config.mixture,
        rate=float(config.rate),
        tuning_hz=MIDDLE_C_HZ,
        harmonic_limit_hz=HARMONIC_LIMIT_HZ,
        gain_log_max=GAIN_LOG_MAX,
        log_scale_min=LOG_SCALE_MIN,
        mu=float(MU_MIXTURE),
        gain_step=1 - math.exp(-1000 / (LOUDNESS_MS * config.rate)),
        emphasis=float(config.emphasis),
    )


def padded(array, axis):
    """The array with zeros at the end of an axis, up to a multiple of TILE."""
    widths = [(0, 0)] * array.ndim
    widths[axis] = (0, -array.shape[axis] % TILE)
    return np.ascontiguousarray(np.pad(array, widths))


def tiles(matrix):
    """(in, out) -> (out tiles, in tiles, TILE, TILE), padded with zeros."""
    matrix = padded(padded(matrix, 0), 1)
    blocks = matrix.reshape(matrix.shape[0] // TILE, TILE, matrix.shape[1] // TILE, TILE)
    return np.ascontiguousarray(blocks.transpose(2, 0, 1, 3))


def _entry(config, get):
    """(taps * inputs + 2 * harmonics, width). The harmonics' phase offsets are folded in: kernels feed sin, cos k phi.

    sin(p + o) = sin p cos o + cos p sin o; cos(p + o) = cos p cos o - sin p sin o
    """
    start = get["start.weight"].reshape(-1, config.width)
    if not config.harmonics:
        return start
    sines, cosines = np.split(get["harmonic.weight"][0].astype(np.float64), 2)
    offsets = phase_offsets(config.harmonics)[:, None]
    turned = [
        np.cos(offsets) * sines - np.sin(offsets) * cosines,
        np.sin(offsets) * sines + np.cos(offsets) * cosines,
    ]
    return np.concatenate([start, *turned]).astype(np.float32)


def _dilated(layer):
    """(taps, width, 2 * width) -> (taps * padded width, 2 * padded width): taps and halves padded one by one."""
    taps, width = layer.shape[:2]
    parts = padded(padded(layer.reshape(taps, width, 2, width), 1), 3)
    return parts.reshape(taps * parts.shape[1], -1)


def _conditions(config, get):
    """weights (conditions, columns), bias (columns,): the maps of every layer, of out1 and of gain1, side by side."""
    halves = (config.layers, -1, 2, config.width)
    layers = padded(get["cond.weight"].reshape(halves), 3)
    layers = layers.swapaxes(0, 1).reshape(config.conditions, -1)
    layers_bias = padded((get["dilated.bias"] + get["cond.bias"]).reshape(halves), 3).reshape(-1)
    weights = [layers, padded(get["cond_out1.weight"][0], 1)]
    biases = [layers_bias, padded(get["out1.bias"] + get["cond_out1.bias"], 0)]
    if config.harmonics:
        weights.append(get["gain1.weight"][0])
        biases.append(get["gain1.bias"])
    return np.concatenate(weights, 1), np.concatenate(biases)
