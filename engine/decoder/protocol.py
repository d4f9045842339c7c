"""What every decoder offers, and how one is chosen. Imports nothing heavy."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from models.config import Playable

if TYPE_CHECKING:
    from models.checkpoints import Checkpoint

LOUDNESS_MS = 2.0  # time constant with which the audio follows the loudness channel of the latents

Precision = Literal["float32", "int8"]
PrecisionWish = Literal["auto", "float32", "int8"]


@dataclass(frozen=True)
class DecoderChoice:
    """Which decoder is wanted, as far as somebody minds.

    backend : a name in `opening.BACKENDS`; "auto": the first of them that suits the machine
    precision : of the layers' products; "auto": what plays enough voices on this machine, see choice.py. On a GPU
        "float32" is 16 bits, with sums of 32
    cores : threads that share the voices; 0: as many as it takes
    """

    backend: str = "auto"
    precision: PrecisionWish = "auto"
    cores: int = 0


ANY_DECODER = DecoderChoice()
EXACT = DecoderChoice(precision="float32", cores=1)  # the same bits on every machine of a kind, whatever its speed


@dataclass(frozen=True)
class Wish:
    """What is to be opened.

    checkpoint : the weights
    voices : that play at once; spare : slots more, in which stolen voices fade; of a stereo config, their rows
    choice : see `DecoderChoice`
    block : longest stretch of samples that is computed in one go
    tell : gets a line while it takes long; warn : one that stays, of what is otherwise than was asked for
    live : it may not wait while it plays, whatever is not ready; else what it plays is the same each time
    """

    checkpoint: "Checkpoint"
    voices: int
    spare: int
    choice: DecoderChoice
    block: int
    tell: Callable[[str], object]
    warn: Callable[[str], object] = print
    live: bool = False


def rows_of_a_voice(config: Playable) -> int:
    """How many of a decoder's slots a voice takes: 2 where it is stereo."""
    return 1 + config.stereo


class Decoder(Protocol):
    """What every backend offers, to one thread. Rows of the arrays are voices; row i belongs to the voice `slots[i]`.

    A voice of a stereo config has two rows (`rows_of_a_voice`), which differ in their randomness alone.

    Where the network is not told the pitch, voices ask for samples of their own number: then several calls follow each
    other in a tick, each with some of the voices (engine/voice/source.py).

    config : the network's shape
    voices : number of slots
    """

    @property
    def config(self) -> Playable: ...

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
        f0_hz : float32 (n, samples), of the key; reaches the network only where its config conditions on pitch or
            phase, and is zero where it does not
        temperature : float32 (n,); 0 is greedy (the most likely class, the mean of the mixture)
        uniforms : float32 (n, samples) in [0, 1): the randomness, one number a sample
        audio : float32 (n, samples), linear audio: the loudness channel, if any, is applied with LOUDNESS_MS, then
            the emphasis undone; within [-1, 1] before that
        """

    def close(self) -> None:
        """Give back threads, and memory outside Python. Any thread, once nothing renders; it is not used afterwards."""


class ScoredDecoder(Decoder, Protocol):
    """A decoder whose distributions can be looked at, for parity tests."""

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
