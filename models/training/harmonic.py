"""The harmonic model: its network, learnt on single frames; the encoder is that of an instrument that was trained.

So an embedding means what it means there. What the network cannot say of a note is stored with its sound, as detail.
"""

import copy
import math
import multiprocessing
import os
from dataclasses import dataclass

import numpy as np
import torch

from common.errors import ModelError
from models import checkpoints
from models.analysis.frames import FLOOR_DB, HEARD_DB
from models.checkpoints.building import load
from models.config import WaveNetConfig
from models.data.notes import Notes
from models.encoding.levels import level_loss, level_weights
from models.harmonic.config import HarmonicConfig
from models.harmonic.network import HarmonicModel
from models.harmonic.note import analyse_note
from models.spectral import with_context
from models.threads import one_thread

STEPS, LEARNING_RATE, WARM_UP = 8000, 2e-3, 100
BATCH = 1024  # frames a step
FRAMES = 60  # that are kept of a note, spread over it
CHANCE = 0.1  # standard deviation added to the timbre, so that neighbouring embeddings sound alike


@dataclass(frozen=True)
class Frames:
    """Single frames of notes, a row each.

    spectra : float32 (rows, inputs of the encoder); f0_hz : float32 (rows,)
    log_levels : float32 (rows, levels); audible : float32 (rows, levels), 0 for harmonics above the limit
    chance : float32 (rows, timbre), to be added to their timbre, in a batch
    """

    spectra: torch.Tensor
    f0_hz: torch.Tensor
    log_levels: torch.Tensor
    audible: torch.Tensor
    chance: torch.Tensor | None = None


class HarmonicTask:
    """See task.Task.

    weights : path or Source of a WaveNet with the encoder, for sounds of `config.encoder_rate`
    progress : wraps the list of notes while they are analysed, to draw a bar
    """

    average, clip, partial = 0.999, 1.0, False

    def __init__(self, notes: Notes, weights, config=None, steps=STEPS, seed=0, progress=iter):
        self.notes, self.steps, self.seed = notes, steps, seed
        self.config = config or HarmonicConfig()
        if notes.rate != self.config.rate:
            raise ModelError(f"the notes are at {notes.rate} Hz, the model at {self.config.rate}; take others")
        self._encoder = _encoder(weights, self.config)
        self.frames = _analysed(self.config, notes, progress)
        named = {name: part.numpy() for name, part in self._encoder.state_dict().items()}
        self.origin = (
            f"{len(notes.audio)} notes of {len(notes.names)} instruments, encoder {checkpoints.fingerprint(named)}"
        )
        self.settings = {"task": "harmonic", "seed": seed, "steps": steps, "notes": len(notes.audio)}
        self.settings |= self.config.to_dict()

    def build(self):
        """HarmonicModel with the encoder that is kept."""
        model = HarmonicModel(self.config)
        model.encoder = copy.deepcopy(self._encoder).requires_grad_(False)
        return model

    def optimiser(self, parameters):
        """Adam."""
        return torch.optim.Adam(parameters)

    def learning_rate(self, step):
        """Warm-up, then a cosine down to 3 %."""
        cosine = 0.5 * (1 + math.cos(math.pi * step / self.steps))
        return LEARNING_RATE * min(1.0, (step + 1) / WARM_UP) * (0.03 + 0.97 * cosine)

    def draw(self, step):
        """Frames of notes all over the set."""
        rng = np.random.default_rng([self.seed, step])
        rows = torch.from_numpy(rng.integers(len(self.frames.f0_hz), size=BATCH))
        chance = torch.from_numpy(rng.standard_normal((BATCH, self.config.timbre), np.float32)) * CHANCE
        known = self.frames
        parts = (part[rows] for part in (known.spectra, known.f0_hz, known.log_levels, known.audible))
        return Frames(*parts, chance)

    def samples(self, step):
        """Of the frames."""
        return BATCH * self.config.hop

    def loss(self, model, frames):
        """How far the network's levels are from the recorded ones."""
        timbre = model.encoder(frames.spectra) + frames.chance
        log_gains = model.log_gains(timbre[:, None], frames.f0_hz)[:, 0]
        return level_loss(log_gains, frames.log_levels, level_weights(frames.log_levels, frames.audible))

    def sample(self, model):
        """Nothing: the engine plays it."""
        return []


def _encoder(weights, config):
    trained = load(weights)
    known = trained.config
    fits = isinstance(known, WaveNetConfig) and known.encoder == "spectrum" and known.timbre == config.timbre
    if not fits or (known.encoder_width, known.rate) != (config.encoder_width, config.encoder_rate):
        raise ModelError(f"{weights}: has no encoder of spectra at {config.encoder_rate} Hz; take the instrument's")
    return trained.encoder


def _analysed(config, notes, progress):
    """Frames of all notes, taken apart on every core."""
    jobs = zip(notes.audio, notes.scale, notes.f0_hz, strict=True)
    spawn = multiprocessing.get_context("spawn")  # forking a process with torch's threads may hang
    with spawn.Pool(os.cpu_count()) as pool:
        pending = [pool.apply_async(_frames, (config, *job)) for job in jobs]
        parts = [part for part in (each.get() for each in progress(pending)) if part]
    if not parts:
        raise ModelError("none of the notes is loud enough to learn from")
    return Frames(*(torch.from_numpy(np.concatenate(column)) for column in zip(*parts, strict=True)))


@one_thread()
def _frames(config, samples, scale, f0_hz):
    """The fields of Frames as arrays; None for silence. samples, scale : as in Notes"""
    audio = samples[: len(samples) // config.hop * config.hop].astype(np.float32) * scale
    note = analyse_note(config, audio, f0_hz)
    heard = np.flatnonzero(note.loudness_db > FLOOR_DB + HEARD_DB)
    if not len(heard):
        return None
    rows = heard[np.unique(np.linspace(0, len(heard) - 1, FRAMES).astype(int))]
    audible = np.ones((len(rows), config.levels), np.float32)
    audible[:, : config.harmonics] = note.partials.hz(config.harmonics) < config.harmonic_limit_hz
    spectra = with_context(note.spectra).numpy()[rows]
    return spectra, np.full(len(rows), f0_hz, np.float32), note.log_levels[rows], audible
