"""The network, one sample of all voices. Rows are voices."""

import numpy as np

from engine.decoder.kernels.compiling import compiled
from engine.decoder.kernels.gates import gate
from engine.decoder.kernels.layout import AHEAD
from engine.decoder.kernels.products import multiply, multiply_onto

ZERO = np.float32(0)


@compiled
def predict(net, state, work, slots, voices):
    """Advance the network: work.outputs (voices, outputs) = the distribution of the next sample."""
    for row in range(voices):
        look_ahead(net, state, work, slots[row])
    enter(net, state, work, slots, voices)
    layers = net.dilations.shape[0]
    for layer in range(layers):
        transform(net, state, work, slots, layer, voices)
        gated, skip = (work.gated, work.each), (work.skip, work.each)
        multiply(net.skip[layer], gated, skip, skip, voices)
        if layer + 1 < layers:
            x, bias = (state.history, work.here), (net.res_bias[layer : layer + 1], work.none)
            find(net, state, slots, layer + 1, 0, voices, work.there)
            multiply_onto(net.res[layer], gated, x, bias, (state.history, work.there), voices)
            for row in range(voices):
                work.here[row] = work.there[row]
    leave(net, work, voices)


@compiled
def find(net, state, slots, layer, lag, voices, rows):
    """Fill `rows` with where the histories hold the input of a layer, `lag` dilations ago."""
    first, wrap, length = net.rings[layer], net.wraps[layer], net.ring_rows
    for row in range(voices):
        age = state.age[slots[row]] - lag * net.dilations[layer]
        rows[row] = slots[row] * length + first + (age & wrap)


@compiled
def look_ahead(net, state, work, slot):
    """Every AHEAD samples, what the old taps of the far layers contribute to the next AHEAD samples.

    Their inputs are all known, so weights that were read serve AHEAD moments, and a lone voice is as fast as many.
    """
    age = state.age[slot]
    if age % AHEAD:
        return
    then, moments, layers = work.then, work.moments, net.far_layers
    for layer in range(net.dilations.shape[0]):
        if net.far[layer] < 0:
            continue
        for tap in range(net.taps - 1):
            lag = (net.taps - 1 - tap) * net.dilations[layer]
            first = slot * net.ring_rows + net.rings[layer] + ((age - lag) & net.wraps[layer])
            for i in range(AHEAD):
                then[i], moments[i] = first + i, (slot * AHEAD + i) * layers + net.far[layer]
            sums = (state.ahead, moments)
            begin = (work.zeros, work.none) if tap == 0 else sums
            multiply(net.old[layer, tap], (state.history, then), begin, sums, AHEAD)


@compiled
def enter(net, state, work, slots, voices):
    """Past samples and excitation -> the first layer's input, and the first contribution to the skip path."""
    find(net, state, slots, 0, 0, voices, work.here)
    x, skip = (state.history, work.here), (work.skip, work.each)
    multiply(net.entry, (work.entries, work.each), (net.entry_bias, work.none), x, voices)
    multiply(net.skip_start, x, (net.skip_bias, work.none), skip, voices)


@compiled
def transform(net, state, work, slots, layer, voices):
    """work.gated = the gated sum of a layer's taps and its conditioning."""
    first, width = layer * work.gates.shape[1], work.gates.shape[1]
    conditions, gates = (work.conditions[:, first : first + width], work.each), (work.gates, work.each)
    x, old = (state.history, work.here), (state.history, work.there)
    if net.far[layer] >= 0:
        for row in range(voices):
            slot = slots[row]
            moment = slot * AHEAD + state.age[slot] % AHEAD
            work.there[row] = moment * net.far_layers + net.far[layer]
        multiply_onto(net.current[layer], x, conditions, (state.ahead, work.there), gates, voices)
    else:
        multiply(net.current[layer], x, conditions, gates, voices)
        for tap in range(net.taps - 1):
            find(net, state, slots, layer, net.taps - 1 - tap, voices, work.there)
            multiply(net.old[layer, tap], old, gates, gates, voices)
    gate(work.gates, work.gated, voices)


@compiled
def leave(net, work, voices):
    """Skip path -> outputs."""
    first = net.dilations.shape[0] * work.gates.shape[1]
    conditions = work.conditions[:, first : first + work.skip.shape[1]]
    skip, hidden, outputs = (work.skip, work.each), (work.hidden, work.each), (work.outputs, work.each)
    rectify(work.skip, voices)
    multiply(net.out1, skip, (conditions, work.each), hidden, voices)
    rectify(work.hidden, voices)
    multiply(net.logits, hidden, (net.logits_bias, work.none), outputs, voices)


@compiled
def rectify(values, rows):
    """In place: negative elements become zero."""
    for row in range(rows):
        for j in range(values.shape[1]):
            values[row, j] = values[row, j] if values[row, j] > ZERO else ZERO
