"""The decoder that plays: fast generation (Paine et al. 2016), compiled by numba.

Every layer keeps its past inputs in a ring, so a sample costs one column of each convolution. packing.py and stack.py
lay the weights out, kernels/ holds the loops, cores.py spreads the voices. No thread but the one that renders may
call it. One call works on blocks of at most `block` samples in buffers made at construction and allocates nothing
inside.

Denormals: no state decays towards zero. The rings hold a finite past, padding stays exactly zero, a gate is never
smaller than its rounding, the loudness settles on its target, and a sample given out below -400 dB counts as zero
(sampling.py); so nothing else needs to be flushed.
"""

import numpy as np

from engine.decoder.cpu import stack
from engine.decoder.cpu.cores import Cores
from engine.decoder.cpu.kernels.layout import (
    LONGEST_LOOK_AHEAD,
    Block,
    Network,
    State,
    Work,
    aligned,
    max_rows,
    noise_room,
)
from engine.decoder.cpu.kernels.loops.blocks import block_renderer
from engine.decoder.cpu.kernels.processor import LANES
from engine.decoder.cpu.packing import pack
from engine.decoder.cpu.shares import share_of, teams, whole
from engine.decoder.protocol import Precision
from models.config import WaveNetConfig

_NO_SCORES = np.zeros((0, 0, 0), np.float32)


