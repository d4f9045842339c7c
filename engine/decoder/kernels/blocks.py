"""The entry points: a block of samples for all voices in one call."""

import numpy as np

from engine.decoder.kernels.compiling import entry_point, inlined
from engine.decoder.kernels.inputs import hold
from engine.decoder.kernels.layers import predict
from engine.decoder.kernels.sampling import deemphasise, draw_class, draw_mixture, expand, smooth_gain


@entry_point
def render_block(net, state, work, block, voices, samples):
    """Fill block.audio with the next samples of the voices in block.slots."""
    for row in range(voices):
        hold(net, block.latents[row], work.held[row])
    for t in range(samples):
        predict(net, state, work, block, voices, t)
        for row in range(voices):
            slot, temperature, uniform = block.slots[row], block.temperature[row], block.uniforms[row, t]
            outputs = work.outputs[row]
            if net.mixture:
                heard = draw_mixture(outputs, net.mixture, net.log_scale_min, temperature, uniform)
                audio = expand(heard, net.mu)
            else:
                code = draw_class(outputs, temperature, uniform)
                heard = (code - 128) / 128
                audio = float(net.table[code])
            audio *= smooth_gain(net, state, slot, block.latents[row])
            block.audio[row, t] = np.float32(deemphasise(net, state, slot, audio))
            feed_back(net, state, slot, np.float32(heard))


@entry_point
def score_block(net, state, work, block, voices, samples, outputs):
    """Fill `outputs` (rows, samples, outputs) while the voices are fed with what block.audio holds."""
    for row in range(voices):
        hold(net, block.latents[row], work.held[row])
    for t in range(samples):
        predict(net, state, work, block, voices, t)
        for row in range(voices):
            for i in range(outputs.shape[2]):
                outputs[row, t, i] = work.outputs[row, i]
            feed_back(net, state, block.slots[row], block.audio[row, t])


@inlined
def feed_back(net, state, slot, heard):
    """The sample becomes the voice's past."""
    for i in range(net.taps - 1, 0, -1):
        state.heard[slot, i] = state.heard[slot, i - 1]
    state.heard[slot, 0] = heard
    state.age[slot] += 1
