"""The network, one sample of all voices. Lanes without a voice repeat the last one; nothing reads them."""

from engine.decoder.kernels.arithmetic import clear, gate, multiply, put, rectify, take
from engine.decoder.kernels.compiling import compiled, inlined
from engine.decoder.kernels.inputs import balance, listen, tune
from engine.decoder.kernels.layout import LANES, TILE


@inlined
def predict(net, state, work, block, voices, t):
    """Advance the network: work.outputs (voices, outputs) = the distribution of sample t."""
    for row in range(voices):
        f0_hz = block.f0_hz[row, t]
        if t == 0 or f0_hz != work.tuned_hz[row]:
            tune(net, f0_hz, work.held[row], work.conditions[row])
            balance(net, work.conditions[row], work.amplitudes[row])
            work.tuned_hz[row] = f0_hz
        listen(net, state, block.slots[row], f0_hz, work.amplitudes[row], work.entries[row])
    for first in range(0, voices, LANES):
        enter(net, work, first, voices)
    for layer in range(net.dilations.shape[0]):
        for first in range(0, voices, LANES):
            remember(net, state, work, block.slots, layer, first, voices)
            transform(net, work, layer, first, voices)
    for first in range(0, voices, LANES):
        leave(net, work, first, voices)


@compiled
def lanes_of(first, voices):
    """Lanes to compute for the group that starts with voice `first`: 1 if it is alone, else all."""
    return 1 if voices - first == 1 else LANES


@inlined
def enter(net, work, first, voices):
    """Start convolution, harmonics and the first contribution to the skip path."""
    group, lanes = first // LANES, lanes_of(first, voices)
    x, sums = work.x[group], work.sums[group]
    for lane in range(lanes):
        put(work.entry, lane, work.entries[min(first + lane, voices - 1)])
        put(x, lane, net.entry_bias)
        put(sums, lane, net.skip_bias)
    multiply(net.entry, work.entry, x, lanes)
    multiply(net.skip_start, x, sums, lanes)


@inlined
def remember(net, state, work, slots, layer, first, voices):
    """Gather a layer's taps from the rings, zero before the note's start, and store its newest input."""
    group, lanes = first // LANES, lanes_of(first, voices)
    tiles, dilation, ring = work.gated.shape[0], net.dilations[layer], net.rings[layer]
    wrap = (net.taps - 1) * dilation - 1  # a power of two, less one
    for lane in range(lanes):
        slot = slots[min(first + lane, voices - 1)]
        age = state.age[slot]
        for tap in range(net.taps - 1):
            lag = (net.taps - 1 - tap) * dilation
            past = work.past[tap * tiles : (tap + 1) * tiles]
            if age < lag:
                clear(past, lane)
            else:
                put(past, lane, state.history[slot, ring + ((age - lag) & wrap)])
        for i in range(tiles):
            for j in range(TILE):
                work.past[(net.taps - 1) * tiles + i, lane, j] = work.x[group, i, lane, j]
    for lane in range(min(LANES, voices - first)):
        slot = slots[first + lane]
        take(work.x[group], lane, state.history[slot, ring + (state.age[slot] & wrap)])


@inlined
def transform(net, work, layer, first, voices):
    """One layer: gate, residual and skip. The last layer's residual feeds nothing and is left out."""
    group, lanes = first // LANES, lanes_of(first, voices)
    columns = work.gates.shape[0] * TILE
    for lane in range(lanes):
        conditions = work.conditions[min(first + lane, voices - 1)]
        put(work.gates, lane, conditions[layer * columns : (layer + 1) * columns])
    multiply(net.dilated[layer], work.past, work.gates, lanes)
    gate(work.gates, work.gated, lanes)
    multiply(net.skip[layer], work.gated, work.sums[group], lanes)
    if layer + 1 < net.dilations.shape[0]:
        x, bias = work.x[group], net.res_bias[layer]
        for i in range(x.shape[0]):
            for lane in range(lanes):
                for j in range(TILE):
                    x[i, lane, j] += bias[i * TILE + j]
        multiply(net.res[layer], work.gated, x, lanes)


@inlined
def leave(net, work, first, voices):
    """Skip path -> outputs."""
    group, lanes = first // LANES, lanes_of(first, voices)
    sums = work.sums[group]
    column = net.dilations.shape[0] * work.gates.shape[0] * TILE
    for lane in range(lanes):
        conditions = work.conditions[min(first + lane, voices - 1)]
        put(work.hidden, lane, conditions[column : column + sums.shape[0] * TILE])
        put(work.final, lane, net.logits_bias)
    rectify(sums, lanes)
    multiply(net.out1, sums, work.hidden, lanes)
    rectify(work.hidden, lanes)
    multiply(net.logits, work.hidden, work.final, lanes)
    for lane in range(min(LANES, voices - first)):
        take(work.final, lane, work.outputs[first + lane])
