"""What enters the network: conditioning, past samples, harmonics and noise of the moment (models/excitation.py)."""

import math

import numpy as np

from engine.decoder.cpu.kernels.compiling import compiled
from engine.decoder.cpu.kernels.emit.exponentials import exp_clamped
from engine.decoder.cpu.kernels.emit.waves import dot, oscillate, polar_to_cartesian
from engine.decoder.cpu.kernels.loops.products import linear
from models.excitation import CENTS

ZERO, ONE = np.float32(0), np.float32(1)
CENT = float(CENTS)


@compiled
def place_in_tick(net, age):
    """Samples of its tick that a voice has behind it."""
    return age & (net.tick - 1)


@compiled
def begin_block(net, state, work, block, voices):
    """Latents are new: voices in the midst of a tick are conditioned on them now, the others at their next tick."""
    count = 0
    for row in range(voices):
        work.loudness_target[row] = 10 ** (float(block.latents[row, block.latents.shape[1] - 1]) / 20)
        if place_in_tick(net, state.age[block.slots[row]]):
            work.due_rows[count] = row
            count += 1
    update_conditions(net, state, work, block, count)


@compiled
def update_ticks(net, state, work, block, voices, t):
    """Every tick of a voice: conditioning with the pitch of now, and new speeds for the harmonics."""
    count = 0
    for row in range(voices):
        slot = block.slots[row]
        if place_in_tick(net, state.age[slot]) == 0:
            state.tick_hz[slot] = block.f0_hz[row, t]
            if net.harmonics:
                shift_gains(state.gains[slot])
            work.due_rows[count] = row
            count += 1
    update_conditions(net, state, work, block, count)
    for i in range(count if net.harmonics else 0):
        row = work.due_rows[i]
        slot = block.slots[row]
        if not state.age[slot]:
            shift_gains(state.gains[slot])
        spread_cents = block.latents[row, net.spread] if net.motion else ZERO
        stretch = block.latents[row, net.stretch] if net.motion else ZERO
        detune_harmonics(net, state, slot, block.f0_hz[row, t], spread_cents, stretch, block.uniforms[row, t])


@compiled
def shift_gains(gains):
    """A tick begins where the last one ended."""
    for i in range(gains.shape[1]):
        gains[0, i] = gains[1, i]


@compiled
def update_conditions(net, state, work, block, count):
    """Conditioning of the first voices in `work.due_rows`, from their latents and the pitches of their last ticks."""
    for n in range(count):
        row = work.due_rows[n]
        inputs, f0_hz = work.condition_inputs[row], state.tick_hz[block.slots[row]]
        for i in range(net.timbre):
            inputs[i] = block.latents[row, i]
        if net.pitch:
            note = int(np.rint(69 + 12 * math.log2(f0_hz / 440)))  # common.pitch.hz_key
            for i in range(128):
                inputs[net.timbre + i] = ONE if i == min(max(note, 0), 127) else ZERO
        if net.harmonics:
            inputs[net.timbre + 128 * net.pitch] = np.float32(0.5 * math.log2(f0_hz / net.reference_hz))
    inputs, conditions = (work.condition_inputs, work.due_rows), (work.conditions, work.due_rows)
    linear(net.condition, inputs, (net.condition_bias, work.first_row), conditions, count)
    if net.harmonics:
        update_gains(net, state, work, block, count)


@compiled
def update_gains(net, state, work, block, count):
    """The gain of each harmonic and each band of noise, a small network of its own on the conditioning."""
    hidden, gains = work.conditions[:, work.conditions.shape[1] - net.gain_width :], work.gains
    for n in range(count):
        row = work.due_rows[n]
        for i in range(hidden.shape[1]):
            hidden[row, i] = max(hidden[row, i], ZERO)
    linear(net.gain2, (hidden, work.due_rows), (net.gain2_bias, work.first_row), (gains, work.due_rows), count)
    harmonics = state.gains.shape[2]
    for n in range(count):
        row = work.due_rows[n]
        exp_clamped(gains[row], np.float32(net.gain_log_max))
        amplitudes = state.gains[block.slots[row], 1]
        for i in range(harmonics):
            amplitudes[i] = gains[row, i]
    if net.noise:
        taps = (work.noise_taps, work.due_rows)
        nothing = work.zeros[:, : work.noise_taps.shape[1]], work.first_row
        linear(net.noise_filters, (gains[:, harmonics:], work.due_rows), nothing, taps, count)


