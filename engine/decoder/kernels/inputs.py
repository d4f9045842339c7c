"""What enters the network: conditioning, past samples and the harmonics of the moment."""

import math

import numpy as np

from engine.decoder.kernels.compiling import compiled, inlined

ZERO, ONE = np.float32(0), np.float32(1)


@compiled
def hold(net, latents, held):
    """What the timbre channels contribute to every layer: constant while the latents are held."""
    for j in range(held.shape[0]):
        held[j] = net.condition_bias[j]
    for channel in range(net.timbre):
        value, weights = latents[channel], net.condition[channel]
        for j in range(held.shape[0]):
            held[j] += value * weights[j]


@inlined
def tune(net, f0_hz, held, conditions):
    """conditions = held + pitch + octave, exact at every sample whatever the block."""
    for j in range(held.shape[0]):
        conditions[j] = held[j]
    if net.pitch:
        note = int(np.rint(69 + 12 * math.log2(f0_hz / 440)))
        weights = net.condition[net.timbre + min(max(note, 0), 127)]
        for j in range(held.shape[0]):
            conditions[j] += weights[j]
    if net.harmonics:
        octave = np.float32(0.5 * math.log2(f0_hz / net.tuning_hz))
        weights = net.condition[net.condition.shape[0] - 1]
        for j in range(held.shape[0]):
            conditions[j] += octave * weights[j]


@inlined
def balance(net, conditions, amplitudes):
    """The amplitude of each harmonic, a small network of its own on the conditioning."""
    first = conditions.shape[0] - net.gain2.shape[0]
    for k in range(net.harmonics):
        amplitudes[k] = net.gain2_bias[k]
    for i in range(net.gain2.shape[0]):
        value = conditions[first + i]
        if value > ZERO:
            for k in range(net.harmonics):
                amplitudes[k] += value * net.gain2[i, k]
    for k in range(net.harmonics):
        amplitudes[k] = math.exp(min(amplitudes[k], np.float32(net.gain_log_max)))


@inlined
def listen(net, state, slot, f0_hz, amplitudes, entry):
    """Fill `entry` with the past samples (each with its known flag) and the harmonics of this moment."""
    age = state.age[slot]
    for i in range(net.taps):
        lag = net.taps - 1 - i
        entry[i * net.inputs] = state.heard[slot, lag]
        if net.inputs == 2:
            entry[i * 2 + 1] = ONE if age >= lag else ZERO
    if net.harmonics:
        phase = state.phase[slot] + f0_hz / net.rate if age else 0.0
        state.phase[slot] = phase - math.floor(phase)
        oscillate(state.phase[slot], f0_hz, net.harmonic_limit_hz, amplitudes, entry[net.taps * net.inputs :])


@compiled
def oscillate(phase, f0_hz, limit_hz, amplitudes, out):
    """sin, then cos, of the harmonics of a phase in cycles, by angle addition; zero above the limit."""
    count = amplitudes.shape[0]
    sine, cosine = math.sin(2 * math.pi * phase), math.cos(2 * math.pi * phase)
    s, c = 0.0, 1.0
    for k in range(count):
        s, c = s * cosine + c * sine, c * cosine - s * sine
        audible = np.float32(k + 1) * f0_hz < limit_hz
        out[k] = np.float32(s) * amplitudes[k] if audible else ZERO
        out[count + k] = np.float32(c) * amplitudes[k] if audible else ZERO
