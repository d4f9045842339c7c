"""What enters the network: conditioning, past samples, harmonics and noise of the moment (models/excitation.py)."""

import math

import numpy as np

from engine.decoder.cpu.kernels.compiling import compiled
from engine.decoder.cpu.kernels.emit.exponentials import powers
from engine.decoder.cpu.kernels.emit.waves import filtered, oscillate, point
from engine.decoder.cpu.kernels.loops.products import multiply
from models.excitation import CENTS

ZERO, ONE = np.float32(0), np.float32(1)
CENT = float(CENTS)


@compiled
def place_in_tick(net, age):
    """Samples of its tick that a voice has behind it."""
    return age & (net.tick - 1)


@compiled
def begin_block(net, state, work, block, voices):
    """Latents are new: voices in the midst of a tick are tuned to them now, the others by their next tick."""
    count = 0
    for row in range(voices):
        work.loud[row] = 10 ** (float(block.latents[row, block.latents.shape[1] - 1]) / 20)
        if place_in_tick(net, state.age[block.slots[row]]):
            work.tuned[count] = row
            count += 1
    tune(net, state, work, block, count)


@compiled
def begin_ticks(net, state, work, block, voices, t):
    """Every tick of a voice: conditioning with the pitch of now, and new speeds for the harmonics."""
    count = 0
    for row in range(voices):
        slot = block.slots[row]
        if place_in_tick(net, state.age[slot]) == 0:
            state.tick_hz[slot] = block.f0_hz[row, t]
            if net.harmonics:
                go_on(state.gains[slot])
            work.tuned[count] = row
            count += 1
    tune(net, state, work, block, count)
    for i in range(count if net.harmonics else 0):
        row = work.tuned[i]
        slot = block.slots[row]
        if not state.age[slot]:
            go_on(state.gains[slot])
        spread_cents = block.latents[row, net.spread] if net.motion else ZERO
        stretch = block.latents[row, net.stretch] if net.motion else ZERO
        stray(net, state, slot, block.f0_hz[row, t], spread_cents, stretch, block.uniforms[row, t])


@compiled
def go_on(gains):
    """A tick begins where the last one ended."""
    for i in range(gains.shape[1]):
        gains[0, i] = gains[1, i]


@compiled
def tune(net, state, work, block, count):
    """Conditioning of the first voices in `work.tuned`, from their latents and the pitches of their last ticks."""
    for n in range(count):
        row = work.tuned[n]
        given, f0_hz = work.given[row], state.tick_hz[block.slots[row]]
        for i in range(net.timbre):
            given[i] = block.latents[row, i]
        if net.pitch:
            note = int(np.rint(69 + 12 * math.log2(f0_hz / 440)))  # common.pitch.hz_key
            for i in range(128):
                given[net.timbre + i] = ONE if i == min(max(note, 0), 127) else ZERO
        if net.harmonics:
            given[net.timbre + 128 * net.pitch] = np.float32(0.5 * math.log2(f0_hz / net.tuning_hz))
    given, conditions = (work.given, work.tuned), (work.conditions, work.tuned)
    multiply(net.condition, given, (net.condition_bias, work.none), conditions, count)
    if net.harmonics:
        balance(net, state, work, block, count)


@compiled
def balance(net, state, work, block, count):
    """The gain of each harmonic and each band of noise, a small network of its own on the conditioning."""
    hidden, gains = work.conditions[:, work.conditions.shape[1] - net.gain_width :], work.gains
    for n in range(count):
        row = work.tuned[n]
        for i in range(hidden.shape[1]):
            hidden[row, i] = max(hidden[row, i], ZERO)
    multiply(net.gain2, (hidden, work.tuned), (net.gain2_bias, work.none), (gains, work.tuned), count)
    harmonics = state.gains.shape[2]
    for n in range(count):
        row = work.tuned[n]
        powers(gains[row], np.float32(net.gain_log_max))
        strengths = state.gains[block.slots[row], 1]
        for i in range(harmonics):
            strengths[i] = gains[row, i]
    if net.noise:
        taps = (work.noise_taps, work.tuned)
        multiply(net.filters, (gains[:, harmonics:], work.tuned), (work.zeros, work.none), taps, count)


