"""The network, one sample of all voices.

Rows are voices; or, where no sample is fed back, the next timesteps of few voices. Both precisions take the same way.
"""

import numpy as np

from engine.decoder.cpu.kernels.compiling import compiled, inline_always
from engine.decoder.cpu.kernels.emit.flags import meet
from engine.decoder.cpu.kernels.loops.products import (
    add_residual,
    add_skip,
    copy_rows,
    gated_convolution,
    linear,
    precompute,
    prefetch_rows,
)
from engine.decoder.cpu.kernels.loops.sampling import compress

ZERO = np.float32(0)
MANY_VOICES = 4  # voices from which on weights serve enough rows without looking ahead


@inline_always
def forward(net, layers, state, work, slots, voices, timesteps):
    """Advance the network: work.outputs = the distributions of each voice's next samples, so many `timesteps`."""
    rows = voices * timesteps
    locate_rows(layers, state, work, slots, voices, timesteps)
    locate_taps(net, layers, work, 0, rows, work.tap_rows[0])
    if not work.core:
        project_inputs(net, layers, work, rows)
    wait_for_team(work)
    for layer in range(layers.dilations.shape[0]):
        forward_layer(net, layers, state, work, slots, layer, voices, timesteps)
    if not work.core:
        forward_head(net, layers, work, rows)


@compiled
def look_ahead(net, layers, state, work, slots, voices, layer):
    """work.lookahead_rows = what the old taps of this layer contribute to each voice's next sample.

    It is computed for the next `lookahead_lengths` samples of a voice at once, at most the layer's dilation: so their
    inputs are all known. Weights that were read serve all of them: a lone voice is nearly as fast as many.
    """
    length = layers.lookahead_lengths[layer]
    for row in range(voices):
        slot = slots[row]
        place = state.age[slot] & (length - 1)
        first = slot * layers.lookahead_room + layers.lookahead_starts[layer]
        if layers.lookahead_age[slot, layer] != state.age[slot] - place:
            layers.lookahead_age[slot, layer] = state.age[slot] - place
            precompute_layer(net, layers, work, slot, state.age[slot] - place, layer, first)
        work.lookahead_rows[row] = first + place


@compiled
def precompute_layer(net, layers, work, slot, age, layer, first):
    """Fill `lookahead` from row `first` on for the timesteps from `age` on; those that are past already get nonsense.

    No row crosses the end of its ring: its length, lags and ages are multiples of the timesteps.
    """
    length, index = layers.lookahead_lengths[layer], layers.lookahead_index[layer]
    for tap in range(net.taps - 1):
        lag = (net.taps - 1 - tap) * layers.dilations[layer]
        ring = slot * layers.ring_rows + layers.ring_starts[layer] + ((age - lag) & layers.ring_masks[layer])
        for i in range(length):
            work.lookahead_inputs[tap * length + i] = ring + i
    for i in range(length):
        work.lookahead_outputs[i] = first + i
    inputs, sums = (layers.history, work.lookahead_inputs), (layers.lookahead, work.lookahead_outputs)
    precompute(layers.old_taps[index], net.taps - 1, inputs, sums, length)


@compiled
def locate_rows(layers, state, work, slots, voices, timesteps):
    """Of each row: where its voice's history begins, its age, and how many timesteps of the call came before it."""
    for voice in range(voices):
        base, age = slots[voice] * layers.ring_rows, state.age[slots[voice]]
        for timestep in range(timesteps):
            row = voice * timesteps + timestep
            work.ring_bases[row], work.row_ages[row], work.row_timesteps[row] = base, age + timestep, timestep
            work.voice_of_row[row] = voice


@compiled
def locate_taps(net, layers, work, layer, rows, tap_rows):
    """Fill `tap_rows` with where a layer's inputs are: of all rows the oldest tap, then the next; last their homes.

    The newest stay beside the ring until the oldest, whose places they take, have been read.
    """
    first, mask = layers.ring_starts[layer], layers.ring_masks[layer]
    for tap in range(net.taps - 1):
        lag, old = (net.taps - 1 - tap) * layers.dilations[layer], tap_rows[tap * rows :]
        for row in range(rows):
            ring = work.ring_bases[row] + first + ((work.row_ages[row] - lag) & mask)
            old[row] = ring if lag > work.row_timesteps[row] else work.newest_rows[row] - lag
    newest, homes = tap_rows[(net.taps - 1) * rows :], tap_rows[net.taps * rows :]
    for row in range(rows):
        newest[row] = work.newest_rows[row]
        homes[row] = work.ring_bases[row] + first + (work.row_ages[row] & mask)


