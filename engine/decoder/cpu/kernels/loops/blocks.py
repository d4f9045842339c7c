"""The entry point: a block of samples for all voices in one call."""

from collections.abc import Callable

import numpy as np
from numba import typeof, types

from engine.decoder.cpu.kernels.compiling import compiled, entry_point
from engine.decoder.cpu.kernels.emit.structs import StructPointer, copy_to_stack
from engine.decoder.cpu.kernels.layout import PARALLEL_TIMESTEPS, Block, Layers, Network, State, Work
from engine.decoder.cpu.kernels.loops.inputs import begin_block, fill_inputs, place_in_tick, update_ticks
from engine.decoder.cpu.kernels.loops.layers import forward
from engine.decoder.cpu.kernels.loops.sampling import deemphasise, draw_class, draw_mixture, expand, smooth_gain


@entry_point
def render_block(net, layers, state, work, block, voices, samples, scores):
    """Fill block.audio with the next samples of the voices in block.slots.

    net, layers, state, work, block : pointers to structs (layout.py, structs.py)
    scores : (rows, samples, outputs) to be filled while the voices are fed with what block.audio holds; or empty
    """
    net, layers, state = copy_to_stack(net), copy_to_stack(layers), copy_to_stack(state)
    work, block = copy_to_stack(work), copy_to_stack(block)
    begin_block(net, state, work, block, voices)
    t = 0
    while t < samples:
        timesteps = count_timesteps(net, state, block, voices, samples - t)
        update_ticks(net, state, work, block, voices, t)
        for row in range(voices):
            for timestep in range(timesteps):
                fill_inputs(net, state, work, block, row, t, timestep, row * timesteps + timestep)
        forward(net, layers, state, work, block.slots, voices, timesteps)
        for row in range(voices):
            for timestep in range(timesteps):
                outputs, now = work.outputs[row * timesteps + timestep], t + timestep
                if scores.shape[0]:
                    for i in range(scores.shape[2]):
                        scores[row, now, i] = outputs[i]
                    heard = block.audio[row, now]
                else:
                    heard = draw_sample(net, state, work, block, outputs, row, now)
                feed_back(net, state, block.slots[row], heard)
        t += timesteps


@compiled
def count_timesteps(net, state, block, voices, left):
    """Samples that go through the network together, their voices' conditioning the same; 1 where they are fed back."""
    if net.feedback_channels:
        return 1
    timesteps = min(max(PARALLEL_TIMESTEPS // voices, 1), left)
    for row in range(voices):
        timesteps = min(timesteps, net.tick - place_in_tick(net, state.age[block.slots[row]]))
    return timesteps


@compiled
def draw_sample(net, state, work, block, outputs, row, t):
    """Draw a sample from the outputs and make it audio. Returns it as the network hears it."""
    slot, temperature, uniform = block.slots[row], block.temperature[row], block.uniforms[row, t]
    if net.mixture:
        heard = draw_mixture(outputs, net.mixture, net.log_scale_min, temperature, uniform)
        audio = expand(heard, net.mu, net.log_mu)
    else:
        code = draw_class(outputs, work.partial_sums, temperature, uniform)
        heard = (code - 128) / 128
        audio = float(net.mulaw_table[code])
    audio *= smooth_gain(net, state, slot, work.loudness_target[row])
    block.audio[row, t] = np.float32(deemphasise(net, state, slot, audio))
    return np.float32(heard)


@compiled
def feed_back(net, state, slot, heard):
    """The sample becomes the voice's past."""
    for i in range(net.taps - 1, 0, -1):
        state.past_samples[slot, i] = state.past_samples[slot, i - 1]
    state.past_samples[slot, 0] = heard
    state.age[slot] += 1


def block_renderer(net: Network, layers: Layers, state: State, work: Work, block: Block) -> Callable[..., None]:
    """`render_block`, compiled for NamedTuples such as these: a function of addresses, numbers and scores."""
    pointers = [StructPointer(typeof(fields)) for fields in (net, layers, state, work, block)]
    return render_block.compile((*pointers, types.int64, types.int64, types.float32[:, :, ::1]))
