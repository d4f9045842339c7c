"""Outputs to samples, samples to audio."""

import math

from engine.decoder.kernels.compiling import compiled, inlined


@compiled
def draw_class(logits, temperature, uniform):
    """A class from softmax(logits / temperature) by inverse distribution function; temperature 0: the likeliest.

    logits : (256,), overwritten
    """
    best = largest(logits)
    if temperature <= 0:
        return best
    top, total = logits[best], 0.0
    for i in range(logits.shape[0]):
        logits[i] = math.exp((logits[i] - top) / temperature)
        total += logits[i]
    target, running = uniform * total, 0.0
    for i in range(logits.shape[0]):
        running += logits[i]
        if running > target:
            return i
    return best  # rounding left the sum below the target


@compiled
def draw_mixture(outputs, mixture, log_scale_min, temperature, uniform):
    """A companded sample from a mixture of logistics; temperature 0: its mean. One uniform number serves twice.

    outputs : (3 * mixture,): weight logits, means, log scales
    """
    top = float(outputs[largest(outputs[:mixture])])
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
def largest(values):
    """Index of the first of the largest values."""
    best = 0
    for i in range(values.shape[0]):
        if values[i] > values[best]:
            best = i
    return best


@compiled
def expand(companded, mu):
    """Linear audio of a companded sample: sign(x) ((1 + mu) ** |x| - 1) / mu."""
    magnitude = (math.exp(abs(companded) * math.log(1 + mu)) - 1) / mu
    return magnitude if companded >= 0 else -magnitude


@inlined
def smooth_gain(net, state, slot, latents):
    """Linear loudness of this sample: a one-pole towards the last latent channel, at once for a note's first sample."""
    if latents.shape[0] == net.timbre:
        return 1.0
    target = 10 ** (float(latents[net.timbre]) / 20)
    gain = state.gain[slot] + net.gain_step * (target - state.gain[slot]) if state.age[slot] else target
    state.gain[slot] = gain
    return gain


@inlined
def deemphasise(net, state, slot, audio):
    """Undo the emphasis: y[t] = x[t] + emphasis y[t - 1], silence before the note."""
    past = state.audio[slot] if state.age[slot] else 0.0
    past = past if abs(past) > 1e-20 else 0.0  # its decay would end in denormals
    state.audio[slot] = audio + net.emphasis * past
    return state.audio[slot]