@compiled
def detune_harmonics(net, state, slot, f0_hz, spread_cents, stretch, uniform):
    """Every harmonic takes a new random detuning, near its last one, beside that of its stretching; the phasors go on
    to where it leads in one tick. One that is stretched beyond the limit falls silent there."""
    phasors, seed = state.phasors[slot], int(uniform * 16777216)
    decay = net.detune_decay if state.age[slot] else 0.0
    renew = math.sqrt(1 - decay * decay)
    # Cycles a tick, of the first, detuned by 1.
    speed = float(f0_hz) * float(spread_cents) * CENT * net.tick / net.rate
    stiff = float(stretch) * 1e-6
    for i in range(net.harmonics):
        k = i + 1
        detune = decay * state.detune[slot, i] + renew * normal(seed, k)
        detune_phase = net.detune_phase_decay * state.detune_phase[slot, i] + k * speed * detune
        partial_hz = float(f0_hz) * k * math.sqrt((1 + stiff * k * k) / (1 + stiff))
        inharmonic_phase = state.inharmonic_phase[slot, i] + net.tick / net.rate * (partial_hz - k * float(f0_hz))
        inharmonic_phase -= math.floor(inharmonic_phase)
        cycles = detune_phase + inharmonic_phase
        phasors[0, i], phasors[1, i] = phasors[2, i], phasors[3, i]
        phasors[2, i], phasors[3, i] = cycles - math.floor(cycles), ONE if partial_hz < net.harmonic_limit_hz else ZERO
        state.detune[slot, i], state.detune_phase[slot, i] = detune, detune_phase
        state.inharmonic_phase[slot, i] = inharmonic_phase
    polar_to_cartesian(phasors[2:])


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
def fill_inputs(net, state, work, block, voice, t, timestep, row):
    """Fill the network's inputs in a row with harmonics and noise, and the past samples (each with its known flag).

    t : sample of the block at which the network begins; timestep : samples since then
    """
    slot, row_inputs = block.slots[voice], work.network_inputs[row]
    age, place = state.age[slot] + timestep, 0
    if net.harmonics:
        place = net.direct_weights.shape[0]
        render_harmonics(net, state, block, voice, t + timestep, age, row_inputs)
        noise = ZERO
        if net.noise:
            noise = render_noise(
                net, state.white_noise[slot], age, block.uniforms[voice, t + timestep], work.noise_taps[voice]
            )
            row_inputs[place] = noise
            place += 1
        if net.direct_level:
            work.direct[row] = dot(net.direct_weights, row_inputs, 0) + noise
    for i in range(net.taps if net.feedback_channels else 0):
        lag = net.taps - 1 - i
        row_inputs[place + i * net.feedback_channels] = state.past_samples[slot, lag]
        if net.feedback_channels == 2:
            row_inputs[place + i * 2 + 1] = ONE if age >= lag else ZERO


@compiled
def render_harmonics(net, state, block, row, t, age, row_inputs):
    """The harmonics of this sample; then the phase goes on."""
    slot, sounding_hz = block.slots[row], float(block.f0_hz[row, t])
    if net.motion:
        target = float(block.latents[row, net.deviation])
        cents = state.deviation_cents[slot]
        cents = cents + net.deviation_coefficient * (target - cents) if age else target
        state.deviation_cents[slot] = cents
        sounding_hz *= math.exp(CENT * cents)
    highest = math.ceil(net.harmonic_limit_hz / sounding_hz) - 1
    fraction = place_in_tick(net, age) / net.tick
    oscillate(state.cycles[slot], highest, state.gains[slot], state.phasors[slot], fraction, row_inputs)
    cycles = state.cycles[slot] + sounding_hz / net.rate
    state.cycles[slot] = cycles - math.floor(cycles)


@compiled
def render_noise(net, white_noise, age, uniform, taps):
    """White noise of this sample -> `white_noise`, which is moved up every tick; returns that of all bands."""
    newest = net.tick - 1 - place_in_tick(net, age)
    if newest == net.tick - 1:
        for i in range(white_noise.shape[0] - net.tick - 1, -1, -1):
            white_noise[net.tick + i] = white_noise[i]
    white_noise[newest] = np.float32(math.sqrt(12)) * (uniform - np.float32(0.5))
    return dot(taps, white_noise, newest)
