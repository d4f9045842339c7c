"""Every array that the kernels share, with its shape.

float32 unless said. R, S, E, O are the numbers of tiles of width, skip width, entry and outputs.
"""

from typing import NamedTuple

import numpy as np

TILE = 32  # channels of a tile: eight vectors of 128 bit, four of 256, two of 512
LANES = 4  # voices of a group


class Network(NamedTuple):
    """Weights in tiles, and the numbers that steer the loops."""

    entry: np.ndarray  # (R, E, 32, 32): past samples and harmonics -> width
    entry_bias: np.ndarray  # (R * 32,)
    skip_start: np.ndarray  # (S, R, 32, 32)
    skip_bias: np.ndarray  # (S * 32,): the sum of all biases of the skip path
    dilated: np.ndarray  # (layers, 2 R, taps * R, 32, 32), oldest tap first; sigmoid tiles first
    res: np.ndarray  # (layers, R, R, 32, 32)
    res_bias: np.ndarray  # (layers, R * 32)
    skip: np.ndarray  # (layers, S, R, 32, 32)
    out1: np.ndarray  # (S, S, 32, 32)
    logits: np.ndarray  # (O, S, 32, 32)
    logits_bias: np.ndarray  # (O * 32,)
    condition: np.ndarray  # (conditions, columns): the maps of all layers (layers * 2 R * 32), out1 (S * 32), gain1
    condition_bias: np.ndarray  # (columns,): with the biases of what they are added to
    gain2: np.ndarray  # (gain1's columns, harmonics)
    gain2_bias: np.ndarray  # (harmonics,)
    dilations: np.ndarray  # int64 (layers,)
    rings: np.ndarray  # int64 (layers,): first history row of each layer; its ring has (taps - 1) * dilation rows
    table: np.ndarray  # (256,): linear audio of each class
    taps: int
    inputs: int  # channels of the fed-back signal
    timbre: int  # latent channels that the network sees; one more is the loudness
    pitch: int  # 1: one-hot pitch among the conditions
    harmonics: int
    mixture: int  # logistics; 0: classes
    rate: float
    tuning_hz: float  # f0 whose octave is 0
    harmonic_limit_hz: float
    gain_log_max: float
    log_scale_min: float
    mu: float  # companding of the mixture's samples
    gain_step: float  # share of the way to the loudness gone in one sample
    emphasis: float  # of the signal that the network works on


class State(NamedTuple):
    """What a slot remembers between calls. A note begins with `age` and `heard` 0, whatever the rest holds."""

    age: np.ndarray  # int64 (slots,): samples since reset
    history: np.ndarray  # (slots, rows, R * 32): past inputs of every layer
    heard: np.ndarray  # (slots, taps): past samples as the network hears them, latest first
    phase: np.ndarray  # float64 (slots,): cycles of the fundamental, 0..1
    gain: np.ndarray  # float64 (slots,): smoothed loudness, linear
    audio: np.ndarray  # float64 (slots,): last sample given out


class Work(NamedTuple):
    """Scratch of one call. Rows are the call's voices, groups their fours."""

    held: np.ndarray  # (rows, columns of `condition`): what the latents alone contribute
    conditions: np.ndarray  # the same with pitch and octave
    amplitudes: np.ndarray  # (rows, harmonics)
    tuned_hz: np.ndarray  # (rows,): f0 that `conditions` and `amplitudes` hold for
    entries: np.ndarray  # (rows, E * 32)
    outputs: np.ndarray  # (rows, O * 32)
    entry: np.ndarray  # (E, lanes, 32)
    x: np.ndarray  # (groups, R, lanes, 32): the residual path
    sums: np.ndarray  # (groups, S, lanes, 32): the skip path
    past: np.ndarray  # (taps * R, lanes, 32): a layer's taps, oldest first
    gates: np.ndarray  # (2 R, lanes, 32)
    gated: np.ndarray  # (R, lanes, 32)
    hidden: np.ndarray  # (S, lanes, 32)
    final: np.ndarray  # (O, lanes, 32)


class Block(NamedTuple):
    """Arguments and results of one call, contiguous; only the first voices and samples count."""

    slots: np.ndarray  # int64 (rows,)
    latents: np.ndarray  # (rows, latent)
    f0_hz: np.ndarray  # (rows, samples)
    temperature: np.ndarray  # (rows,)
    uniforms: np.ndarray  # (rows, samples)
    audio: np.ndarray  # (rows, samples): linear audio; `score` reads the samples heard here
