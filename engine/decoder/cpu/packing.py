"""Weights as the models store them -> the packed matrices that the kernels read."""

import math

import numpy as np

from common.smoothing import one_pole, remaining
from engine.decoder import LOUDNESS_MS
from engine.decoder.cpu.kernels.emit.tiles import UNROLL
from engine.decoder.cpu.kernels.layout import Network, noise_room
from engine.decoder.cpu.kernels.loops.products import packed
from engine.decoder.cpu.kernels.processor import LANES
from models.config import (
    GAIN_LOG_MAX,
    LOG_SCALE_MIN,
    MIDDLE_C_HZ,
    MU_MIXTURE,
    REFERENCE_LEVEL,
    WaveNetConfig,
    phase_offsets,
)
from models.excitation import MOTION_MS, RETURN_MS, STRAY_MS, noise_filters
from models.mulaw import HALF, mulaw_decode


def pack(config: WaveNetConfig, weights: dict[str, np.ndarray]) -> Network:
    """The decoder's weights, packed, but for those of the dilated layers (stack.py).

    weights : names and shapes of the torch state_dict, as a checkpoint has them
    """
    get = decoder_weights(weights)
    entry_bias = sum(get[name] for name in ("start.bias", "excitation.bias") if name in get)
    skip_bias = padded(get["skip_start.bias"] + get["skip.bias"].sum(0), 0)
    condition, condition_bias = _conditions(config, get)
    return Network(
        entry=_matrix(_entry(config, get)),
        skip_start=_matrix(get["skip_start.weight"][0]),
        unscaled=np.ones(padded(entry_bias, 0).shape, np.float32),
        entry_bias=padded(entry_bias, 0)[None],
        skip_bias=skip_bias[None],
        out1=_matrix(get["out1.weight"][0]),
        logits=_matrix(get["logits.weight"][0]),
        logits_bias=padded(get["logits.bias"], 0)[None],
        condition=packed(padded(condition, 0, UNROLL)),
        condition_bias=condition_bias[None],
        **_gains(config, get),
        wave=_wave(config),
        table=mulaw_decode(np.arange(-HALF, HALF)).astype(np.float32),
        taps=config.taps,
        inputs=config.inputs,
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
        wave_level=REFERENCE_LEVEL if config.direct else 0.0,
        rate=float(config.rate),
        tick=config.tick,
        tuning_hz=MIDDLE_C_HZ,
        harmonic_limit_hz=config.harmonic_limit_hz,
        gain_log_max=GAIN_LOG_MAX,
        log_scale_min=LOG_SCALE_MIN,
        mu=float(MU_MIXTURE),
        log_mu=math.log1p(MU_MIXTURE),
        loudness_step=one_pole(LOUDNESS_MS, config.rate),
        deviation_step=one_pole(MOTION_MS, config.rate),
        stray_keep=remaining(STRAY_MS, config.rate / config.tick),
        stray_return=remaining(RETURN_MS, config.rate / config.tick),
        emphasis=float(config.emphasis),
    )


def decoder_weights(weights):
    """The decoder's weights, without the prefix of their names."""
    return {
        name.removeprefix("decoder."): np.asarray(values, np.float32)
        for name, values in weights.items()
        if name.startswith("decoder.")
    }


def gates_in_pairs(array):
    """(..., 2 * width) -> (..., 2 R): 16 channels of the sigmoid half, 16 of the tanh half, and so on."""
    halves = padded(array.reshape(*array.shape[:-1], 2, -1), -1)
    vectors = halves.reshape(*halves.shape[:-1], -1, LANES)
    return np.ascontiguousarray(vectors.swapaxes(-3, -2)).reshape(*array.shape[:-1], -1)


def padded(array, axis, multiple=LANES):
    """The array with zeros at the end of an axis, up to a multiple."""
    widths = [(0, 0)] * array.ndim
    widths[axis] = (0, -array.shape[axis] % multiple)
    return np.ascontiguousarray(np.pad(array, widths))


def _matrix(matrix):
    """(in, out), padded and packed."""
    return packed(padded(padded(matrix, 0), 1))


def _entry(config, get):
    """(2 H + noise + taps * inputs, width). The phase offsets are folded in: kernels feed sin and cos of k phi alone.

    sin(p + o) = sin p cos o + cos p sin o; cos(p + o) = cos p cos o - sin p sin o
    """
    start = get["start.weight"].reshape(-1, config.width) if config.feedback else np.zeros((0, config.width))
    if not config.harmonics:
        return start
    excitation = get["excitation.weight"][0].astype(np.float64)
    sines, cosines, noise = np.split(excitation, [config.harmonics, 2 * config.harmonics])
    offsets = phase_offsets(config.harmonics)[:, None]
    turned = [
        padded(np.cos(offsets) * sines - np.sin(offsets) * cosines, 0),
        padded(np.sin(offsets) * sines + np.cos(offsets) * cosines, 0),
    ]
    return np.concatenate([*turned, noise, start]).astype(np.float32)


def _wave(config):
    """(2 H,): cos(p + o) by sin p and cos p."""
    offsets = phase_offsets(config.harmonics)
    return np.concatenate([padded(-np.sin(offsets), 0), padded(np.cos(offsets), 0)]).astype(np.float32)


def _gain_width(config):
    """Padded; 0 where nothing has gains."""
    width = config.gain_width or config.skip_width
    return -(-width // LANES) * LANES if config.harmonics else 0


def _gains(config, get):
    """gain2, gain2_bias and filters, for harmonics and bands of noise padded each by itself."""
    if not config.harmonics:
        nothing = np.zeros((1, 0), np.float32)
        return {"gain2": nothing[0], "gain2_bias": nothing, "filters": nothing[0]}

    def split(values):
        return np.concatenate([padded(part, -1) for part in np.split(values, [config.harmonics], -1)], -1)

    filters = np.zeros((-(-config.noise // LANES) * LANES, noise_room(config)), np.float32)
    if config.noise:
        own = noise_filters(config)
        filters[: config.noise, : own.shape[1]] = own
    return {
        "gain2": _matrix(split(get["gain2.weight"][0])),
        "gain2_bias": split(get["gain2.bias"])[None],
        "filters": packed(filters),
    }


def _conditions(config, get):
    """weights (conditions, columns), bias (columns,): the maps of every layer, of out1 and of gain1, side by side."""
    layers = gates_in_pairs(get["cond.weight"][:, 0]).swapaxes(0, 1).reshape(config.conditions, -1)
    layers_bias = gates_in_pairs(get["dilated.bias"] + get["cond.bias"]).reshape(-1)
    weights = [layers, padded(get["cond_out1.weight"][0], 1)]
    biases = [layers_bias, padded(get["out1.bias"] + get["cond_out1.bias"], 0)]
    if config.harmonics:
        weights.append(padded(get["gain1.weight"][0], 1))
        biases.append(padded(get["gain1.bias"], 0))
    return np.concatenate(weights, 1), np.concatenate(biases)
