"""The network, one sample of all voices. Rows are voices; or, where no sample is fed back, the next moments of few.

Both precisions take the same way.
"""

import numpy as np

from engine.decoder.cpu.kernels.compiling import compiled, woven
from engine.decoder.cpu.kernels.layout import AHEAD
from engine.decoder.cpu.kernels.loops.products import copy, fetch, foresee, gather, multiply, onward, transform
from engine.decoder.cpu.kernels.loops.sampling import compress

ZERO = np.float32(0)
MANY = 4  # voices from which on weights serve enough rows without looking ahead


@woven
def predict(net, layers, state, work, slots, voices, moments):
    """Advance the network: work.outputs = the distributions of each voice's next samples, so many `moments`."""
    if voices < MANY and moments == 1:
        look_ahead(net, layers, state, work, slots, voices)
    place_rows(layers, state, work, slots, voices, moments)
    enter(net, layers, work, voices * moments)
    for layer in range(layers.dilations.shape[0]):
        advance(net, layers, state, work, slots, layer, voices, moments)
    leave(net, layers, work, voices * moments)


@woven
def look_ahead(net, layers, state, work, slots, voices):
    """Every AHEAD samples of a voice, what the old taps of the far layers contribute to its next AHEAD samples.

    Their inputs are all known, so weights that were read serve AHEAD moments: a lone voice is nearly as fast as many.
    """
    for row in range(voices):
        slot = slots[row]
        age = state.age[slot] // AHEAD * AHEAD
        if layers.foreseen[slot] != age:
            layers.foreseen[slot] = age
            for layer in range(layers.dilations.shape[0]):
                if layers.far[layer] >= 0:
                    foresee_layer(net, layers, work, slot, age, layer)


@compiled
def foresee_layer(net, layers, work, slot, age, layer):
    """Fill the layer's part of `ahead` for the moments from `age` on; those that are past already get nonsense.

    No row crosses the end of its ring: in far layers, lengths, lags and ages are multiples of AHEAD.
    """
    for tap in range(net.taps - 1):
        lag = (net.taps - 1 - tap) * layers.dilations[layer]
        first = slot * layers.ring_rows + layers.rings[layer] + ((age - lag) & layers.wraps[layer])
        for i in range(AHEAD):
            work.then[tap * AHEAD + i] = first + i
    for i in range(AHEAD):
        work.moments[i] = (slot * AHEAD + i) * layers.far_layers + layers.far[layer]
    sums = (layers.ahead, work.moments)
    foresee(layers.old[layers.far[layer]], net.taps - 1, (layers.history, work.then), sums, AHEAD)


@compiled
def place_rows(layers, state, work, slots, voices, moments):
    """Of each row: where its voice's history begins, its age, and how many moments of the call came before it."""
    for voice in range(voices):
        base, age = slots[voice] * layers.ring_rows, state.age[slots[voice]]
        for moment in range(moments):
            row = voice * moments + moment
            work.bases[row], work.ages[row], work.since[row] = base, age + moment, moment


@compiled
def find(net, layers, work, layer, rows, places):
    """Fill `places` with where the inputs of a layer are: of all rows the oldest tap, then the next; then their homes.

    The newest stay beside the ring until the oldest, whose places they take, have been heard.
    """
    first, wrap = layers.rings[layer], layers.wraps[layer]
    for tap in range(net.taps - 1):
        lag, old = (net.taps - 1 - tap) * layers.dilations[layer], places[tap * rows :]
        for row in range(rows):
            ring = work.bases[row] + first + ((work.ages[row] - lag) & wrap)
            old[row] = ring if lag > work.since[row] else work.newest[row] - lag
    newest, homes = places[(net.taps - 1) * rows :], places[net.taps * rows :]
    for row in range(rows):
        newest[row] = work.newest[row]
        homes[row] = work.bases[row] + first + (work.ages[row] & wrap)


