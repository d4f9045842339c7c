"""Every array that the kernels share, with its shape.

float32 unless said. R, S, E, O, G, H, B are the channels of width, skip width, entry, outputs, the gains' hidden layer,
harmonics and bands of noise, N the taps of a band's filter, all padded with zeros to whole vectors (E: to four).
Matrices are packed (products.py).
"""

from typing import NamedTuple

import numpy as np

from engine.decoder.cpu.kernels.processor import LANES
from models.excitation import noise_taps

AHEAD = 8  # moments for which the old taps of a layer are multiplied in one go
MOMENTS = 32  # rows that fill the network where no sample is fed back: the next moments of few voices


def most_rows(voices):
    """Of a call: its voices, or the next moments of fewer."""
    return max(voices, MOMENTS)


def noise_room(config):
    """Taps of the noise filter, padded to whole vectors."""
    return -(-noise_taps(config) // LANES) * LANES


def aligned(fields):
    """The same NamedTuple with its arrays on cache lines of 64 bytes: a vector across two of them costs twice."""
    return type(fields)(*(aligned_array(field) if isinstance(field, np.ndarray) else field for field in fields))


def aligned_array(array):
    """A copy on a cache line."""
    memory = np.zeros(array.nbytes + 64, np.uint8)
    first = -memory.ctypes.data % 64
    copy = memory[first : first + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


class Network(NamedTuple):
    """Weights, and the numbers that steer the loops."""

    entry: np.ndarray  # E x R: sines, cosines, noise, past samples -> width
    skip_start: np.ndarray  # R x S
    unscaled: np.ndarray  # (R,): ones
    entry_bias: np.ndarray  # (1, R)
    skip_bias: np.ndarray  # (1, S): the sum of all biases of the skip path
    out1: np.ndarray  # S x S
    logits: np.ndarray  # S x O
    logits_bias: np.ndarray  # (1, O)
    condition: np.ndarray  # conditions x columns: the maps of all layers (layers * 2 R), out1 (S), gain1 (G)
    condition_bias: np.ndarray  # (1, columns): with the biases of what they are added to
    gain2: np.ndarray  # G x (H + B)
    gain2_bias: np.ndarray  # (1, H + B)
    filters: np.ndarray  # B x N: the noise of each band from white noise
    wave: np.ndarray  # (2 H,): what the sines and cosines that enter are worth in the excitation's own wave
    table: np.ndarray  # (256,): linear audio of each class
    taps: int
    inputs: int  # channels of the fed-back signal
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
    wave_level: float  # of the excitation's own wave, about which the means stand; 0: about nothing
    rate: float
    tick: int  # samples, a power of two
    tuning_hz: float  # f0 whose octave is 0
    harmonic_limit_hz: float
    gain_log_max: float
    log_scale_min: float
    mu: float  # companding of the mixture's samples
    log_mu: float  # ln(1 + mu)
    loudness_step: float  # share of the way to the loudness gone in one sample
    deviation_step: float  # the same of the deviation
    stray_keep: float  # share of a harmonic's straying that is left a tick later
    stray_return: float  # and of the phase that it has strayed by
    emphasis: float  # of the signal that the network works on


class Layers(NamedTuple):
    """The dilated layers: their weights, what they remember, and scratch, in one of two precisions.

    W, A, Z are the types of weights, activations and sums: float32 all, or small whole numbers (arithmetic.py), with
    a float32 scale for each output. Outputs of `dilated`: 16 of the sigmoid, 16 of the tanh, and so on.
    """

    dilated: np.ndarray  # W (layers, taps R x 2 R), oldest tap first
    old: np.ndarray  # W (far layers, (taps - 1) R x 2 R): the same without the newest tap
    current: np.ndarray  # W (far layers, R x 2 R): the newest tap alone
    dilated_scale: np.ndarray  # (layers, 2 R)
    res: np.ndarray  # W (layers, R x R)
    res_scale: np.ndarray  # (layers, R)
    res_bias: np.ndarray  # (layers, R)
    skip: np.ndarray  # W (layers / together, together R x S)
    skip_scale: np.ndarray  # (layers / together, S)
    together: int  # layers whose gates go to the skip path in one go
    dilations: np.ndarray  # int64 (layers,)
    rings: np.ndarray  # int64 (layers,): first history row of each layer
    wraps: np.ndarray  # int64 (layers,): rows of its ring, a power of two, less one
    far: np.ndarray  # int64 (layers,): place in `ahead` of layers with a dilation of at least AHEAD; else -1
    ring_rows: int  # of one voice
    far_layers: int
    sharpness: np.ndarray  # (layers,): activations per unit of each layer's input
    gate_sharpness: np.ndarray  # (1,): the same of what leaves a gate
    rest: int  # the activation that stands for zero
    history: np.ndarray  # A (slots * rows + scratch, R): past inputs of every layer, in rings; then new ones
    ahead: np.ndarray  # Z (slots * AHEAD * far layers, 2 R): sums of the old taps, for these moments
    foreseen: np.ndarray  # int64 (slots,): first of these moments; -1: none
    nothing: np.ndarray  # Z (1, 2 R)
    gated: np.ndarray  # A (rows of the call, together R): what left the gates


class State(NamedTuple):
    """What a slot remembers between calls. A note begins with zeros."""

    age: np.ndarray  # int64 (slots,): samples since reset
    heard: np.ndarray  # (slots, taps): past samples as the network hears them, latest first
    tick_hz: np.ndarray  # (slots,): f0 at the last tick
    cycles: np.ndarray  # float64 (slots,): phase of the fundamental, 0..1
    deviation_cents: np.ndarray  # float64 (slots,): smoothed
    stray: np.ndarray  # float64 (slots, harmonics): of each harmonic now, in units of the spread
    turned: np.ndarray  # float64 (slots, harmonics): cycles that each will have strayed at the end of the tick
    gone: np.ndarray  # float64 (slots, harmonics): cycles, 0..1, beyond its multiple of the fundamental by then
    phasors: np.ndarray  # (slots, 4, H): e^(i angle) of both, real and imaginary, at the tick's start and end
    gains: np.ndarray  # (slots, 2, H): of the harmonics at the tick's start and end
    white: np.ndarray  # (slots, N + tick): past white noise; it grows downwards, newest first
    gain: np.ndarray  # float64 (slots,): smoothed loudness, linear
    audio: np.ndarray  # float64 (slots,): last sample given out


class Work(NamedTuple):
    """Scratch of one call; its rows are voices, or moments of them."""

    loud: np.ndarray  # float64 (rows,): loudness that each voice goes to, linear
    given: np.ndarray  # (rows, conditions)
    conditions: np.ndarray  # (rows, columns of `condition`)
    gains: np.ndarray  # (rows, H + B): that the conditioning of this tick asks for
    noise_taps: np.ndarray  # (rows, N): the bands' filters, weighted with their gains
    entries: np.ndarray  # (rows, E)
    wave: np.ndarray  # (rows,): the excitation's own wave
    stream: np.ndarray  # (rows, R): the residual path
    skip: np.ndarray  # (rows, S): the skip path
    hidden: np.ndarray  # (rows, S)
    outputs: np.ndarray  # (rows, O)
    sums: np.ndarray  # (O / 16,): of every 16 likelihoods
    zeros: np.ndarray  # (1, widest)
    each: np.ndarray  # int64 (rows,): 0, 1, 2 ...
    none: np.ndarray  # int64 (rows,): 0, 0, 0 ...: one row for all
    owner: np.ndarray  # int64 (rows,): the voice of each row
    bases: np.ndarray  # int64 (rows,): first row of `Layers.history` that is the voice's
    ages: np.ndarray  # int64 (rows,): samples since the voice began
    since: np.ndarray  # int64 (rows,): moments of the voice in this step before this row's
    tuned: np.ndarray  # int64 (rows,): voices whose conditioning is being renewed
    newest: np.ndarray  # int64 (rows,): where `Layers.history` holds the new input of the current layer
    places: np.ndarray  # int64 (2, (taps + 1) * rows): where it holds those of all taps, and is to keep the new one;
    # for this layer and the next
    ahead: np.ndarray  # int64 (rows,): where `Layers.ahead` holds what was known before
    then: np.ndarray  # int64 (taps * AHEAD,): rows of `history`
    moments: np.ndarray  # int64 (AHEAD,): rows of `ahead`


class Block(NamedTuple):
    """Arguments and results of one call, contiguous; only the first voices and samples count."""

    slots: np.ndarray  # int64 (rows,)
    latents: np.ndarray  # (rows, latent)
    f0_hz: np.ndarray  # (rows, samples)
    temperature: np.ndarray  # (rows,)
    uniforms: np.ndarray  # (rows, samples)
    audio: np.ndarray  # (rows, samples): linear audio; `score` reads the samples heard here
