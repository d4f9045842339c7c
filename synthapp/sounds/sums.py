"""Sums of sounds, wherever they are from: presets' corners, embeddings' files, recordings -> a file of the three kinds.

A preset gets a whole sound, with all its notes and its loop; an embedding and a WAV file are one note of it, as long as
it was recorded.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from common.errors import PresetError
from common.pitch import key_hz
from models.checkpoints import Checkpoint
from models.checkpoints.building import build
from models.config import WaveNetConfig, told_pitch
from presets import arithmetic
from presets.library import load_preset
from presets.preset import FRAMES, EmbeddingSet
from synthapp.sounds import own_sound
from synthapp.sounds.npyfile import SUFFIX as EMBEDDING_SUFFIX
from synthapp.sounds.npyfile import read_embedding
from synthapp.sounds.playable import analogy_of, summands, timbre_of


@dataclass(frozen=True)
class Sum:
    """What is done, on whole sounds and on bare embeddings of one length."""

    sounds: Callable[..., EmbeddingSet]
    embeddings: Callable[..., np.ndarray]


def analogy(config: WaveNetConfig) -> Sum:
    """A : B :: C : ?"""
    return Sum(
        lambda a, b, c: analogy_of(config, a, b, c), lambda a, b, c: arithmetic.analogous(a, b, c, timbre_of(config))
    )


def mix(share: float) -> Sum:
    """So much of B, the rest of A."""
    return Sum(
        lambda a, b: arithmetic.mixed(a, b, share), lambda a, b: (1 - np.float32(share)) * a + np.float32(share) * b
    )


def fade(begin: float, end: float) -> Sum:
    """From A to B between two shares of the time."""
    return Sum(lambda a, b: arithmetic.faded(a, b, begin, end), lambda a, b: arithmetic.cross_fade(a, b, begin, end))


def stretch(times: float) -> Sum:
    """So many times as long."""

    def embedding(a):
        return arithmetic.stretch(a, min(max(round(times * len(a)), 1), FRAMES))

    return Sum(lambda a: arithmetic.stretched(a, times), embedding)


def reverse() -> Sum:
    """Its end first."""
    return Sum(arithmetic.backwards, lambda a: a[::-1])


@dataclass(frozen=True)
class Sources:
    """Sounds by what a player calls them: PRESET:CORNER, an embedding's file, a recording.

    checkpoint : of the weights that all of them are for; key : MIDI number of the note; None: it is found, or C4
    """

    checkpoint: Checkpoint
    key: float | None = None

    @property
    def hz(self) -> float | None:
        return None if self.key is None else float(key_hz(self.key))

    def sound(self, text: str) -> EmbeddingSet:
        """With its notes and its loop. Raises SynthError."""
        corner = self._corner(text)
        if corner is not None:
            return corner
        return own_sound.encode_sound(self._encoder.model, self._encoder.decoder, [Path(text)], self.hz)

    def embedding(self, text: str) -> np.ndarray:
        """float32 (frames, latent) of one note. Raises SynthError."""
        config, corner = self.checkpoint.config, self._corner(text)
        if corner is not None:
            return one_note(corner, config, own_sound.UNNAMED_KEY if self.key is None else self.key)
        if text.lower().endswith(EMBEDDING_SUFFIX):
            return read_embedding(text, config.latent)
        return own_sound.embedding_of(self._model, Path(text), self.hz)

    @cached_property
    def _encoder(self):
        return own_sound.open_encoder(self.checkpoint)

    @cached_property
    def _model(self):
        return build(self.checkpoint)

    def _corner(self, text):
        """The sound of PRESET:CORNER; None where the text is a file's."""
        if Path(text).is_file() or ":" not in text:
            return None
        name, _, corner = text.rpartition(":")
        preset = load_preset(name)
        preset.check_model(self.checkpoint.fingerprint)
        names = [sound.name for sound in preset.corners]
        if corner in names:
            return preset.corners[names.index(corner)]
        if corner in ("1", "2", "3", "4"):
            return preset.corners[int(corner) - 1]
        raise PresetError(f"{text}: {preset.name} has no corner {corner!r}; there are 1 to 4: {', '.join(names)}")


def one_note(sound: EmbeddingSet, config: WaveNetConfig, key: float) -> np.ndarray:
    """float32 (frames, latent) of a sound's note as it was recorded: a sound that fades by itself fades."""
    pitch = key if told_pitch(config) else min(sound.pitches, key=lambda each: abs(each - key))
    latents = arithmetic.at(sound, [pitch], [own_sound.VELOCITY])[0, 0]
    if config.loudness:
        frames = np.arange(len(latents)) - sound.loop[0]
        latents[:, -1] += sound.decay_db_per_s * config.hop / config.rate * np.maximum(frames, 0)
    return latents


def summed_sound(sources: Sources, texts: Sequence[str], what: Sum) -> EmbeddingSet:
    """The sum as a sound that can be played. Raises SynthError."""
    sounds = [sources.sound(text) for text in texts]
    return what.sounds(*summands(sources.checkpoint.config, *sounds))


def summed_embedding(sources: Sources, texts: Sequence[str], what: Sum) -> np.ndarray:
    """float32 (frames, latent): the sum as one note, as long as the last of its sounds. Raises SynthError."""
    embeddings = [sources.embedding(text) for text in texts]
    frames = len(embeddings[-1])
    return np.ascontiguousarray(what.embeddings(*(arithmetic.lasting(each, frames) for each in embeddings)), np.float32)
