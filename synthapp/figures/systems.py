"""What the figures compare: weights that turn a note into an embedding and an embedding into sound."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from common.errors import ModelError
from common.pitch import hz_key
from engine.decoder.opening import open_decoder
from models import checkpoints
from models.analysis.recording import resampled
from models.checkpoints import Checkpoint
from models.checkpoints.building import build
from models.checkpoints.kinds import BASELINE, HARMONIC, WAVENET
from models.checkpoints.known import name_of
from models.checkpoints.source import Source
from models.data.nsynth import RATE
from models.encoding.clips import decode_clips, encode_clip
from models.encoding.matching import encode_notes
from models.encoding.source_notes import hears_pitch
from synthapp.figures.choice import Note
from synthapp.progress import item_bar
from synthapp.sounds import baseline
from synthapp.sounds.playable import draws

VOICES = 4  # that are decoded at once
ITERATIONS = 200  # of Griffin and Lim's


class System(Protocol):
    """name : above its pictures; told_pitch : whether its decoder is told the pitch, so that Z need not hold it"""

    @property
    def name(self) -> str: ...
    @property
    def told_pitch(self) -> bool: ...

    def encode(self, note: Note) -> np.ndarray:
        """Z of a note, as it is to be decoded."""

    def embed(self, note: Note) -> np.ndarray:
        """Z as the encoder alone says it, of a fixed size: what figure 5 correlates."""

    def decode(self, embeddings: Sequence[np.ndarray], f0_hz: Sequence[float]) -> list[np.ndarray]:
        """float32 (samples,) of each."""


@dataclass(frozen=True, eq=False)
class WaveNetSystem:
    """A WaveNet autoencoder of any size, or a harmonic model, with its own decoder; notes are brought to its rate.

    seed : of what is drawn; temperature : 0 for a mixture of logistics, 1 for classes
    """

    name: str
    model: Any
    decoder: Any
    seed: int = 0

    @property
    def told_pitch(self) -> bool:
        return hears_pitch(self.model.config)

    def encode(self, note: Note) -> np.ndarray:
        """As an own sound is encoded: matched to the note as it is played, where the model has levels of its own."""
        config, audio = self.model.config, self._heard(note)
        audio = audio[: len(audio) // config.hop * config.hop]
        if config.loudness or config.motion:
            held = min(note.held * config.rate // RATE, len(audio))
            return encode_notes(self.model, self.decoder, audio[None], np.array([note.f0_hz]), held)[0]
        return encode_clip(self.model, audio, note.f0_hz)

    def embed(self, note: Note) -> np.ndarray:
        """The channels that the network sees: neither level nor motion."""
        return encode_clip(self.model, self._heard(note), note.f0_hz)[:, : self.model.config.timbre]

    def decode(self, embeddings: Sequence[np.ndarray], f0_hz: Sequence[float]) -> list[np.ndarray]:
        temperature = 1.0 if draws(self.model.config) else 0.0
        played: list[np.ndarray] = []
        for first in range(0, len(embeddings), VOICES):
            some = slice(first, first + VOICES)
            bar = item_bar(f"{self.name}, sounds {first + 1} to {min(first + VOICES, len(embeddings))}")
            stacked = np.stack(embeddings[some]).astype(np.float32)
            played += list(decode_clips(self.decoder, stacked, np.array(f0_hz[some]), temperature, self.seed, bar))
        return [resampled(sound, self.model.config.rate, RATE) for sound in played]

    def _heard(self, note):
        return resampled(note.audio, RATE, self.model.config.rate)


@dataclass(frozen=True, eq=False)
class BaselineSystem:
    """The spectral baseline: Z is one row of numbers, and a note comes back as loud as full scale allows."""

    name: str
    model: Any

    @property
    def told_pitch(self) -> bool:
        return self.model.config.pitch

    def encode(self, note: Note) -> np.ndarray:
        """float32 (latent,)"""
        return baseline.encode(self.model, [baseline.Heard(note.instrument, note.audio, note.pitch)])[0]

    embed = encode

    def decode(self, embeddings: Sequence[np.ndarray], f0_hz: Sequence[float]) -> list[np.ndarray]:
        keys = [round(float(hz_key(hz))) for hz in f0_hz]
        return list(baseline.decode(self.model, np.stack(embeddings), keys, ITERATIONS))


def _open_wavenet(name: str, checkpoint: Checkpoint, seed: int) -> WaveNetSystem:
    return WaveNetSystem(name, build(checkpoint), open_decoder(checkpoint, VOICES), seed)


SYSTEMS: dict[str, Callable[[str, Checkpoint, int], System]] = {
    WAVENET: _open_wavenet,
    HARMONIC: _open_wavenet,
    BASELINE: lambda name, checkpoint, _: BaselineSystem(name, build(checkpoint)),
}


def open_system(source: Source, seed: int = 0) -> System:
    """The system of these weights. Raises ModelError where its kind has none."""
    checkpoint, name = checkpoints.read(source), name_of(Path(source.path))
    if checkpoint.kind not in SYSTEMS:
        raise ModelError(f"{source.path}: a {checkpoint.kind} model has no figures; known are {', '.join(SYSTEMS)}")
    return SYSTEMS[checkpoint.kind](name, checkpoint, seed)
