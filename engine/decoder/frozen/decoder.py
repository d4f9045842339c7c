"""Plays recordings: a phase runs through the held part, round its loop, and from the key's end on through the release.

The pad chooses and mixes the notes, sample by sample; f0 says how fast they are read. The level goes on as the clock
does, whatever the speed, and is between those of two keys for keys in between; it follows the latents, too, as that of
a network with a loudness channel.
"""

import numpy as np

from common.pitch import key_hz
from common.smoothing import one_pole
from engine.decoder.frozen.loops import VOICE, Notes, kernel, render
from engine.decoder.protocol import LOUDNESS_MS
from models.frozen import FrozenConfig

ARRIVAL_MS = 60.0  # in which a recording that comes while its place sounds takes over from the one that stood for it


class FrozenDecoder:
    """Decoder (see engine.decoder) of a frozen pad; temperature and randomness do not matter to it.

    weights : the tensors of `models.frozen.frozen_shapes`; voices : slots
    """

    def __init__(self, config: FrozenConfig, weights: dict[str, np.ndarray], voices: int):
        self.config = config
        self.voices = voices
        self.notes = Notes(
            notes=weights["notes"],
            steps=weights["peaks"] / np.float32(np.iinfo(np.int16).max),
            levels=weights["levels"],
            warps=weights["warps"],
            likeness=weights["likeness"],
            kernel=kernel(),
            stands=np.tile(np.arange(config.points), (len(config.keys), 1)),
            before=np.tile(np.arange(config.points), (len(config.keys), 1)),
            arrived=np.ones((len(config.keys), config.points)),
            there=np.ones(len(config.keys), np.bool_),
            tick=config.tick,
            side=config.side,
        )
        self._loops = weights["loops"].astype(np.float64)
        self._keys_hz = key_hz(np.array(config.keys)).astype(np.float32)  # as f0 is: the same key has the speed 1
        self._arrive = 1000.0 / (ARRIVAL_MS * config.rate)
        self._follow = one_pole(LOUDNESS_MS, config.rate)
        self._voices = np.zeros(voices, VOICE)
        self._points, self._weights = np.zeros(4, np.int64), np.zeros(4)  # of the cell in hand
        self.reset(np.arange(voices))

    def reset(self, slots: np.ndarray) -> None:
        """The next sample of these voices is the first of a note."""
        self._voices[slots] = np.zeros((), VOICE)
        self._voices["fresh"][slots] = True

    def render(self, slots, latents, f0_hz, temperature, uniforms, audio) -> None:
        """Fill `audio`; shapes as in the protocol."""
        config = self.config
        render(
            slots, latents, f0_hz, audio, self._voices, self.notes, self._loops, self._keys_hz,
            config.rate, config.hop, config.release, self._follow, self._arrive, self._points, self._weights,
        )  # fmt: skip

    def close(self) -> None:
        """It has nothing to give back."""
