"""The default instrument: first its embedding, on single frames, then the whole network, on short crops.

The timbre comes from a note of another pitch, with a little chance added, so that it cannot tell the pitch and that
neighbouring embeddings sound alike.
"""

import copy
import math
from dataclasses import dataclass

import numpy as np
import torch

from errors import ModelError
from models.config import WaveNetConfig
from models.data.crops import Batch, Crops, Frames
from models.data.notes import Notes
from models.generate import play
from models.training.loss import level_loss, level_weights, mixture_loss
from models.training.task import Sample, beginnings
from models.wavenet import WaveNet, conditions, harmonic_inputs

# Small enough for live polyphony on one core: 0.13 M multiply-adds a sample.
CONFIG = WaveNetConfig(
    width=32, skip_width=64, layers=16, stages=8, taps=2, latent=27, hop=256,
    encoder="spectrum", encoder_width=256, harmonics=64, noise=10, gain_width=512, motion=True,
    mixture=3, loudness=True, emphasis=0.8, feedback=False, direct=True,
)  # fmt: skip


@dataclass(frozen=True)
class Schedule:
    """How long and how fast.

    steps : all of them; the first embedding_steps on single frames alone, for the embedding to tell the levels of
        harmonics and noise; each part has its own cosine schedule
    learning_rate : its peak; warm_up : steps to it
    batch, crop_samples : crops a step and their length
    frames : single frames a step
    level_share : weight of the loss on them beside that on the crops
    latent_noise : standard deviation added to the timbre
    """

    steps: int = 24000
    embedding_steps: int = 20000
    learning_rate: float = 2e-3
    warm_up: int = 100
    batch: int = 24
    crop_samples: int = 960
    frames: int = 1024
    level_share: float = 1.0
    latent_noise: float = 0.1


@dataclass(frozen=True)
class FrameBatch:
    """Single frames.

    weights : float32 (frames, harmonics + noise), see loss.level_weights
    chance : float32 (frames, 1, timbre), to be added to their timbre
    """

    frames: Frames
    weights: torch.Tensor
    chance: torch.Tensor


@dataclass(frozen=True)
class CropBatch:
    """Crops, and single frames beside them. chance : float32 (batch, frames, timbre), to be added to their timbre."""

    crops: Batch
    chance: torch.Tensor
    single: FrameBatch


class InstrumentTask:
    """See task.Task. progress : wraps the range of notes while they are analysed, to draw a bar."""

    average = 0.999
    clip = 1.0
    partial = True  # the first part leaves the network out

    def __init__(self, notes: Notes, config=CONFIG, schedule=None, seed=0, progress=iter):
        self.notes, self.config, self.schedule, self.seed = notes, config, schedule or Schedule(), seed
        if notes.rate != config.rate:
            raise ModelError(f"the notes are at {notes.rate} Hz, the instrument at {config.rate}; take others")
        if self.schedule.embedding_steps > self.schedule.steps:
            raise ModelError(f"{self.schedule.embedding_steps} embedding steps are more than all {self.schedule.steps}")
        self.crops = Crops(notes, config, progress)
        self.steps = self.schedule.steps
        self.origin = f"{len(notes.audio)} notes of {len(notes.names)} instruments"
        self.settings = {"task": "instrument", "seed": seed, "notes": len(notes.audio)}
        self.settings |= config.to_dict() | vars(self.schedule)

    def build(self):
        """WaveNet."""
        return WaveNet(self.config)

    def optimiser(self, parameters):
        """Adam."""
        return torch.optim.Adam(parameters)

    def learning_rate(self, step):
        """Warm-up, then a cosine down to 3 %, in each of the two parts."""
        schedule = self.schedule
        in_embedding = step < schedule.embedding_steps
        first, last = (0, schedule.embedding_steps) if in_embedding else (schedule.embedding_steps, schedule.steps)
        warm = min(1.0, (step - first + 1) / schedule.warm_up)
        cosine = 0.5 * (1 + math.cos(math.pi * (step - first) / (last - first)))
        return schedule.learning_rate * warm * (0.03 + 0.97 * cosine)

    def draw(self, step):
        """FrameBatch in the first part, CropBatch in the second."""
        schedule, rng = self.schedule, np.random.default_rng([self.seed, step])
        if step < schedule.embedding_steps:
            return self._single(self.crops.draw_frames(schedule.frames, rng), rng)
        crops = self.crops.draw(schedule.batch, schedule.crop_samples, schedule.frames, rng)
        return CropBatch(crops, self._chance(*crops.spectra.shape[:2], rng), self._single(crops.frames, rng))

    def _single(self, frames, rng):
        weights = level_weights(frames.log_levels, frames.audible)
        return FrameBatch(frames, weights, self._chance(len(weights), 1, rng))

    def _chance(self, rows, frames, rng):
        normal = rng.standard_normal((rows, frames, self.config.timbre), np.float32)
        return torch.from_numpy(normal) * self.schedule.latent_noise

    def samples(self, step):
        """Of the crops; of the frames in the first part."""
        schedule = self.schedule
        if step < schedule.embedding_steps:
            return schedule.frames * self.config.hop
        return schedule.batch * schedule.crop_samples

    def loss(self, model, batch):
        """Error of the levels; with crops, the negative log likelihood of their samples too, in nats."""
        if isinstance(batch, FrameBatch):
            return self._level_loss(model, batch)
        config, crops = self.config, batch.crops
        latents = crops.weights @ (model.encoder(crops.spectra) + batch.chance)
        harmonics = harmonic_inputs(config, crops.phases, crops.f0_hz)
        rows = conditions(config, latents, crops.f0_hz)
        log_gains = torch.where(crops.taught[:, None, None], crops.log_levels, model.decoder.log_gains(rows))
        excitation = model.decoder.excite(log_gains, harmonics, crops.noise if config.noise else None)
        outputs = model.decoder(crops.signal, rows, excitation)
        return mixture_loss(outputs, crops.target) + self.schedule.level_share * self._level_loss(model, batch.single)

    def _level_loss(self, model, batch):
        frames = batch.frames
        rows = conditions(self.config, model.encoder(frames.spectra)[:, None] + batch.chance, frames.f0_hz)
        return level_loss(model.decoder.log_gains(rows)[:, 0], frames.log_levels, batch.weights)

    def sample(self, model):
        """The beginnings of notes from all over the data set, encoded and played; on the CPU, as a player would."""
        notes, model = self.notes, copy.deepcopy(model).cpu()
        chosen, names, samples = beginnings(notes, self.config.hop)
        recordings, f0_hz = [notes.sound(note)[:samples] for note in chosen], notes.f0_hz[chosen]
        embeddings = np.stack([model.encode(*note) for note in zip(recordings, f0_hz, strict=True)])
        uniforms = np.random.default_rng(self.seed).random((len(chosen), samples))
        played = play(model, embeddings, uniforms, f0_hz, temperature=0.0)
        return [Sample(*row, rate=self.config.rate) for row in zip(names, recordings, played, strict=True)]
