"""What the loops of the additive decoder read and keep: named tuples of arrays, as numba takes them."""

from typing import NamedTuple

import numpy as np

from common.smoothing import one_pole, remaining
from engine.decoder.protocol import LOUDNESS_MS
from models.config import phase_offsets
from models.excitation import DETUNE_MS, DETUNE_PHASE_MS, MOTION_MS
from models.harmonic.bands import half_filters
from models.harmonic.config import PLACES, HarmonicConfig

FILTER_STEPS = 4  # in a tick: the filter of noise goes to its new taps in so many
GOLDEN = 0.6180339887498949  # its multiples, modulo 1, are the first phases of free partials: no two alike


class Net(NamedTuple):
    """Of one set of weights; nothing in it changes.

    gain1, gain2 : float32 (inputs, outputs); filters : float32 (bands, taps // 2 + 1)
    offsets : float32 (harmonics,) in turns
    detune_left, phase_left : share of the detuning, and of the phase it gathered, that is left after a tick
    """

    gain1: np.ndarray
    bias1: np.ndarray
    gain2: np.ndarray
    bias2: np.ndarray
    filters: np.ndarray
    offsets: np.ndarray
    rate: float
    tick: int
    timbre: int
    harmonics: int
    partials: int
    places: int
    free: int
    spread: int
    latent: int
    asked: int
    limit_hz: float
    detune_left: float
    phase_left: float
    motion_step: float
    loudness_step: float


class State(NamedTuple):
    """Of all slots, the first axis.

    gains, amplitudes : (slots, 2, n), of harmonics and free partials at the start and the end of the tick
    turned, turning : (slots, harmonics), turns beyond k times the fundamental's at the tick's start, and in a sample
    taps, taps_step : (slots, taps), of the filter of noise now, and its change at each of FILTER_STEPS
    white : (slots, taps - 1), the latest last; cycles : of the fundamental; cents : it is off the key by
    sounding : harmonics that do, the highest one's number
    """

    age: np.ndarray
    cycles: np.ndarray
    cents: np.ndarray
    loudness: np.ndarray
    sounding: np.ndarray
    gains: np.ndarray
    detune: np.ndarray
    detuned: np.ndarray
    turned: np.ndarray
    turning: np.ndarray
    ratios: np.ndarray
    phases: np.ndarray
    amplitudes: np.ndarray
    taps: np.ndarray
    taps_step: np.ndarray
    white: np.ndarray


class Work(NamedTuple):
    """Room to work in, for one voice."""

    heard: np.ndarray
    hidden: np.ndarray
    levels: np.ndarray
    taps: np.ndarray
    white: np.ndarray


def make_net(config: HarmonicConfig, weights) -> Net:
    """weights : the tensors of `models.checkpoints.layout.harmonic_shapes`"""

    def transposed(name):
        return np.ascontiguousarray(weights[f"{name}.weight"].T, np.float32)

    ticks = config.rate / config.tick
    return Net(
        gain1=transposed("gain1"),
        bias1=np.asarray(weights["gain1.bias"], np.float32),
        gain2=transposed("gain2"),
        bias2=np.asarray(weights["gain2.bias"], np.float32),
        filters=half_filters(config).astype(np.float32),
        offsets=(phase_offsets(config.harmonics) / (2 * np.pi)).astype(np.float32),
        rate=float(config.rate),
        tick=config.tick,
        timbre=config.timbre,
        harmonics=config.harmonics,
        partials=config.partials,
        places=PLACES,
        free=config.free.start,
        spread=config.spread,
        latent=config.latent,
        asked=config.asked,
        limit_hz=config.harmonic_limit_hz,
        detune_left=remaining(DETUNE_MS, ticks),
        phase_left=remaining(DETUNE_PHASE_MS, ticks),
        motion_step=one_pole(MOTION_MS, config.rate),
        loudness_step=one_pole(LOUDNESS_MS, config.rate),
    )


def make_state(net: Net, slots: int) -> State:
    """All of them silent, and never begun."""
    size = 2 * net.filters.shape[1] - 1
    harmonics, free = (slots, net.harmonics), (slots, net.partials * net.places)
    single, double = np.float32, np.float64
    return State(
        age=np.zeros(slots, np.int64),
        cycles=np.zeros(slots, double),
        cents=np.zeros(slots, double),
        loudness=np.zeros(slots, double),
        sounding=np.zeros(slots, np.int64),
        gains=np.zeros((slots, 2, net.harmonics), single),
        detune=np.zeros(harmonics, single),
        detuned=np.zeros(harmonics, single),
        turned=np.zeros(harmonics, single),
        turning=np.zeros(harmonics, single),
        ratios=np.ones(free, single),
        phases=np.zeros(free, single),
        amplitudes=np.zeros((slots, 2, net.partials * net.places), single),
        taps=np.zeros((slots, size), single),
        taps_step=np.zeros((slots, size), single),
        white=np.zeros((slots, size - 1), single),
    )


def make_work(net: Net) -> Work:
    """For one thread."""
    size = 2 * net.filters.shape[1] - 1
    width = net.gain1.shape[1]
    sizes = width, width, net.gain2.shape[1], size, size - 1 + net.tick
    return Work(*(np.zeros(each, np.float32) for each in sizes))


def reset(state: State, slots) -> None:
    """The next sample of these slots is the first of a note."""
    for part in state:
        part[slots] = 0
    state.ratios[slots] = 1
    state.phases[slots] = np.arange(state.phases.shape[1]) * GOLDEN % 1.0
