"""The decoder that plays: fast generation (Paine et al. 2016) on one core, compiled by numba.

Every layer keeps its past inputs in a ring, so a sample costs one column of each convolution. packing.py lays the
weights out, kernels/ holds the loops. No thread but the one that renders may call it. One call works on blocks of
at most `block` samples in buffers made at construction and allocates nothing inside.

Denormals: no state decays towards zero. The rings hold a finite past, padding stays exactly zero, a gate is never
smaller than its rounding, the loudness settles on its target, and a sample given out below -400 dB counts as zero
(sampling.py); so nothing else needs to be flushed.
"""

import numpy as np

from engine.decoder.kernels.blocks import render_block, score_block
from engine.decoder.kernels.layout import LANES, TILE, Block, Network, State, Work
from engine.decoder.packing import pack
from models.config import WaveNetConfig


class CpuDecoder:
    """Decoder (see engine.decoder) for any config.

    weights : float32 arrays with the names of the torch state_dict, as `models.checkpoints.read` returns them
    voices : slots
    block : longest stretch of samples that is computed in one go; longer calls are cut
    Construction compiles the kernels (some twenty seconds), or loads them from numba's cache (well under a second).
    """

    def __init__(self, config: WaveNetConfig, weights: dict[str, np.ndarray], voices: int, block: int = 64):
        self.config = config
        self.voices = voices
        self._length = block
        self._network = pack(config, weights)
        self._state = _state(config, self._network, voices)
        self._work = _work(self._network, voices)
        self._block = Block(
            slots=np.zeros(voices, np.int64),
            latents=np.zeros((voices, config.latent), np.float32),
            f0_hz=np.zeros((voices, block), np.float32),
            temperature=np.zeros(voices, np.float32),
            uniforms=np.zeros((voices, block), np.float32),
            audio=np.zeros((voices, block), np.float32),
        )
        render_block(self._network, self._state, self._work, self._block, 0, 0)  # compile before time counts

    def reset(self, slots: np.ndarray) -> None:
        """Silence the history of these voices: the next sample is the first of a note. O(1) a voice."""
        self._state.age[slots] = 0
        self._state.heard[slots] = 0.0

    def render(self, slots, latents, f0_hz, temperature, uniforms, audio) -> None:
        """Fill `audio`; shapes as in the protocol."""
        block = self._block
        voices, samples = audio.shape
        block.slots[:voices], block.latents[:voices], block.temperature[:voices] = slots, latents, temperature
        for start in range(0, samples, self._length):
            count = min(self._length, samples - start)
            block.f0_hz[:voices, :count] = f0_hz[:, start : start + count]
            block.uniforms[:voices, :count] = uniforms[:, start : start + count]
            render_block(self._network, self._state, self._work, block, voices, count)
            audio[:, start : start + count] = block.audio[:voices, :count]

    def score(self, slots, samples, latents, f0_hz) -> np.ndarray:
        """Teacher-forced outputs; shapes as in the protocol."""
        block = self._block
        voices, length = samples.shape
        block.slots[:voices], block.latents[:voices] = slots, latents
        part = np.zeros((voices, self._length, self.config.outputs), np.float32)
        scores = np.zeros((voices, length, self.config.outputs), np.float32)
        for start in range(0, length, self._length):
            count = min(self._length, length - start)
            block.f0_hz[:voices, :count] = f0_hz[:, start : start + count]
            block.audio[:voices, :count] = samples[:, start : start + count]
            score_block(self._network, self._state, self._work, block, voices, count, part)
            scores[:, start : start + count] = part[:, :count]
        return scores


def _state(config, network: Network, voices) -> State:
    rows = (config.taps - 1) * int(config.dilations.sum())
    return State(
        age=np.zeros(voices, np.int64),
        history=np.zeros((voices, rows, network.entry_bias.shape[0]), np.float32),
        heard=np.zeros((voices, config.taps), np.float32),
        phase=np.zeros(voices),
        gain=np.zeros(voices),
        audio=np.zeros(voices),
    )


def _work(network: Network, voices) -> Work:
    groups = -(-voices // LANES)
    columns = network.condition_bias.shape[0]
    outputs, skip = network.logits.shape[:2]
    width, entry = network.entry.shape[:2]

    def lanes(tiles):
        return np.zeros((tiles, LANES, TILE), np.float32)

    return Work(
        held=np.zeros((voices, columns), np.float32),
        conditions=np.zeros((voices, columns), np.float32),
        amplitudes=np.zeros((voices, network.harmonics), np.float32),
        tuned_hz=np.zeros(voices, np.float32),
        entries=np.zeros((voices, entry * TILE), np.float32),
        outputs=np.zeros((voices, outputs * TILE), np.float32),
        entry=lanes(entry),
        x=np.zeros((groups, width, LANES, TILE), np.float32),
        sums=np.zeros((groups, skip, LANES, TILE), np.float32),
        past=lanes(network.dilated.shape[2]),
        gates=lanes(2 * width),
        gated=lanes(width),
        hidden=lanes(skip),
        final=lanes(outputs),
    )
