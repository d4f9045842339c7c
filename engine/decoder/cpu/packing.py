"""Weights as the models store them -> the packed matrices that the kernels read."""

import math

import numpy as np

from common.smoothing import one_pole, remaining
from engine.decoder.cpu.kernels.emit.tiles import UNROLL
from engine.decoder.cpu.kernels.layout import Network, noise_room
from engine.decoder.cpu.kernels.loops.products import pack_matrix
from engine.decoder.cpu.kernels.processor import LANES
from engine.decoder.protocol import LOUDNESS_MS
from models.config import (
    GAIN_LOG_MAX,
    LOG_SCALE_MIN,
    MIDDLE_C_HZ,
    MU_MIXTURE,
    REFERENCE_LEVEL,
    WaveNetConfig,
    phase_offsets,
)
from models.excitation import DETUNE_MS, DETUNE_PHASE_MS, MOTION_MS, noise_filters
from models.mulaw import HALF, mulaw_decode


def pack(config: WaveNetConfig, weights: dict[str, np.ndarray]) -> Network:
    """The decoder's weights, packed, but for those of the dilated layers (stack.py).

    weights : names and shapes of the torch state_dict, as a checkpoint has them
    """
    tensors = decoder_weights(weights)
    input_biases = (tensors[name] for name in ("start.bias", "excitation.bias") if name in tensors)
    input_bias = sum(input_biases, start=np.zeros(config.width, np.float32))
    skip_bias = padded(tensors["skip_start.bias"] + tensors["skip.bias"].sum(0), 0)
    condition, condition_bias = _conditions(config, tensors)
    return Network(
        input_projection=_matrix(_input_projection(config, tensors)),
        skip_start=_matrix(tensors["skip_start.weight"][0]),
        unit_scale=np.ones(padded(input_bias, 0).shape, np.float32),
        input_bias=padded(input_bias, 0)[None],
        skip_bias=skip_bias[None],
        out1=_matrix(tensors["out1.weight"][0]),
        logits=_matrix(tensors["logits.weight"][0]),
        logits_bias=padded(tensors["logits.bias"], 0)[None],
        condition=pack_matrix(padded(condition, 0, UNROLL)),
        condition_bias=condition_bias[None],
        **_gains(config, tensors),
        direct_weights=_direct_weights(config),
        mulaw_table=mulaw_decode(np.arange(-HALF, HALF)).astype(np.float32),
        taps=config.taps,
        feedback_channels=config.inputs,
        gain_width=_gain_width(config),
        timbre=config.timbre,
        motion=int(config.motion),
        spread=config.spread,
        deviation=config.deviation,
        stretch=config.stretch,
        loudness=int(config.loudness),
        pitch=int(config.pitch),
        harmonics=config.harmonics,
        noise=config.noise,
        mixture=config.mixture,
        direct_level=REFERENCE_LEVEL if config.direct else 0.0,
        rate=float(config.rate),
        tick=config.tick,
        reference_hz=MIDDLE_C_HZ,
        harmonic_limit_hz=config.harmonic_limit_hz,
        gain_log_max=GAIN_LOG_MAX,
        log_scale_min=LOG_SCALE_MIN,
        mu=float(MU_MIXTURE),
        log_mu=math.log1p(MU_MIXTURE),
        loudness_coefficient=one_pole(LOUDNESS_MS, config.rate),
        deviation_coefficient=one_pole(MOTION_MS, config.rate),
        detune_decay=remaining(DETUNE_MS, config.rate / config.tick),
        detune_phase_decay=remaining(DETUNE_PHASE_MS, config.rate / config.tick),
        emphasis=float(config.emphasis),
    )


