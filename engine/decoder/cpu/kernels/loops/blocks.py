"""The entry point: a block of samples for all voices in one call."""

import numpy as np
from numba import typeof, types

from engine.decoder.cpu.kernels.compiling import compiled, entry_point
from engine.decoder.cpu.kernels.emit.references import Reference, nearby
from engine.decoder.cpu.kernels.layout import MOMENTS
from engine.decoder.cpu.kernels.loops.inputs import begin_block, begin_ticks, listen, place_in_tick
from engine.decoder.cpu.kernels.loops.layers import predict
from engine.decoder.cpu.kernels.loops.sampling import deemphasise, draw_class, draw_mixture, expand, smooth_gain


@entry_point
def render_block(net, layers, state, work, block, voices, samples, scores):
    """Fill block.audio with the next samples of the voices in block.slots.

    net, layers, state, work, block : references (layout.py, references.py)
    scores : (rows, samples, outputs) to be filled while the voices are fed with what block.audio holds; or empty
    """
    net, layers, state, work, block = nearby(net), nearby(layers), nearby(state), nearby(work), nearby(block)
    begin_block(net, state, work, block, voices)
    t = 0
    while t < samples:
        moments = count_moments(net, state, block, voices, samples - t)
        begin_ticks(net, state, work, block, voices, t)
        for row in range(voices):
            for moment in range(moments):
                listen(net, state, work, block, row, t, moment, row * moments + moment)
        predict(net, layers, state, work, block.slots, voices, moments)
        for row in range(voices):
            for moment in range(moments):
                outputs, now = work.outputs[row * moments + moment], t + moment
                if scores.shape[0]:
                    for i in range(scores.shape[2]):
                        scores[row, now, i] = outputs[i]
                    heard = block.audio[row, now]
                else:
                    heard = sound(net, state, work, block, outputs, row, now)
                feed_back(net, state, block.slots[row], heard)
        t += moments


@compiled
def count_moments(net, state, block, voices, left):
    """Samples that go through the network together, their voices' conditioning the same; 1 where they are fed back."""
    if net.inputs:
        return 1
    moments = min(max(MOMENTS // voices, 1), left)
    for row in range(voices):
        moments = min(moments, net.tick - place_in_tick(net, state.age[block.slots[row]]))
    return moments


@compiled
def sound(net, state, work, block, outputs, row, t):
    """Draw a sample from the outputs and make it audio. Returns it as the network hears it."""
    slot, temperature, uniform = block.slots[row], block.temperature[row], block.uniforms[row, t]
    if net.mixture:
        heard = draw_mixture(outputs, net.mixture, net.log_scale_min, temperature, uniform)
        audio = expand(heard, net.mu, net.log_mu)
    else:
        code = draw_class(outputs, work.sums, temperature, uniform)
        heard = (code - 128) / 128
        audio = float(net.table[code])
    audio *= smooth_gain(net, state, slot, work.loud[row])
    block.audio[row, t] = np.float32(deemphasise(net, state, slot, audio))
    return np.float32(heard)


@compiled
def feed_back(net, state, slot, heard):
    """The sample becomes the voice's past."""
    for i in range(net.taps - 1, 0, -1):
        state.heard[slot, i] = state.heard[slot, i - 1]
    state.heard[slot, 0] = heard
    state.age[slot] += 1


def block_renderer(net, layers, state, work, block):
    """`render_block`, compiled for NamedTuples such as these: a function of addresses, numbers and scores."""
    references = [Reference(typeof(fields)) for fields in (net, layers, state, work, block)]
    return render_block.compile((*references, types.int64, types.int64, types.float32[:, :, ::1]))
