"""The decoder that plays: fast generation (Paine et al. 2016) on one core, compiled by numba.

Every layer keeps its past inputs in a ring, so a sample costs one column of each convolution. packing.py lays the
weights out, kernels/ holds the loops. No thread but the one that renders may call it. One call works on blocks of
at most `block` samples in buffers made at construction and allocates nothing inside.

Denormals: no state decays towards zero. The rings hold a finite past, padding stays exactly zero, a gate is never
smaller than its rounding, the loudness settles on its target, and a sample given out below -400 dB counts as zero
(sampling.py); so nothing else needs to be flushed.
"""

import numpy as np

from engine.decoder.kernels.blocks import render_block
from engine.decoder.kernels.layout import AHEAD, NOISE_ROOM, Block, Network, State, Work, aligned
from engine.decoder.kernels.processor import LANES
from engine.decoder.packing import pack
from models.config import WaveNetConfig
from models.excitation import TICK

_NO_SCORES = np.zeros((0, 0, 0), np.float32)


class CpuDecoder:
    """Decoder (see engine.decoder) for any config.

    weights : float32 arrays with the names of the torch state_dict, as `models.checkpoints.read` returns them
    voices : slots
    block : longest stretch of samples that is computed in one go; longer calls are cut
    Construction compiles the kernels (some ten seconds), or loads them from numba's cache (well under a second).
    """

    def __init__(self, config: WaveNetConfig, weights: dict[str, np.ndarray], voices: int, block: int = 64):
        self.config = config
        self.voices = voices
        self._length = block
        self._network = aligned(pack(config, weights))
        self._state = aligned(_state(config, self._network, voices))
        self._work = aligned(_work(config, self._network, voices))
        self._block = Block(
            slots=np.zeros(voices, np.int64),
            latents=np.zeros((voices, config.latent), np.float32),
            f0_hz=np.zeros((voices, block), np.float32),
            temperature=np.zeros(voices, np.float32),
            uniforms=np.zeros((voices, block), np.float32),
            audio=np.zeros((voices, block), np.float32),
        )
        self.reset(np.arange(voices))
        self._advance(0, 0, _NO_SCORES)  # compile before time counts

    def reset(self, slots: np.ndarray) -> None:
        """Silence the history of these voices: the next sample is the first of a note."""
        state = self._state
        histories = state.history.reshape(self.voices, -1)
        for array in (state.age, histories, state.heard, state.white, state.cycles, state.turned, state.phasors):
            array[slots] = 0
        state.phasors[slots, 2] = 1

    def render(self, slots, latents, f0_hz, temperature, uniforms, audio) -> None:
        """Fill `audio`; shapes as in the protocol."""
        block = self._block
        voices, samples = audio.shape
        block.slots[:voices], block.latents[:voices], block.temperature[:voices] = slots, latents, temperature
        for start in range(0, samples, self._length):
            count = min(self._length, samples - start)
            block.f0_hz[:voices, :count] = f0_hz[:, start : start + count]
            block.uniforms[:voices, :count] = uniforms[:, start : start + count]
            self._advance(voices, count, _NO_SCORES)
            audio[:, start : start + count] = block.audio[:voices, :count]

    def score(self, slots, samples, latents, f0_hz, uniforms) -> np.ndarray:
        """Teacher-forced outputs; shapes as in the protocol."""
        block = self._block
        voices, length = samples.shape
        block.slots[:voices], block.latents[:voices] = slots, latents
        part = np.zeros((voices, self._length, self.config.outputs), np.float32)
        scores = np.zeros((voices, length, self.config.outputs), np.float32)
        for start in range(0, length, self._length):
            count = min(self._length, length - start)
            block.f0_hz[:voices, :count] = f0_hz[:, start : start + count]
            block.uniforms[:voices, :count] = uniforms[:, start : start + count]
            block.audio[:voices, :count] = samples[:, start : start + count]
            self._advance(voices, count, part)
            scores[:, start : start + count] = part[:, :count]
        return scores

    def _advance(self, voices, count, scores):
        render_block(self._network, self._state, self._work, self._block, voices, count, scores)


def _state(config, network: Network, voices) -> State:
    width = network.res_bias.shape[1]
    waves = -(-config.harmonics // LANES) * LANES
    return State(
        age=np.zeros(voices, np.int64),
        history=np.zeros((voices * network.ring_rows, width), np.float32),
        ahead=np.zeros((voices * AHEAD * network.far_layers, 2 * width), np.float32),
        heard=np.zeros((voices, config.taps), np.float32),
        tick_hz=np.zeros(voices, np.float32),
        cycles=np.zeros(voices),
        deviation_cents=np.zeros(voices),
        stray=np.zeros((voices, config.harmonics)),
        turned=np.zeros((voices, config.harmonics)),
        phasors=np.zeros((voices, 4, waves), np.float32),
        white=np.zeros((voices, NOISE_ROOM + TICK), np.float32),
        gain=np.zeros(voices),
        audio=np.zeros(voices),
    )


def _work(config, network: Network, voices) -> Work:
    columns, width, skip = (bias.shape[1] for bias in (network.condition_bias, network.res_bias, network.skip_bias))

    def rows(channels):
        return np.zeros((voices, channels), np.float32)

    def numbers(count):
        return np.zeros(count, np.int64)

    return Work(
        given=rows(network.condition.shape[0] // columns),
        conditions=rows(columns),
        gains=rows(network.gain2_bias.shape[1]),
        noise_taps=rows(NOISE_ROOM),
        entries=rows(network.entry.shape[0] // width),
        skip=rows(skip),
        gates=rows(2 * width),
        gated=rows(width),
        hidden=rows(skip),
        outputs=rows(network.logits_bias.shape[1]),
        sums=np.zeros(network.logits_bias.shape[1] // LANES, np.float32),
        zeros=np.zeros((1, max(2 * width, NOISE_ROOM)), np.float32),
        each=np.arange(voices),
        none=numbers(max(voices, AHEAD)),
        here=numbers(voices),
        there=numbers(voices),
        then=numbers(AHEAD),
        moments=numbers(AHEAD),
    )