@inline_always
def project_inputs(net, layers, work, rows):
    """Past samples and excitation -> the first layer's input, and the first contribution to the skip path."""
    residual, skip = (work.residual, work.each_row), (work.skip, work.each_row)
    inputs, bias = (work.network_inputs, work.each_row), (net.input_bias, work.first_row)
    nothing = (work.zeros, work.first_row)
    add_residual(
        net.input_projection, net.unit_scale, inputs, bias, nothing,
        residual, (layers.history, work.newest_rows), layers.input_inverse_scale[0], rows,
    )  # fmt: skip
    linear(net.skip_start, residual, (net.skip_bias, work.first_row), skip, rows)


@inline_always
def forward_layer(net, layers, state, work, slots, layer, voices, timesteps):
    """One layer: its input, in the history, through the gate and on to the next layer's input."""
    width, own, last = work.residual.shape[1], work.own_residual.shape[1], layers.dilations.shape[0] - 1
    rows = voices * timesteps
    conditions = work.own_conditions[:, layer * 2 * width : layer * 2 * width + 2 * own], work.voice_of_row
    group, position = layer // layers.layers_per_skip, layer % layers.layers_per_skip
    gates, gated = layers.gated, (layers.gated[:, position * width : (position + 1) * width], work.each_row)
    own_gated = layers.own_gated[:, position * width : position * width + own], work.each_row
    residual, skip = (work.own_residual, work.each_row), (work.own_skip, work.each_row)
    scale, inverse_scale = layers.dilated_scale[layer], layers.gate_inverse_scale[0]
    index = layers.lookahead_index[layer]
    tap_rows, next_tap_rows = work.tap_rows[layer % 2], work.tap_rows[(layer + 1) % 2]
    if layer < last:
        locate_taps(net, layers, work, layer + 1, rows, next_tap_rows)
        if voices >= MANY_VOICES:  # the past of fewer stays in the nearest cache
            prefetch_rows((layers.history, next_tap_rows), (net.taps - 1) * rows)
    if index >= 0 and voices < MANY_VOICES and timesteps == 1:
        look_ahead(net, layers, state, work, slots, voices, layer)
        inputs, lookahead = (layers.history, work.newest_rows), (layers.lookahead, work.lookahead_rows)
        weights, taps = layers.newest_tap[index], 1
        gated_convolution(weights, scale, taps, inputs, conditions, lookahead, own_gated, inverse_scale, rows)
    else:
        inputs, lookahead = (layers.history, tap_rows), (layers.no_lookahead, work.first_row)
        weights, taps = layers.dilated[layer], net.taps
        gated_convolution(weights, scale, taps, inputs, conditions, lookahead, own_gated, inverse_scale, rows)
    wait_for_team(work)
    copy_rows((layers.own_history, work.newest_rows), (layers.own_history, tap_rows[net.taps * rows :]), rows)
    if position == layers.layers_per_skip - 1:
        add_skip(layers.skip[group], layers.skip_scale[group], (gates, work.each_row), skip, skip, rows)
    if layer < last:
        bias = (layers.res_bias[layer : layer + 1], work.first_row)
        add_residual(
            layers.res[layer], layers.res_scale[layer], gated, residual, bias,
            residual, (layers.own_history, work.newest_rows), layers.input_inverse_scale[layer + 1], rows,
        )  # fmt: skip
    wait_for_team(work)


@inline_always
def wait_for_team(work):
    """Until all cores that share the outputs have come here: what each has written can be read by all."""
    if work.team > 1:
        meet(work.arrivals, work.core, work.team)


@inline_always
def forward_head(net, layers, work, rows):
    """Skip path -> outputs."""
    first = layers.dilations.shape[0] * 2 * work.residual.shape[1]
    conditions = work.conditions[:, first : first + work.skip.shape[1]]
    skip, hidden, outputs = (work.skip, work.each_row), (work.hidden, work.each_row), (work.outputs, work.each_row)
    relu(work.skip, rows)
    linear(net.out1, skip, (conditions, work.voice_of_row), hidden, rows)
    relu(work.hidden, rows)
    linear(net.logits, hidden, (net.logits_bias, work.first_row), outputs, rows)
    if net.direct_level:
        add_direct(net, work.outputs, work.direct, rows)


@compiled
def add_direct(net, outputs, direct, rows):
    """The means of the mixture are about the excitation's own wave."""
    for row in range(rows):
        middle = compress(min(max(net.direct_level * direct[row], -1.0), 1.0), net.mu, net.log_mu)
        for i in range(net.mixture):
            outputs[row, net.mixture + i] += middle


@compiled
def relu(values, rows):
    """In place: negative elements become zero."""
    for row in range(rows):
        for j in range(values.shape[1]):
            values[row, j] = values[row, j] if values[row, j] > ZERO else ZERO