def decoder_weights(weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The decoder's weights, without the prefix of their names."""
    return {
        name.removeprefix("decoder."): np.asarray(values, np.float32)
        for name, values in weights.items()
        if name.startswith("decoder.")
    }


def interleave_gates(array: np.ndarray) -> np.ndarray:
    """(..., 2 * width) -> (..., 2 R): 16 channels of the sigmoid half, 16 of the tanh half, and so on."""
    halves = padded(array.reshape(*array.shape[:-1], 2, -1), -1)
    vectors = halves.reshape(*halves.shape[:-1], -1, LANES)
    return np.ascontiguousarray(vectors.swapaxes(-3, -2)).reshape(*array.shape[:-1], -1)


def padded(array: np.ndarray, axis: int, multiple: int = LANES) -> np.ndarray:
    """The array with zeros at the end of an axis, up to a multiple."""
    widths = [(0, 0)] * array.ndim
    widths[axis] = (0, -array.shape[axis] % multiple)
    return np.ascontiguousarray(np.pad(array, widths))


def _matrix(matrix):
    """(in, out), padded and packed."""
    return pack_matrix(padded(padded(matrix, 0), 1))


def _input_projection(config, tensors):
    """(2 H + noise + taps * inputs, width). The phase offsets are folded in: kernels feed sin and cos of k phi alone.

    sin(p + o) = sin p cos o + cos p sin o; cos(p + o) = cos p cos o - sin p sin o
    """
    start = tensors["start.weight"].reshape(-1, config.width) if config.feedback else np.zeros((0, config.width))
    if not config.harmonics:
        return start
    excitation = tensors["excitation.weight"][0].astype(np.float64)
    sines, cosines, noise = np.split(excitation, [config.harmonics, 2 * config.harmonics])
    offsets = phase_offsets(config.harmonics)[:, None]
    rotated = [
        padded(np.cos(offsets) * sines - np.sin(offsets) * cosines, 0),
        padded(np.sin(offsets) * sines + np.cos(offsets) * cosines, 0),
    ]
    return np.concatenate([*rotated, noise, start]).astype(np.float32)


def _direct_weights(config):
    """(2 H,): cos(p + o) by sin p and cos p."""
    offsets = phase_offsets(config.harmonics)
    return np.concatenate([padded(-np.sin(offsets), 0), padded(np.cos(offsets), 0)]).astype(np.float32)


def _gain_width(config):
    """Padded; 0 where nothing has gains."""
    width = config.gain_width or config.skip_width
    return -(-width // LANES) * LANES if config.harmonics else 0


def _gains(config, tensors):
    """gain2, gain2_bias and noise_filters, for harmonics and bands of noise padded each by itself."""
    if not config.harmonics:
        empty = np.zeros((1, 0), np.float32)
        return {"gain2": empty[0], "gain2_bias": empty, "noise_filters": empty[0]}

    def split(values):
        return np.concatenate([padded(part, -1) for part in np.split(values, [config.harmonics], -1)], -1)

    filters = np.zeros((-(-config.noise // LANES) * LANES, noise_room(config)), np.float32)
    if config.noise:
        own = noise_filters(config)
        filters[: config.noise, : own.shape[1]] = own
    return {
        "gain2": _matrix(split(tensors["gain2.weight"][0])),
        "gain2_bias": split(tensors["gain2.bias"])[None],
        "noise_filters": pack_matrix(filters),
    }


def _conditions(config, tensors):
    """weights (conditions, columns), bias (columns,): the maps of every layer, of out1 and of gain1, side by side."""
    layers = interleave_gates(tensors["cond.weight"][:, 0]).swapaxes(0, 1).reshape(config.conditions, -1)
    layers_bias = interleave_gates(tensors["dilated.bias"] + tensors["cond.bias"]).reshape(-1)
    weights = [layers, padded(tensors["cond_out1.weight"][0], 1)]
    biases = [layers_bias, padded(tensors["out1.bias"] + tensors["cond_out1.bias"], 0)]
    if config.harmonics:
        weights.append(padded(tensors["gain1.weight"][0], 1))
        biases.append(padded(tensors["gain1.bias"], 0))
    return np.concatenate(weights, 1), np.concatenate(biases)