@woven
def enter(net, layers, work, rows):
    """Past samples and excitation -> the first layer's input, and the first contribution to the skip path."""
    stream, skip = (work.stream, work.each), (work.skip, work.each)
    find(net, layers, work, 0, rows, work.places[0])
    onward(
        net.entry, net.unscaled, (work.entries, work.each), (net.entry_bias, work.none), (work.zeros, work.none),
        stream, (layers.history, work.newest), layers.sharpness[0], rows,
    )  # fmt: skip
    multiply(net.skip_start, stream, (net.skip_bias, work.none), skip, rows)


@woven
def advance(net, layers, state, work, slots, layer, voices, moments):
    """One layer: its input, in the history, through the gate and on to the next layer's input."""
    width, last, rows = work.stream.shape[1], layers.dilations.shape[0] - 1, voices * moments
    conditions = work.conditions[:, layer * 2 * width : (layer + 1) * 2 * width], work.owner
    group, place = layer // layers.together, layer % layers.together
    gates, gated = (layers.gated, work.each), (layers.gated[:, place * width : (place + 1) * width], work.each)
    stream, skip = (work.stream, work.each), (work.skip, work.each)
    scale, sharpness, far = layers.dilated_scale[layer], layers.gate_sharpness[0], layers.far[layer]
    places, next_places = work.places[layer % 2], work.places[(layer + 1) % 2]
    if layer < last:
        find(net, layers, work, layer + 1, rows, next_places)
        if voices >= MANY:  # the past of fewer stays near
            fetch((layers.history, next_places), (net.taps - 1) * rows)
    if far >= 0 and voices < MANY and moments == 1:
        for row in range(voices):
            moment = slots[row] * AHEAD + state.age[slots[row]] % AHEAD
            work.ahead[row] = moment * layers.far_layers + far
        newest, ahead = (layers.history, work.newest), (layers.ahead, work.ahead)
        transform(layers.current[far], scale, 1, newest, conditions, ahead, gated, sharpness, rows)
    else:
        inputs, ahead = (layers.history, places), (layers.nothing, work.none)
        transform(layers.dilated[layer], scale, net.taps, inputs, conditions, ahead, gated, sharpness, rows)
    copy((layers.history, work.newest), (layers.history, places[net.taps * rows :]), rows)
    if place == layers.together - 1:
        gather(layers.skip[group], layers.skip_scale[group], gates, skip, skip, rows)
    if layer < last:
        onward(
            layers.res[layer], layers.res_scale[layer], gated, stream, (layers.res_bias[layer : layer + 1], work.none),
            stream, (layers.history, work.newest), layers.sharpness[layer + 1], rows,
        )  # fmt: skip


@woven
def leave(net, layers, work, rows):
    """Skip path -> outputs."""
    first = layers.dilations.shape[0] * 2 * work.stream.shape[1]
    conditions = work.conditions[:, first : first + work.skip.shape[1]]
    skip, hidden, outputs = (work.skip, work.each), (work.hidden, work.each), (work.outputs, work.each)
    rectify(work.skip, rows)
    multiply(net.out1, skip, (conditions, work.owner), hidden, rows)
    rectify(work.hidden, rows)
    multiply(net.logits, hidden, (net.logits_bias, work.none), outputs, rows)
    if net.wave_level:
        stand_about(net, work.outputs, work.wave, rows)


@compiled
def stand_about(net, outputs, wave, rows):
    """The means of the mixture are about the excitation's own wave."""
    for row in range(rows):
        middle = compress(min(max(net.wave_level * wave[row], -1.0), 1.0), net.mu, net.log_mu)
        for i in range(net.mixture):
            outputs[row, net.mixture + i] += middle


@compiled
def rectify(values, rows):
    """In place: negative elements become zero."""
    for row in range(rows):
        for j in range(values.shape[1]):
            values[row, j] = values[row, j] if values[row, j] > ZERO else ZERO
