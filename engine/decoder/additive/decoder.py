"""The additive decoder: what the protocol asks for."""

import numpy as np

from engine.decoder.additive.loops import render
from engine.decoder.additive.state import make_net, make_state, make_work, reset
from models.harmonic.config import HarmonicConfig


class AdditiveDecoder:
    """Decoder (see engine.decoder) of a harmonic model; a mean is what it plays, whatever the temperature.

    The rows of `latents` may have behind them what the sounds of a voice do not share, see HarmonicConfig.mixed.

    weights : the tensors of `models.checkpoints.layout.harmonic_shapes`; voices : slots
    """

    def __init__(self, config: HarmonicConfig, weights: dict[str, np.ndarray], voices: int):
        self.config = config
        self.voices = voices
        self._net = make_net(config, weights)
        self._state = make_state(self._net, voices)
        self._work = make_work(self._net)
        self.reset(np.arange(voices))

    def reset(self, slots: np.ndarray) -> None:
        """The next sample of these voices is the first of a note."""
        reset(self._state, slots)

    def render(self, slots, latents, f0_hz, temperature, uniforms, audio) -> None:
        """Fill `audio`; shapes as in the protocol."""
        render(self._net, self._state, self._work, slots, latents, f0_hz, uniforms, audio)

    def close(self) -> None:
        """It has nothing to give back."""
