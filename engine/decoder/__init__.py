"""Decoders turn latents into audio at the model's rate, one sample after the other, all voices in one call.

cpu.py plays (numba); reference.py is the slow torch oracle that says what is right. Both keep their voices' history
between calls, so a note may be rendered in blocks of any size with the same result, bit for bit.

choice.py (which precision, how many cores; speed.py measures) -> calibration.py (the ranges that int8 needs)
-> packing.py, stack.py (weights as the kernels read them) -> cpu.py, over kernels/ and cores.py
"""

from typing import Literal, Protocol

import numpy as np

from models.config import WaveNetConfig

LOUDNESS_MS = 2.0  # time constant with which the audio follows the loudness channel of the latents

Precision = Literal["float32", "int8"]
PrecisionWish = Literal["auto", "float32", "int8"]  # auto: what the machine needs, see choice.py


class Decoder(Protocol):
    """What every backend offers. Rows of the arrays are voices; row i belongs to the voice `slots[i]`.

    config : the network's shape
    voices : number of slots
    """

    config: WaveNetConfig
    voices: int

    def reset(self, slots: np.ndarray) -> None:
        """Silence the history of these voices: the next sample is the first of a note. slots : int64 (n,)."""

    def render(
        self,
        slots: np.ndarray,
        latents: np.ndarray,
        f0_hz: np.ndarray,
        temperature: np.ndarray,
        uniforms: np.ndarray,
        audio: np.ndarray,
    ) -> None:
        """Fill `audio` with the next samples of these voices.

        slots : int64 (n,), each at most once
        latents : float32 (n, latent), held for the whole call
        f0_hz : float32 (n, samples), of the key; reaches the network only where its config conditions on pitch or phase
        temperature : float32 (n,); 0 is greedy (the most likely class, the mean of the mixture)
        uniforms : float32 (n, samples) in [0, 1): the randomness, one number a sample
        audio : float32 (n, samples), linear audio: the loudness channel, if any, is applied with LOUDNESS_MS, then
            the emphasis undone; within [-1, 1] before that
        """

    def score(
        self,
        slots: np.ndarray,
        samples: np.ndarray,
        latents: np.ndarray,
        f0_hz: np.ndarray,
        uniforms: np.ndarray,
    ) -> np.ndarray:
        """Teacher-forced outputs, for parity tests: advances the voices as `render` does, fed with `samples`.

        samples : float32 (n, length), what the network hears: code / 128, or companded audio for a mixture
        latents : float32 (n, latent); f0_hz, uniforms : float32 (n, length)
        returns : float32 (n, length, outputs); row t is the distribution of sample t given those before it
        """