class CpuDecoder:
    """Decoder (see engine.decoder) for any config.

    weights : float32 arrays with the names of the torch state_dict, as `models.checkpoints.read` returns them
    voices : slots
    block : longest stretch of samples that is computed in one go; longer calls are cut
    precision : of the dilated layers; "int8" takes about half the time and adds a little noise
    cores : threads that share the voices, the caller's among them
    ranges : float32 (layers,), largest inputs of the layers; int8 needs them (ranges.py)
    Construction compiles the kernels (some ten seconds), or loads them from numba's cache (well under a second).
    """

    def __init__(
        self,
        config: WaveNetConfig,
        weights: dict[str, np.ndarray],
        voices: int,
        block: int = 512,
        precision: Precision = "float32",
        cores: int = 1,
        ranges: np.ndarray | None = None,
    ):
        self.config = config
        self.voices = voices
        self.precision, self.cores = precision, cores
        self._length = block
        network, rows = pack(config, weights), max_rows(voices)
        if precision == "int8":
            if ranges is None:
                raise ValueError("int8 needs the ranges of the layers' inputs")
            layers = stack.int8_layers(config, weights, voices, cores * rows, ranges, network)
        else:
            layers = stack.float32_layers(config, weights, voices, cores * rows)
        self._network, self._layers = aligned(network), aligned(layers)
        self._state = aligned(_state(config, voices))
        self._team = cores if cores > 1 and stack.is_far(layers) else 1
        self._shares = self._divide(block, cores)
        first = self._shares[0]
        self._render_block = block_renderer(self._network, first.layers, self._state, first.work, first.block)
        self._samples, self._scores = 0, _NO_SCORES
        self._cores = Cores(cores, self._advance_share)
        self.reset(np.arange(voices))
        self._advance(0, 0)  # compile before time counts

    def reset(self, slots: np.ndarray) -> None:
        """Silence the history of these voices: the next sample is the first of a note."""
        state = self._state
        self._histories()[slots] = self._layers.zero_point
        for share in self._shares:
            share.layers.lookahead_age[slots] = -1
        phases = state.cycles, state.detune_phase, state.inharmonic_phase, state.phasors
        for array in (state.age, state.past_samples, state.white_noise, *phases):
            array[slots] = 0
        state.phasors[slots, 2] = 1

    def render(self, slots, latents, f0_hz, temperature, uniforms, audio) -> None:
        """Fill `audio`; shapes as in the protocol."""
        voices, samples = audio.shape
        active = self._distribute(slots, latents, temperature)
        for start in range(0, samples, self._length):
            count = min(self._length, samples - start)
            part = slice(start, start + count)
            for share in active:
                share.fill(f0_hz, uniforms, part)
            self._advance(len(active), count)
            for share in active:
                audio[share.rows, part] = share.block.audio[: share.voices, :count]

    def score(self, slots, samples, latents, f0_hz, uniforms) -> np.ndarray:
        """Teacher-forced outputs; shapes as in the protocol."""
        voices, length = samples.shape
        active = self._distribute(slots, latents, 1.0)
        scores = np.zeros((voices, length, self.config.outputs), np.float32)
        for start in range(0, length, self._length):
            count = min(self._length, length - start)
            part = slice(start, start + count)
            for share in active:
                share.fill(f0_hz, uniforms, part)
                share.block.audio[: share.voices, :count] = samples[share.rows, part]
            self._scores = np.zeros((voices, count, self.config.outputs), np.float32)
            self._advance(len(active), count)
            scores[:, part] = self._scores
        self._scores = _NO_SCORES
        return scores

    def close(self) -> None:
        """End the threads of the other cores, if any. The decoder is not used afterwards."""
        self._cores.close()

    def largest_inputs(self) -> np.ndarray:
        """float32 (layers,): the largest magnitude in each layer's history, over all voices."""
        return np.maximum.reduceat(np.abs(self._histories()).max((0, 2)), self._layers.ring_starts)

    @property
    def is_team(self) -> bool:
        """Whether its cores share the outputs of every layer, instead of the voices."""
        return self._team > 1

    def _histories(self):
        """View (voices, rows, R) of what the voices remember."""
        layers = self._layers
        return layers.history[: self.voices * layers.ring_rows].reshape(self.voices, layers.ring_rows, -1)

    def _divide(self, block, cores):
        """A share for each core, of the voices or, where the weights are far, of each layer's outputs."""
        config, network, voices = self.config, self._network, self.voices
        first_row = voices * self._layers.ring_rows

        def scratch(core=0):
            return aligned(_work(config, network, voices, first_row + core * max_rows(voices)))

        if self._team > 1:
            parts, blocks = teams(self._layers, scratch, cores), [_block(config, voices, block)] * cores
        else:
            parts = [whole(self._layers, scratch(core)) for core in range(cores)]
            blocks = [_block(config, voices, block) for _ in range(cores)]
        return [
            share_of(network, layers, self._state, work, own) for (layers, work), own in zip(parts, blocks, strict=True)
        ]

    def _distribute(self, slots, latents, temperature):
        """Each core gets about as many rows, or all of them. Returns the shares whose blocks are to be filled."""
        voices, groups = len(slots), len(self._shares) // self._team
        active = self._shares[: max(1, min(voices, groups))]
        for i, share in enumerate(active):
            rows = slice(voices * i // len(active), voices * (i + 1) // len(active))
            for member in self._shares[i * self._team : (i + 1) * self._team]:
                member.rows = rows
            block, count = share.block, share.voices
            block.slots[:count], block.latents[:count] = slots[share.rows], latents[share.rows]
            block.temperature[:count] = temperature if np.isscalar(temperature) else temperature[share.rows]
        return active

    def _advance(self, shares, samples):
        self._samples = samples
        self._cores.run(shares * self._team)

    def _advance_share(self, index):
        share = self._shares[index]
        scores = self._scores[share.rows] if self._scores.size else _NO_SCORES
        self._render_block(*share.pointers, share.voices, self._samples, scores)


def _state(config, voices) -> State:
    waves = -(-config.harmonics // LANES) * LANES
    return State(
        age=np.zeros(voices, np.int64),
        past_samples=np.zeros((voices, config.taps), np.float32),
        tick_hz=np.zeros(voices, np.float32),
        cycles=np.zeros(voices),
        deviation_cents=np.zeros(voices),
        detune=np.zeros((voices, config.harmonics)),
        detune_phase=np.zeros((voices, config.harmonics)),
        inharmonic_phase=np.zeros((voices, config.harmonics)),
        phasors=np.zeros((voices, 4, waves), np.float32),
        gains=np.zeros((voices, 2, waves), np.float32),
        white_noise=np.zeros((voices, noise_room(config) + config.tick), np.float32),
        loudness_gain=np.zeros(voices),
        last_audio=np.zeros(voices),
    )


def _block(config, voices, samples) -> Block:
    return Block(
        slots=np.zeros(voices, np.int64),
        latents=np.zeros((voices, config.latent), np.float32),
        f0_hz=np.zeros((voices, samples), np.float32),
        temperature=np.zeros(voices, np.float32),
        uniforms=np.zeros((voices, samples), np.float32),
        audio=np.zeros((voices, samples), np.float32),
    )


def _work(config, network: Network, voices, scratch) -> Work:
    columns, width, skip = (bias.shape[1] for bias in (network.condition_bias, network.input_bias, network.skip_bias))

    count = max_rows(voices)

    def rows(channels):
        return np.zeros((count, channels), np.float32)

    def numbers(count):
        return np.zeros(count, np.int64)

    conditions, residual, skip_sums = rows(columns), rows(width), rows(skip)
    return Work(
        core=0,
        team=1,
        arrivals=np.zeros((1, 8), np.int64),
        loudness_target=np.zeros(count),
        condition_inputs=rows(network.condition.shape[0] // columns),
        conditions=conditions,
        own_conditions=conditions,
        gains=rows(network.gain2_bias.shape[1]),
        noise_taps=rows(noise_room(config)),
        network_inputs=rows(network.input_projection.shape[0] // width),
        direct=np.zeros(count, np.float32),
        residual=residual,
        own_residual=residual,
        skip=skip_sums,
        own_skip=skip_sums,
        hidden=rows(skip),
        outputs=rows(network.logits_bias.shape[1]),
        partial_sums=np.zeros(network.logits_bias.shape[1] // LANES, np.float32),
        zeros=np.zeros((1, max(2 * width, noise_room(config))), np.float32),
        each_row=np.arange(count),
        first_row=numbers(count),
        voice_of_row=numbers(count),
        ring_bases=numbers(count),
        row_ages=numbers(count),
        row_timesteps=numbers(count),
        due_rows=numbers(count),
        newest_rows=np.arange(scratch, scratch + count),
        tap_rows=np.zeros((2, (config.taps + 1) * count), np.int64),
        lookahead_rows=numbers(voices),
        lookahead_inputs=numbers(config.taps * LONGEST_LOOK_AHEAD),
        lookahead_outputs=numbers(LONGEST_LOOK_AHEAD),
    )
