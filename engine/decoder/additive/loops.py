"""A tick begins: the network says how loud every harmonic and every band is, and all that moves gets a new aim. Until
the next one sines go to their levels in straight lines, and noise goes through its filter.

All in one file, so that numba, which looks at the file of what is called alone, never takes a stale kernel from its
cache.
"""

import math

import numpy as np
from numba import njit

from engine.decoder.additive.state import FILTER_STEPS
from engine.decoder.cpu.kernels.emit.waves import SINE
from engine.decoder.cpu.kernels.loops.inputs import normal
from models.config import DEVIATION, GAIN_LOG_MAX, MIDDLE_C_HZ, REFERENCE_LEVEL, STRETCH
from models.excitation import CENTS
from models.harmonic.config import GREATEST_LIFT, LEAST_POWER, PARTIAL

_LOUDEST = GAIN_LOG_MAX + 1.0  # ln of a level with its detail
_REFERENCE = np.float32(REFERENCE_LEVEL)
_CENT = float(CENTS)
_SILENT = np.float32(5e-4)  # a free partial below it is not there
_REST = np.float32(1e-4)  # of the shares of a voice, that need not be heard
_WHITE = np.float32(math.sqrt(12.0))  # uniform numbers of variance 1
_HIGH = 65536.0  # of the phase: these bits times the number of a harmonic are exact
_S4, _S3, _S2, _S1, _S0 = map(np.float32, SINE)


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
                net, state, work, slot, place, latents[row, net.spread + DEVIATION], target,
                f0_hz[row, start:stop], uniforms[row, start:stop], audio[row, start:stop],
            )  # fmt: skip
            start = stop


@njit(cache=True, nogil=True, fastmath=True)
def begin_tick(net, state, work, slot, row, f0_hz, uniform):
    """row : float32 (latent or more,), see HarmonicConfig.mixed; uniform : of the tick's first sample"""
    fresh, stretch = state.age[slot] == 0, row[net.spread + STRETCH]
    _find_levels(net, work, row, f0_hz)
    _silence_high(net, work.levels, stretch, f0_hz)
    _shape_noise(net, work)
    lift, noise_lift = _lift(net, work, row, f0_hz)
    _aim_harmonics(net, state, work.levels, slot, lift, fresh)
    _detune(net, state, slot, row[net.spread], stretch, f0_hz, uniform, fresh)
    _aim_noise(state, work, slot, noise_lift, fresh)
    for place in range(net.places):
        first = _first(net, place)
        if first < row.size:
            wanted = row[first : first + PARTIAL * net.partials]
            _aim_partials(net, state, slot, place * net.partials, wanted, f0_hz, lift, fresh)


@njit(cache=True, nogil=True)
def _first(net, place):
    """Channel of a row where the free partials of a place begin."""
    return net.free if place == 0 else net.latent + (place - 1) * PARTIAL * net.partials


@njit(cache=True, nogil=True)
def _asked(net, place):
    """Channel of a row where a place's share in the voice stands; its embedding follows."""
    return net.asked + place * (1 + net.timbre)


@njit(cache=True, nogil=True)
def _share(net, row, place):
    """Of a place's sound in the voice; 0 where the row has no places."""
    return row[_asked(net, place)] if net.asked < row.size else np.float32(0.0)


@njit(cache=True, nogil=True, fastmath=True)
def _find_levels(net, work, row, f0_hz):
    """work.levels : with the detail, relative to the note's.

    The network hears every sound of the voice for itself, and what it answers mixes: in its hidden channels, from which
    on all is straight. What has no place in the row is heard as it is mixed.
    """
    hidden, levels = work.hidden, work.levels
    octave = np.float32(0.5 * math.log2(f0_hz / MIDDLE_C_HZ))
    hidden[:] = 0.0
    rest = np.float32(1.0)
    for place in range(net.places):
        share = _share(net, row, place)
        if share > 0.0:
            _hear(net, work, row, _asked(net, place) + 1, octave, share)
            rest -= share
    if rest > _REST:
        _hear(net, work, row, 0, octave, rest)
    levels[:] = net.bias2
    for i in range(hidden.size):
        value = hidden[i]
        if value > 0:
            for j in range(levels.size):
                levels[j] += value * net.gain2[i, j]
    for j in range(levels.size):
        level = min(levels[j], np.float32(GAIN_LOG_MAX)) + row[net.timbre + j]
        levels[j] = math.exp(min(level, np.float32(_LOUDEST)))


@njit(cache=True, nogil=True, fastmath=True)
def _hear(net, work, row, first, octave, share):
    """work.hidden += share times what comes of the embedding whose first channel this is."""
    heard, hidden = work.heard, work.hidden
    heard[:] = net.bias1
    for i in range(net.timbre + 1):
        value = row[first + i] if i < net.timbre else octave
        for j in range(heard.size):
            heard[j] += value * net.gain1[i, j]
    for j in range(hidden.size):
        hidden[j] += share * max(heard[j], np.float32(0.0))


