"""A tick begins: the network says how loud every harmonic and every band is, and all that moves gets a new aim."""

import math

import numpy as np
from numba import njit

from engine.decoder.additive.state import FILTER_STEPS
from models.config import GAIN_LOG_MAX, MIDDLE_C_HZ, REFERENCE_LEVEL
from models.excitation import CENTS
from models.harmonic.config import PARTIAL

_LOUDEST = GAIN_LOG_MAX + 1.0  # ln of a level with its detail
_REFERENCE = np.float32(REFERENCE_LEVEL)
_CENT = float(CENTS)
_SILENT = np.float32(5e-4)  # a free partial below it is not there
_BYTES_VARIANCE = 4 * (256**2 - 1) / 12  # of the sum of four bytes
_WORD = np.uint64(0xFFFFFFFF)


@njit(cache=True, nogil=True, fastmath=True)
def begin_tick(net, state, work, slot, row, f0_hz, uniform):
    """row : float32 (latent or more,), see HarmonicConfig.mixed; uniform : of the tick's first sample"""
    _find_levels(net, work, row, f0_hz)
    fresh = state.age[slot] == 0
    _aim_harmonics(net, state, work.levels, slot, row[net.spread + 2], f0_hz, fresh)
    _detune(net, state, slot, row[net.spread], row[net.spread + 2], f0_hz, uniform, fresh)
    _aim_noise(net, state, work, slot, fresh)
    for place in range(net.places):
        first = net.free if place == 0 else net.latent + (place - 1) * PARTIAL * net.partials
        if first < row.size:
            _aim_partials(
                net, state, slot, place * net.partials, row[first : first + PARTIAL * net.partials], f0_hz, fresh
            )


@njit(cache=True, nogil=True, fastmath=True)
def _find_levels(net, work, row, f0_hz):
    """work.levels : natural logarithms, with the detail."""
    hidden, levels = work.hidden, work.levels
    octave = np.float32(0.5 * math.log2(f0_hz / MIDDLE_C_HZ))
    hidden[:] = net.bias1
    for i in range(net.timbre + 1):
        value = row[i] if i < net.timbre else octave
        for j in range(hidden.size):
            hidden[j] += value * net.gain1[i, j]
    levels[:] = net.bias2
    for i in range(hidden.size):
        value = hidden[i]
        if value > 0:
            for j in range(levels.size):
                levels[j] += value * net.gain2[i, j]
    for j in range(levels.size):
        level = min(levels[j], np.float32(GAIN_LOG_MAX)) + row[net.timbre + j]
        levels[j] = min(level, np.float32(_LOUDEST))


@njit(cache=True, nogil=True)
def _aim_harmonics(net, state, levels, slot, stretch, f0_hz, fresh):
    """Those that lie beyond the limit are silent at the end of the tick."""
    gains, count = state.gains[slot], 0
    for i in range(net.harmonics):
        gains[0, i] = gains[1, i]
        audible = f0_hz * _stretched(i + 1, stretch) < net.limit_hz
        gains[1, i] = _REFERENCE * math.exp(levels[i]) if audible else np.float32(0.0)
        if fresh:
            gains[0, i] = gains[1, i]
        if gains[0, i] != 0 or gains[1, i] != 0:
            count = i + 1
    state.sounding[slot] = count


@njit(cache=True, nogil=True)
def _stretched(k, stretch):
    stiff = stretch * 1e-6
    return k * math.sqrt((1 + stiff * k * k) / (1 + stiff))


@njit(cache=True, nogil=True)
def _detune(net, state, slot, spread_cents, stretch, f0_hz, uniform, fresh):
    """Every harmonic takes a new random detuning, near its last one, beside that of its stretching."""
    left = 0.0 if fresh else net.detune_left
    new, seconds = math.sqrt(1 - left * left), net.tick / net.rate
    seed = np.uint64(int(uniform * 2**24))
    for i in range(net.harmonics):
        k = i + 1
        turned = state.turned[slot, i] + net.tick * state.turning[slot, i]
        state.turned[slot, i] = turned - math.floor(turned)
        detune = left * state.detune[slot, i] + new * _normal(seed, k)
        state.detune[slot, i] = detune
        before = state.detuned[slot, i]
        after = net.phase_left * before + seconds * k * f0_hz * spread_cents * _CENT * detune
        state.detuned[slot, i] = after
        inharmonic = seconds * f0_hz * (_stretched(k, stretch) - k)
        state.turning[slot, i] = (after - before + inharmonic) / net.tick


@njit(cache=True, nogil=True)
def _normal(seed, number):
    """See models.excitation.normals. number : from 1"""
    x = (seed + np.uint64(0x9E3779B9) * np.uint64(number)) & _WORD
    x = ((x ^ (x >> np.uint64(16))) * np.uint64(0x85EBCA6B)) & _WORD
    x = ((x ^ (x >> np.uint64(13))) * np.uint64(0xC2B2AE35)) & _WORD
    x ^= x >> np.uint64(16)
    total = (x & np.uint64(255)) + (x >> np.uint64(8) & np.uint64(255))
    total += (x >> np.uint64(16) & np.uint64(255)) + (x >> np.uint64(24))
    return (float(total) - 510.0) / math.sqrt(_BYTES_VARIANCE)


@njit(cache=True, nogil=True, fastmath=True)
def _aim_noise(net, state, work, slot, fresh):
    """The filter goes on from where it is."""
    half, wanted = net.filters.shape[1], work.taps
    wanted[half - 1 :] = 0
    for band in range(net.filters.shape[0]):
        level = _REFERENCE * np.float32(math.exp(work.levels[net.harmonics + band]))
        for j in range(half):
            wanted[half - 1 + j] += level * net.filters[band, j]
    for j in range(1, half):
        wanted[half - 1 - j] = wanted[half - 1 + j]
    taps, step = state.taps[slot], state.taps_step[slot]
    for j in range(wanted.size):
        if fresh:
            taps[j] = wanted[j]
        step[j] = (wanted[j] - taps[j]) * np.float32(1 / FILTER_STEPS)


@njit(cache=True, nogil=True)
def _aim_partials(net, state, slot, first, wanted, f0_hz, fresh):
    """One whose frequency is another now fades first, and comes back with the new one a tick later.

    wanted : LEVEL of each, then RATIO of each
    """
    amplitudes = state.amplitudes[slot]
    for i in range(net.partials):
        ratio, j = wanted[net.partials + i], first + i
        amplitude = np.float32(math.exp(2 * wanted[i]))
        if amplitude < _SILENT or ratio * f0_hz >= net.limit_hz:
            amplitude = np.float32(0.0)
        amplitudes[0, j] = amplitudes[1, j]
        if ratio != state.ratios[slot, j]:
            if amplitudes[0, j] == 0:
                state.ratios[slot, j] = ratio
            else:
                amplitude = np.float32(0.0)
        amplitudes[1, j] = _REFERENCE * amplitude
        if fresh:
            amplitudes[0, j] = amplitudes[1, j]