@compiled
def stray(net, state, slot, f0_hz, spread_cents, stretch, uniform):
    """Every harmonic takes a new random speed, near its last one, beside that of its stretching; the phasors go on to
    where it leads in one tick. One that is stretched beyond the limit falls silent there."""
    phasors, seed = state.phasors[slot], int(uniform * 16777216)
    keep = net.stray_keep if state.age[slot] else 0.0
    renew = math.sqrt(1 - keep * keep)
    # Cycles a tick, of the first, straying by 1.
    speed = float(f0_hz) * float(spread_cents) * CENT * net.tick / net.rate
    stiff = float(stretch) * 1e-6
    for i in range(net.harmonics):
        k = i + 1
        stray = keep * state.stray[slot, i] + renew * normal(seed, k)
        turned = net.stray_return * state.turned[slot, i] + k * speed * stray
        partial_hz = float(f0_hz) * k * math.sqrt((1 + stiff * k * k) / (1 + stiff))
        gone = state.gone[slot, i] + net.tick / net.rate * (partial_hz - k * float(f0_hz))
        gone -= math.floor(gone)
        cycles = turned + gone
        phasors[0, i], phasors[1, i] = phasors[2, i], phasors[3, i]
        phasors[2, i], phasors[3, i] = cycles - math.floor(cycles), ONE if partial_hz < net.harmonic_limit_hz else ZERO
        state.stray[slot, i], state.turned[slot, i], state.gone[slot, i] = stray, turned, gone
    point(phasors[2:])


@compiled
def normal(seed, k):
    """Number k of `models.excitation.normals`."""
    x = (seed + 0x9E3779B9 * k) & 0xFFFFFFFF
    x = ((x ^ x >> 16) * 0x85EBCA6B) & 0xFFFFFFFF
    x = ((x ^ x >> 13) * 0xC2B2AE35) & 0xFFFFFFFF
    x ^= x >> 16
    total = (x & 255) + (x >> 8 & 255) + (x >> 16 & 255) + (x >> 24)
    return (float(total) - 510) / math.sqrt(4 * (256**2 - 1) / 12)


@compiled
def listen(net, state, work, block, voice, t, moment, row):
    """Fill the entry of a row with harmonics and noise, and the past samples (each with its known flag).

    t : sample of the block at which the network begins; moment : samples since then
    """
    slot, entry = block.slots[voice], work.entries[row]
    age, place = state.age[slot] + moment, 0
    work.owner[row] = voice
    if net.harmonics:
        place = net.wave.shape[0]
        resound(net, state, block, voice, t + moment, age, entry)
        noise = ZERO
        if net.noise:
            noise = hiss(net, state.white[slot], age, block.uniforms[voice, t + moment], work.noise_taps[voice])
            entry[place] = noise
            place += 1
        if net.wave_level:
            work.wave[row] = filtered(net.wave, entry, 0) + noise
    for i in range(net.taps if net.inputs else 0):
        lag = net.taps - 1 - i
        entry[place + i * net.inputs] = state.heard[slot, lag]
        if net.inputs == 2:
            entry[place + i * 2 + 1] = ONE if age >= lag else ZERO


@compiled
def resound(net, state, block, row, t, age, entry):
    """The harmonics of this sample; then the phase goes on."""
    slot, sounding_hz = block.slots[row], float(block.f0_hz[row, t])
    if net.motion:
        target = float(block.latents[row, net.deviation])
        cents = state.deviation_cents[slot]
        cents = cents + net.deviation_step * (target - cents) if age else target
        state.deviation_cents[slot] = cents
        sounding_hz *= math.exp(CENT * cents)
    highest = math.ceil(net.harmonic_limit_hz / sounding_hz) - 1
    share = place_in_tick(net, age) / net.tick
    oscillate(state.cycles[slot], highest, state.gains[slot], state.phasors[slot], share, entry)
    cycles = state.cycles[slot] + sounding_hz / net.rate
    state.cycles[slot] = cycles - math.floor(cycles)


@compiled
def hiss(net, white, age, uniform, taps):
    """White noise of this sample into `white`, which is moved up every tick; returns the noise of all bands."""
    newest = net.tick - 1 - place_in_tick(net, age)
    if newest == net.tick - 1:
        for i in range(white.shape[0] - net.tick - 1, -1, -1):
            white[net.tick + i] = white[i]
    white[newest] = np.float32(math.sqrt(12)) * (uniform - np.float32(0.5))
    return filtered(taps, white, newest)