@njit(cache=True, nogil=True)
def _silence_high(net, levels, stretch, f0_hz):
    """Harmonics that lie beyond the limit have no level."""
    for i in range(net.harmonics):
        if f0_hz * _stretched(i + 1, stretch) >= net.limit_hz:
            levels[i] = np.float32(0.0)


@njit(cache=True, nogil=True, fastmath=True)
def _shape_noise(net, work):
    """work.taps : the filter of the moment."""
    half, wanted = net.filters.shape[1], work.taps
    wanted[half - 1 :] = 0
    for band in range(net.filters.shape[0]):
        level = _REFERENCE * work.levels[net.harmonics + band]
        for j in range(half):
            wanted[half - 1 + j] += level * net.filters[band, j]
    for j in range(1, half):
        wanted[half - 1 - j] = wanted[half - 1 + j]


@njit(cache=True, nogil=True, fastmath=True)
def _lift(net, work, row, f0_hz):
    """(of lines, of noise): what they are multiplied with, so that all is never much softer than a note. 1 where there
    is enough.

    Levels mix in dB, so between two sounds that are strong at different harmonics all would be weak. Noise is broad and
    loses little that way: it is lifted by its share of the power alone, or one would hear it in no sound but these.
    """
    noise = _dot(work.taps, work.taps) / (_REFERENCE * _REFERENCE)
    power, least = noise, _least_power(net, row)
    for i in range(net.harmonics):
        power += np.float32(0.5) * work.levels[i] * work.levels[i]
    for place in range(net.places):
        first = _first(net, place)
        if first < row.size:
            for i in range(first, first + net.partials):
                amplitude = _partial(row[i], row[i + net.partials] * f0_hz, net.limit_hz)
                power += np.float32(0.5) * amplitude * amplitude
    if power >= least:
        return np.float32(1.0), np.float32(1.0)
    lift = math.sqrt(min(least / max(power, 1e-9), GREATEST_LIFT))
    return np.float32(lift), np.float32(lift ** (noise / max(power, 1e-9)))


@njit(cache=True, nogil=True)
def _least_power(net, row):
    """LEAST_POWER of one sound, which has its own level; a note's own where two or more weigh as much as each other."""
    rest, alone = np.float32(1.0), np.float32(0.0)
    for place in range(net.places):
        share = _share(net, row, place)
        rest -= share
        alone += share * share
    alone += rest * rest
    return LEAST_POWER ** max(float(2.0 * alone - 1.0), 0.0)


@njit(cache=True, nogil=True)
def _aim_harmonics(net, state, levels, slot, lift, fresh):
    """At the end of the tick they have these levels."""
    gains, count = state.gains[slot], 0
    for i in range(net.harmonics):
        gains[0, i] = gains[1, i]
        gains[1, i] = lift * (_REFERENCE * levels[i])
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
    seed = int(uniform * 2**24)
    for i in range(net.harmonics):
        k = i + 1
        turned = state.turned[slot, i] + net.tick * state.turning[slot, i]
        state.turned[slot, i] = turned - math.floor(turned)
        detune = left * state.detune[slot, i] + new * normal(seed, k)
        state.detune[slot, i] = detune
        before = state.detuned[slot, i]
        after = net.phase_left * before + seconds * k * f0_hz * spread_cents * _CENT * detune
        state.detuned[slot, i] = after
        inharmonic = seconds * f0_hz * (_stretched(k, stretch) - k)
        state.turning[slot, i] = (after - before + inharmonic) / net.tick


@njit(cache=True, nogil=True, fastmath=True)
def _aim_noise(state, work, slot, lift, fresh):
    """The filter goes on from where it is."""
    taps, step, wanted = state.taps[slot], state.taps_step[slot], work.taps
    for j in range(wanted.size):
        if fresh:
            taps[j] = lift * wanted[j]
        step[j] = (lift * wanted[j] - taps[j]) * np.float32(1 / FILTER_STEPS)


@njit(cache=True, nogil=True)
def _partial(level, hz, limit_hz):
    """Amplitude of a free partial, relative to the note's level."""
    amplitude = np.float32(math.exp(2 * level))
    return np.float32(0.0) if amplitude < _SILENT or hz >= limit_hz else amplitude


@njit(cache=True, nogil=True)
def _aim_partials(net, state, slot, first, wanted, f0_hz, lift, fresh):
    """One whose frequency is another now fades first, and comes back with the new one a tick later.

    wanted : LEVEL of each, then RATIO of each
    """
    amplitudes = state.amplitudes[slot]
    for i in range(net.partials):
        ratio, j = wanted[net.partials + i], first + i
        amplitude = lift * _partial(wanted[i], ratio * f0_hz, net.limit_hz)
        amplitudes[0, j] = amplitudes[1, j]
        if ratio != state.ratios[slot, j]:
            if amplitudes[0, j] == 0:
                state.ratios[slot, j] = ratio
            else:
                amplitude = np.float32(0.0)
        amplitudes[1, j] = _REFERENCE * amplitude
        if fresh:
            amplitudes[0, j] = amplitudes[1, j]


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
