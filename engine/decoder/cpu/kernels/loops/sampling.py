"""Outputs to samples, samples to audio."""

import math

from engine.decoder.cpu.kernels.compiling import compiled
from engine.decoder.cpu.kernels.emit.exponentials import maximum, softmax_terms
from engine.decoder.cpu.kernels.processor import LANES


@compiled
def draw_class(logits, partial_sums, temperature, uniform):
    """A class from softmax(logits / temperature) by inverse distribution function; temperature 0: the likeliest.

    logits : (256,), overwritten; partial_sums : (16,), scratch
    """
    top = maximum(logits)
    if temperature <= 0:
        return first_index(logits, top)
    softmax_terms(logits, top, 1 / temperature, partial_sums)
    total = 0.0
    for part in range(partial_sums.shape[0]):
        total += partial_sums[part]
    rest, part = uniform * total, 0
    while part < partial_sums.shape[0] - 1 and rest >= partial_sums[part]:
        rest -= partial_sums[part]
        part += 1
    for i in range(part * LANES, part * LANES + LANES):
        rest -= logits[i]
        if rest < 0:
            return i
    return first_index(logits, 1.0)  # rounding left the sum below the target: the likeliest


@compiled
def first_index(values, value):
    """Index of the first element that has this value."""
    for i in range(values.shape[0]):
        if values[i] == value:
            return i
    return 0


@compiled
def draw_mixture(outputs, mixture, log_scale_min, temperature, uniform):
    """A companded sample from a mixture of logistics; temperature 0: its mean. One uniform number serves twice.

    outputs : (3 * mixture,): weight logits, means, log scales
    """
    top = float(outputs[0])
    for i in range(1, mixture):
        top = max(top, float(outputs[i]))
    total, mean = 0.0, 0.0
    for i in range(mixture):
        weight = math.exp(float(outputs[i]) - top)
        total += weight
        mean += weight * outputs[mixture + i]
    if temperature <= 0:
        return min(max(mean / total, -1.0), 1.0)
    rest, chosen = uniform * total, 0
    weight = math.exp(float(outputs[0]) - top)
    while rest >= weight and chosen < mixture - 1:
        rest -= weight
        chosen += 1
        weight = math.exp(float(outputs[chosen]) - top)
    quantile = min(max(rest / max(weight, 1e-30), 1e-5), 1 - 1e-5)
    scale = math.exp(max(float(outputs[2 * mixture + chosen]), log_scale_min)) * temperature
    sample = outputs[mixture + chosen] + scale * math.log(quantile / (1 - quantile))
    return min(max(sample, -1.0), 1.0)


@compiled
def compress(audio, mu, log_mu):
    """Companded sample of linear audio in -1..1: sign(x) ln(1 + mu |x|) / ln(1 + mu). log_mu : ln(1 + mu)"""
    magnitude = math.log(1 + mu * abs(audio)) / log_mu
    return magnitude if audio >= 0 else -magnitude


@compiled
def expand(companded, mu, log_mu):
    """Linear audio of a companded sample: sign(x) ((1 + mu) ** |x| - 1) / mu."""
    magnitude = (math.exp(abs(companded) * log_mu) - 1) / mu
    return magnitude if companded >= 0 else -magnitude


@compiled
def smooth_gain(net, state, slot, target):
    """Linear loudness of this sample: a one-pole towards the target, at once for a note's first sample."""
    if not net.loudness:
        return 1.0
    past = state.loudness_gain[slot]
    gain = past + net.loudness_coefficient * (target - past) if state.age[slot] else target
    state.loudness_gain[slot] = gain
    return gain


@compiled
def deemphasise(net, state, slot, audio):
    """Undo the emphasis: y[t] = x[t] + emphasis y[t - 1], silence before the note."""
    past = state.last_audio[slot] if state.age[slot] else 0.0
    past = past if abs(past) > 1e-20 else 0.0  # its decay would end in denormals
    state.last_audio[slot] = audio + net.emphasis * past
    return state.last_audio[slot]
