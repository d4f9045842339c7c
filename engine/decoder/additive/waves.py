"""The samples of a voice between two ticks: sines that go in straight lines to their new levels, and filtered noise."""

import math

import numpy as np
from numba import njit

from engine.decoder.additive.levels import begin_tick
from engine.decoder.additive.state import FILTER_STEPS
from models.excitation import CENTS

_CENT = float(CENTS)
_WHITE = np.float32(math.sqrt(12.0))  # uniform numbers of variance 1
_HIGH = 65536.0  # of the phase: these bits times the number of a harmonic are exact
# sin(2 pi r) / r as a polynomial of r^2 for |r| <= 1/4, a Chebyshev fit; |error| < 3e-7
_S0, _S1, _S2, _S3, _S4 = map(np.float32, (6.28318528, -41.3416806, 81.6024764, -76.5811726, 39.7598271))


@njit(cache=True, nogil=True)
def render(net, state, work, slots, latents, f0_hz, uniforms, audio):
    """Fill `audio`; shapes as in the protocol."""
    for row in range(slots.size):
        slot, start = slots[row], 0
        target = 10.0 ** (latents[row, net.latent - 1] / 20)
        while start < audio.shape[1]:
            place = state.age[slot] % net.tick
            if place == 0:
                begin_tick(net, state, work, slot, latents[row], f0_hz[row, start], uniforms[row, start])
            stop = min(audio.shape[1], start + net.tick - place)
            _render(
                net, state, work, slot, place, latents[row, net.spread + 1], target,
                f0_hz[row, start:stop], uniforms[row, start:stop], audio[row, start:stop],
            )  # fmt: skip
            start = stop


@njit(cache=True, nogil=True)
def _render(net, state, work, slot, place, deviation_cents, target, f0_hz, uniforms, audio):
    """Samples within one tick. place : samples of it gone by; target : that the loudness goes to"""
    if state.age[slot] == 0:
        state.cents[slot], state.loudness[slot] = deviation_cents, target
        _run_in(state.white[slot], uniforms[0])
    _add_noise(net, state, work, slot, place, uniforms, audio)
    cents, cycles, loudness = state.cents[slot], state.cycles[slot], state.loudness[slot]
    for t in range(audio.size):
        cents += net.motion_step * (deviation_cents - cents)
        off = _CENT * cents
        fraction = np.float32((place + t) / net.tick)
        sample = audio[t] + _harmonics(net, state, slot, place + t, cycles, fraction)
        step = f0_hz[t] / net.rate
        if state.amplitudes[slot].any():
            sample += _partials(state, slot, np.float32(step), fraction)
        cycles += step * (1 + off + 0.5 * off * off)
        cycles -= math.floor(cycles)
        loudness += net.loudness_step * (target - loudness)
        audio[t] = loudness * sample
    state.cents[slot], state.cycles[slot], state.loudness[slot] = cents, cycles, loudness
    state.age[slot] += audio.size


@njit(cache=True, nogil=True, fastmath=True)
def _harmonics(net, state, slot, place, cycles, fraction):
    """The sum of the sines."""
    gains, turned, turning = state.gains[slot], state.turned[slot], state.turning[slot]
    high = math.floor(cycles * _HIGH) / _HIGH
    coarse, fine, time = np.float32(high), np.float32(cycles - high), np.float32(place)
    total = np.float32(0.0)
    for i in range(state.sounding[slot]):
        k = np.float32(i + 1)
        turns = k * coarse
        turns -= np.floor(turns)
        turns += k * fine + net.offsets[i] + turned[i] + time * turning[i]
        gain = gains[0, i] + fraction * (gains[1, i] - gains[0, i])
        total += gain * _sine(turns)
    return total


@njit(cache=True, nogil=True, fastmath=True)
def _partials(state, slot, step, fraction):
    """The sum of the free ones, whose phases go on by a sample."""
    phases, ratios, amplitudes = state.phases[slot], state.ratios[slot], state.amplitudes[slot]
    total = np.float32(0.0)
    for i in range(phases.size):
        gain = amplitudes[0, i] + fraction * (amplitudes[1, i] - amplitudes[0, i])
        total += gain * _sine(phases[i])
        phase = phases[i] + ratios[i] * step
        phases[i] = phase - np.floor(phase)
    return total


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _sine(turns):
    """sin(2 pi turns)"""
    r = turns - np.floor(turns + np.float32(0.5))
    r = max(min(r, np.float32(0.5) - r), np.float32(-0.5) - r)  # -1/4 to 1/4
    square = r * r
    return r * (_S0 + square * (_S1 + square * (_S2 + square * (_S3 + square * _S4))))


@njit(cache=True, nogil=True)
def _run_in(white, uniform):
    """What the filter heard before the note: noise as ever."""
    seed = np.uint64(int(uniform * 2**24)) + np.uint64(1)
    for i in range(white.size):
        seed = seed * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
        white[i] = _WHITE * (np.float32(seed >> np.uint64(40)) * np.float32(2.0**-24) - np.float32(0.5))


@njit(cache=True, nogil=True)
def _add_noise(net, state, work, slot, place, uniforms, audio):
    """Fill `audio` with noise. Its filter takes a step at each FILTER_STEPS-th of the tick."""
    taps, step, white = state.taps[slot], state.taps_step[slot], work.white
    past, length = state.white[slot].size, net.tick // FILTER_STEPS
    white[:past] = state.white[slot]
    for t in range(audio.size):
        white[past + t] = _WHITE * (uniforms[t] - np.float32(0.5))
        if (place + t) % length == 0:
            for j in range(taps.size):
                taps[j] += step[j]
        audio[t] = _dot(taps, white[t : t + taps.size])
    state.white[slot][:] = white[audio.size : audio.size + past]


@njit(cache=True, nogil=True, fastmath=True)
def _dot(a, b):
    total = np.float32(0.0)
    for i in range(a.size):
        total += a[i] * b[i]
    return total
