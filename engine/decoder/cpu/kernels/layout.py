"""Every array that the kernels share, with its shape.

float32 unless said. R, S, E, O, G, H, B are the channels of width, skip width, network inputs, outputs, the gains'
hidden layer, harmonics and bands of noise, N the taps of a band's filter, all padded with zeros to whole vectors
(conditions: to four). Matrices are packed (products.py).
"""

from typing import NamedTuple, TypeVar

import numpy as np

from engine.decoder.cpu.kernels.processor import LANES
from models.config import WaveNetConfig
from models.excitation import noise_taps

LONGEST_LOOK_AHEAD = 16  # most timesteps for which the old taps of a layer are multiplied in one go
PARALLEL_TIMESTEPS = 32  # rows that fill the network where no sample is fed back: the next timesteps of few voices

Fields = TypeVar("Fields", bound=tuple)


def max_rows(voices: int) -> int:
    """Of a call: its voices, or the next timesteps of fewer."""
    return max(voices, PARALLEL_TIMESTEPS)


def noise_room(config: WaveNetConfig) -> int:
    """Taps of the noise filter, padded to whole vectors."""
    return -(-noise_taps(config) // LANES) * LANES


def aligned(fields: Fields) -> Fields:
    """The same NamedTuple with its arrays on cache lines of 64 bytes: a vector across two of them costs twice."""
    return type(fields)(*(aligned_array(field) if isinstance(field, np.ndarray) else field for field in fields))


def aligned_array(array: np.ndarray) -> np.ndarray:
    """A copy on a cache line."""
    memory = np.zeros(array.nbytes + 64, np.uint8)
    first = -memory.ctypes.data % 64
    copy = memory[first : first + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


class Network(NamedTuple):
    """Weights, and the numbers that steer the loops."""

    input_projection: np.ndarray  # E x R: sines, cosines, noise, past samples -> width
    skip_start: np.ndarray  # R x S
    unit_scale: np.ndarray  # (R,): ones
    input_bias: np.ndarray  # (1, R)
    skip_bias: np.ndarray  # (1, S): the sum of all biases of the skip path
    out1: np.ndarray  # S x S
    logits: np.ndarray  # S x O
    logits_bias: np.ndarray  # (1, O)
    condition: np.ndarray  # conditions x columns: the maps of all layers (layers * 2 R), out1 (S), gain1 (G)
    condition_bias: np.ndarray  # (1, columns): with the biases of what they are added to
    gain2: np.ndarray  # G x (H + B)
    gain2_bias: np.ndarray  # (1, H + B)
    noise_filters: np.ndarray  # B x N: the noise of each band from white noise
    direct_weights: np.ndarray  # (2 H,): what the sines and cosines that enter are worth in the excitation's own wave
    mulaw_table: np.ndarray  # (256,): linear audio of each class
    taps: int
    feedback_channels: int  # of the fed-back signal; 0: no sample is fed back
    gain_width: int  # G
    timbre: int  # latent channels that the network sees
    motion: int  # 1: three more: by how many cents harmonics stray and the note is off its key, and how it is stretched
    spread: int  # the latent channels of these three
    deviation: int
    stretch: int
    loudness: int  # 1: one more
    pitch: int  # 1: one-hot pitch among the conditions
    harmonics: int
    noise: int  # bands
    mixture: int  # logistics; 0: classes
    direct_level: float  # of the excitation's own wave, about which the means stand; 0: about nothing
    rate: float
    tick: int  # samples, a power of two
    reference_hz: float  # f0 whose octave is 0
    harmonic_limit_hz: float
    gain_log_max: float
    log_scale_min: float
    mu: float  # companding of the mixture's samples
    log_mu: float  # ln(1 + mu)
    loudness_coefficient: float  # of the one-pole towards the loudness: share of the way gone in one sample
    deviation_coefficient: float  # the same of the deviation
    detune_decay: float  # share of a harmonic's random detuning that is left a tick later
    detune_phase_decay: float  # and of the phase that it has gathered by it
    emphasis: float  # of the signal that the network works on


class Layers(NamedTuple):
    """The dilated layers: their weights, what they remember, and scratch, in one of two precisions.

    W, A, Z are the types of weights, activations and sums: float32 all, or int8 with int32 sums (arithmetic.py) and
    a float32 scale for each output. Outputs of `dilated`: 16 of the sigmoid, 16 of the tanh, and so on.

    Where cores share the outputs of every layer (../shares.py), weights, scales, biases, sums and `own_` are views of
    one core's outputs. With one core for a voice `own_history` is `history`, and `own_gated` is `gated`.
    """

    dilated: np.ndarray  # W (layers, taps R x 2 R), oldest tap first
    old_taps: np.ndarray  # W (lookahead layers, (taps - 1) R x 2 R): the same without the newest tap
    newest_tap: np.ndarray  # W (lookahead layers, R x 2 R): the newest tap alone
    dilated_scale: np.ndarray  # (layers, 2 R)
    res: np.ndarray  # W (layers, R x R)
    res_scale: np.ndarray  # (layers, R)
    res_bias: np.ndarray  # (layers, R)
    skip: np.ndarray  # W (groups, layers_per_skip R x S)
    skip_scale: np.ndarray  # (groups, S)
    layers_per_skip: int  # layers of a group: their gates go to the skip path in one product
    dilations: np.ndarray  # int64 (layers,)
    ring_starts: np.ndarray  # int64 (layers,): first history row of each layer
    ring_masks: np.ndarray  # int64 (layers,): rows of its ring, a power of two, less one
    lookahead_index: np.ndarray  # int64 (layers,): place in `old_taps`; -1 where nothing is computed ahead
    lookahead_lengths: np.ndarray  # int64 (layers,): timesteps, a power of two, at most the dilation; 0: none
    lookahead_starts: np.ndarray  # int64 (layers,): first of a slot's rows of `lookahead` that is the layer's
    ring_rows: int  # of one voice
    lookahead_room: int  # rows of `lookahead` of one slot
    input_inverse_scale: np.ndarray  # (layers,): what each layer's input is multiplied with to be quantised
    gate_inverse_scale: np.ndarray  # (1,): the same of what leaves a gate
    zero_point: int  # the activation that stands for zero
    history: np.ndarray  # A (slots * ring_rows + scratch, R): past inputs of every layer, in rings; then new ones
    own_history: np.ndarray  # A (the same, R)
    lookahead: np.ndarray  # Z (slots * lookahead_room, 2 R): sums of the old taps, precomputed
    lookahead_age: np.ndarray  # int64 (slots, layers): age at the first of these timesteps; -1: none
    no_lookahead: np.ndarray  # Z (1, 2 R): zeros
    gated: np.ndarray  # A (rows of the call, layers_per_skip R): what left the gates
    own_gated: np.ndarray  # A (the same, from this core's first on)


class State(NamedTuple):
    """What a slot remembers between calls. A note begins with zeros."""

    age: np.ndarray  # int64 (slots,): samples since reset
    past_samples: np.ndarray  # (slots, taps): past samples as the network hears them, latest first
    tick_hz: np.ndarray  # (slots,): f0 at the last tick
    cycles: np.ndarray  # float64 (slots,): phase of the fundamental, 0..1
    deviation_cents: np.ndarray  # float64 (slots,): smoothed
    detune: np.ndarray  # float64 (slots, harmonics): random, of each harmonic now, in units of the spread
    detune_phase: np.ndarray  # float64 (slots, harmonics): cycles that this will have made by the end of the tick
    inharmonic_phase: np.ndarray  # float64 (slots, harmonics): cycles, 0..1, by then beyond k times the fundamental's
    phasors: np.ndarray  # (slots, 4, H): e^(i angle) of both, real and imaginary, at the tick's start and end
    gains: np.ndarray  # (slots, 2, H): of the harmonics at the tick's start and end
    white_noise: np.ndarray  # (slots, N + tick): past white noise; it grows downwards, newest first
    loudness_gain: np.ndarray  # float64 (slots,): smoothed loudness, linear
    last_audio: np.ndarray  # float64 (slots,): last sample given out


class Work(NamedTuple):
    """Scratch of one call; its rows are voices, or timesteps of them. `own_` as in Layers."""

    core: int  # which of those that share the outputs of every layer; 0 does alone what is not shared
    team: int  # how many share them
    arrivals: np.ndarray  # int64 (team, 8): how often each has come to where it waits for the others

    loudness_target: np.ndarray  # float64 (rows,): gain that each voice goes to, linear
    condition_inputs: np.ndarray  # (rows, conditions)
    conditions: np.ndarray  # (rows, columns of `condition`)
    gains: np.ndarray  # (rows, H + B): that the conditioning of this tick asks for
    noise_taps: np.ndarray  # (rows, N): the bands' filters, weighted with their gains
    network_inputs: np.ndarray  # (rows, E)
    direct: np.ndarray  # (rows,): the excitation's own wave
    own_conditions: np.ndarray  # (rows, the same from this core's first on)
    residual: np.ndarray  # (rows, R): the residual path
    own_residual: np.ndarray
    skip: np.ndarray  # (rows, S): the skip path
    own_skip: np.ndarray
    hidden: np.ndarray  # (rows, S)
    outputs: np.ndarray  # (rows, O)
    partial_sums: np.ndarray  # (O / 16,): of every 16 terms of the softmax
    zeros: np.ndarray  # (1, widest)
    each_row: np.ndarray  # int64 (rows,): 0, 1, 2 ...
    first_row: np.ndarray  # int64 (rows,): 0, 0, 0 ...: one row for all
    voice_of_row: np.ndarray  # int64 (rows,): the voice of each row
    ring_bases: np.ndarray  # int64 (rows,): first row of `Layers.history` that is the voice's
    row_ages: np.ndarray  # int64 (rows,): samples since the voice began
    row_timesteps: np.ndarray  # int64 (rows,): timesteps of the voice in this call before this row's
    due_rows: np.ndarray  # int64 (rows,): voices whose conditioning is due
    newest_rows: np.ndarray  # int64 (rows,): where `Layers.history` holds the new input of the current layer
    tap_rows: np.ndarray  # int64 (2, (taps + 1) * rows): where it holds those of all taps, and is to keep the new one;
    # for this layer and the next
    lookahead_rows: np.ndarray  # int64 (rows,): where `Layers.lookahead` holds what was precomputed
    lookahead_inputs: np.ndarray  # int64 (taps * LONGEST_LOOK_AHEAD,): rows of `Layers.history` to precompute from
    lookahead_outputs: np.ndarray  # int64 (LONGEST_LOOK_AHEAD,): rows of `Layers.lookahead` to fill


class Block(NamedTuple):
    """Arguments and results of one call, contiguous; only the first voices and samples count."""

    slots: np.ndarray  # int64 (rows,)
    latents: np.ndarray  # (rows, latent)
    f0_hz: np.ndarray  # (rows, samples)
    temperature: np.ndarray  # (rows,)
    uniforms: np.ndarray  # (rows, samples)
    audio: np.ndarray  # (rows, samples): linear audio; `score` reads the samples heard here
