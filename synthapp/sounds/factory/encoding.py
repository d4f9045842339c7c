"""The notes of one instrument -> a sound, on every core; and what was encoded once is not encoded again.

Encoding a network's embedding is torch alone, which leaves Python's lock: threads share one encoder. Where notes are
matched by playing them (models.encoding.matching), which does not, each core has a process.
"""

import hashlib
import io
import multiprocessing
import multiprocessing.pool
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import platformdirs

from common.atomic import replacing
from common.pitch import key_hz
from engine.decoder.opening import open_decoder
from models import checkpoints
from models.analysis.recording import gain_to_level
from models.checkpoints import Checkpoint
from models.checkpoints.building import build
from models.checkpoints.source import Source
from models.data.soundfont import HELD_S
from models.encoding.matching import encode_notes
from models.encoding.source_notes import hears_pitch, repitched, sources, thinned
from models.threads import one_thread
from presets.latents import rounded
from presets.looping import looped_rows
from presets.preset import EmbeddingSet
from synthapp.sounds.factory.sources import VELOCITY, NoteSource
from synthapp.sounds.playable import row_of, within_full_scale


@dataclass(frozen=True)
class Work:
    """What one instrument takes: {pitch of the sound: pitch of the note that is repitched to it}."""

    instrument: str
    notes: dict[int, int]


def work_of(source: NoteSource, instrument: str, config) -> Work:
    """Raises ModelError where the source has no such instrument."""
    pitches = source.pitches(instrument)
    notes = {pitch: pitch for pitch in thinned(pitches)} if hears_pitch(config) else sources(pitches)
    return Work(instrument, notes)


class Encoder:
    """Encodes with one set of weights. source : of notes; folder : where it keeps what it has encoded"""

    def __init__(self, checkpoint: Checkpoint, source: NoteSource, folder: Path | None = None):
        config = checkpoint.config
        self.source, self.config, self._model = source.at(config.rate), config, build(checkpoint)
        self._kept = _Kept(folder or platformdirs.user_cache_path("manifold") / "encoded" / checkpoint.fingerprint)
        self._checkpoint = checkpoint if config.motion or config.loudness else None
        self.ended = threading.Event()

    def encode(self, work: Work, done: Callable[[int], object] = int) -> EmbeddingSet:
        """The sound of an instrument. done : is told how many notes more are ready"""
        if self._checkpoint is not None:
            rows = self._together(work)
            done(len(rows))
        else:
            rows = [self._alone(work.instrument, *pitches, done) for pitches in work.notes.items()]
        held, frames_per_s = HELD_S * self.config.rate // self.config.hop, self.config.rate / self.config.hop
        loudness = self.config.loudness
        return looped_rows(work.instrument, rows, list(work.notes), held, frames_per_s, VELOCITY, loudness)

    def _alone(self, instrument, pitch, played, done):
        if self.ended.is_set():
            raise InterruptedError
        audio = self._audio(instrument, pitch, played)
        latents = self._kept.get(audio, lambda: self._model.encode(audio).astype(np.float16))
        done(1)
        return row_of(self.config, latents, audio, round(HELD_S * self.config.rate * 2.0 ** ((played - pitch) / 12)))

    def _together(self, work):
        """Rows of all notes at once, as they are matched."""
        pitches = list(work.notes)
        sounds = np.stack([self._audio(work.instrument, pitch, pitch) for pitch in pitches])

        def made():
            decoder = open_decoder(self._checkpoint, len(pitches), tell=lambda _: None)
            latents = encode_notes(self._model, decoder, sounds, key_hz(np.array(pitches)), HELD_S * self.config.rate)
            return rounded(latents, self.config.rounding)

        latents = self._kept.get(sounds, made)
        return [row_of(self.config, *each, HELD_S * self.config.rate) for each in zip(latents, sounds, strict=True)]

    def _audio(self, instrument, pitch, played):
        audio = repitched(self.source.sound(instrument, played), pitch - played)
        audio = audio[: len(audio) // self.config.hop * self.config.hop]
        return within_full_scale(audio * np.float32(gain_to_level(audio, self.config.hop)))


class _Kept:
    """Latents by the audio that they are of. One file each, whole or not there."""

    def __init__(self, folder):
        self._folder = folder

    def get(self, audio, make):
        """What is kept; else it is made, and kept."""
        path = self._folder / f"{hashlib.sha256(audio.tobytes()).hexdigest()[:32]}.npy"
        try:
            return np.load(io.BytesIO(path.read_bytes()), allow_pickle=False)
        except (OSError, ValueError, EOFError):
            latents = make()
        self._folder.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary, open(temporary, "wb") as file:
            np.save(file, latents, allow_pickle=False)
        return latents


def encoded(
    weights: Source, checkpoint: Checkpoint, source: NoteSource, works: Sequence[Work], done: Callable[[int], object],
) -> Iterator[EmbeddingSet]:  # fmt: skip
    """The sounds of instruments in their order, on every core. done : is told how many notes more are ready"""
    config, cores = checkpoint.config, os.cpu_count() or 1
    if config.motion or config.loudness:
        spawn = multiprocessing.get_context("spawn")  # forking a process with torch's threads may hang
        with spawn.Pool(min(cores, len(works)), _prepare, (weights, source)) as pool:
            for work, sound in zip(works, pool.imap(_encode, works), strict=True):
                done(len(work.notes))
                yield sound
        return
    encoder = Encoder(checkpoint, source)
    with one_thread(), multiprocessing.pool.ThreadPool(min(cores, len(works))) as pool:
        try:
            yield from pool.imap(lambda work: encoder.encode(work, done), works)
        finally:
            encoder.ended.set()  # what is begun ends with the note at work
            pool.close()
            pool.join()  # torch must not be left in the middle of one


def _prepare(weights, source):
    """What a worker process needs for every instrument."""
    global _worker
    _worker = Encoder(checkpoints.read(weights), source)


def _encode(work):
    return _worker.encode(work)
