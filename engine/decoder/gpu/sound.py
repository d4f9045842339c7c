"""What the network heard -> audio: companding undone, loudness applied, emphasis undone. As the CPU's kernels do it."""

import numpy as np

from common.smoothing import one_pole
from engine.decoder.protocol import LOUDNESS_MS
from models.config import WaveNetConfig
from models.mulaw import HALF, expand, mulaw_decode

AUDIO = mulaw_decode(np.arange(-HALF, HALF))  # of every code
SILENT = 1e-20  # a sample given out below this counts as zero, or its decay would end in denormals


class Sound:
    """The last steps of all voices, with what they remember between calls."""

    def __init__(self, config: WaveNetConfig, voices: int):
        self._config = config
        self._gain = np.zeros(voices)  # linear loudness; 0: none yet, the first sample has its target at once
        self._last = np.zeros(voices)  # sample given out
        self._step = one_pole(LOUDNESS_MS, config.rate)

    def reset(self, slots: np.ndarray) -> None:
        """The next sample of these voices is the first of a note."""
        self._gain[slots], self._last[slots] = 0, 0

    def fill(self, slots: np.ndarray, latents: np.ndarray, heard: np.ndarray, audio: np.ndarray) -> None:
        """Fill `audio`, float32 (n, samples). heard : float32 (n, samples), code / 128 or companded"""
        linear = expand(heard) if self._config.mixture else AUDIO[np.rint(heard * HALF).astype(int) + HALF]
        if self._config.loudness:
            linear = linear * self._gains(slots, latents, heard.shape[1])
        audio[:] = self._deemphasised(slots, linear) if self._config.emphasis else linear

    def _gains(self, slots, latents, samples):
        """(n, samples): a one-pole towards the target, which the call holds."""
        target = 10 ** (latents[:, -1:].astype(np.float64) / 20)
        past = np.where(self._gain[slots] > 0, self._gain[slots], target[:, 0])[:, None]
        left = (1 - self._step) ** np.arange(1, samples + 1)
        gains = target + left * (past - target)
        self._gain[slots] = gains[:, -1]
        return gains

    def _deemphasised(self, slots, audio):
        """y[t] = x[t] + emphasis y[t - 1], silence before the note: twice as many past samples in every round."""
        out, weight, reach = audio.astype(np.float64), self._config.emphasis, 1
        out[:, 0] += weight * self._last[slots]
        while reach < audio.shape[1]:
            out[:, reach:] += weight * out[:, :-reach]
            weight, reach = weight**2, 2 * reach
        self._last[slots] = np.where(np.abs(out[:, -1]) > SILENT, out[:, -1], 0)
        return out
