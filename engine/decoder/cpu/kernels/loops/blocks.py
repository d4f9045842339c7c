"""The entry point: a block of samples for all voices in one call."""

from collections.abc import Callable

import numpy as np
from numba import typeof, types

from engine.decoder.cpu.kernels.compiling import compiled, entry_point, inline_always
from engine.decoder.cpu.kernels.emit.structs import StructPointer, copy_to_stack
from engine.decoder.cpu.kernels.layout import PARALLEL_TIMESTEPS, Block, Layers, Network, State, Work
from engine.decoder.cpu.kernels.loops.inputs import begin_block, fill_inputs, place_in_tick, update_ticks
from engine.decoder.cpu.kernels.loops.layers import forward, wait_for_team
from engine.decoder.cpu.kernels.loops.sampling import deemphasise, draw_class, draw_mixture, expand, smooth_gain


@entry_point
def render_block(net, layers, state, work, block, voices, samples, scores):
    """Fill block.audio with the next samples of the voices in block.slots.

    net, layers, state, work, block : pointers to structs (layout.py, structs.py)
    scores : (rows, samples, outputs) to be filled while the voices are fed with what block.audio holds; or empty
    """
    net, layers, state = copy_to_stack(net), copy_to_stack(layers), copy_to_stack(state)
    work, block = copy_to_stack(work), copy_to_stack(block)
    if not work.core:
        begin_block(net, state, work, block, voices)
    t = 0
    while t < samples:
        timesteps = count_timesteps(net, state, block, voices, samples - t)
        if not work.core:
            begin_step(net, state, work, block, voices, timesteps, t)
        forward(net, layers, state, work, block.slots, voices, timesteps)
        if not work.core:
            end_step(net, state, work, block, voices, timesteps, t, scores)
        wait_for_team(work)
        t += timesteps


@inline_always
def begin_step(net, state, work, block, voices, timesteps, t):
    """What enters the network for the samples from t on."""
    update_ticks(net, state, work, block, voices, t)
    for row in range(voices):
        for timestep in range(timesteps):
            fill_inputs(net, state, work, block, row, t, timestep, row * timesteps + timestep)


@inline_always
def end_step(net, state, work, block, voices, timesteps, t, scores):
    """What leaves it: samples from t on, drawn, or given and their scores kept; they become the voices' past."""
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
    pointers = [StructPointer(_kind(fields)) for fields in (net, layers, state, work, block)]
    return render_block.compile((*pointers, types.int64, types.int64, types.float32[:, :, ::1]))


def _kind(fields):
    """Its type. Tables that a core may have a view of have any layout; in memory there is no difference."""
    kind = typeof(fields)
    kinds = [
        each.copy(layout="A")
        if getattr(each, "ndim", 0) == 2 and (isinstance(fields, Layers) or "own_" in name)
        else each
        for name, each in zip(fields._fields, kind, strict=True)
    ]
    return types.NamedTuple(kinds, type(fields))
