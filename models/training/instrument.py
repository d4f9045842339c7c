"""The default instrument: its embedding, on single frames; the whole network, on short crops; its spectra, on longer.

The timbre comes from a note of another pitch, with a little chance added, so that it cannot tell the pitch and that
neighbouring embeddings sound alike.
"""

import copy
import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch

from common.errors import ModelError
from models.config import WaveNetConfig
from models.data.crops import Batch, Crops, Frames
from models.data.notes import Notes
from models.encoding.levels import level_loss, level_weights
from models.generate import play
from models.training import rows
from models.training.loss import mixture_loss, mixture_mean, spectrum_loss
from models.training.task import Sample, beginnings
from models.wavenet import WaveNet, conditions, expanded, harmonic_inputs

# Small enough for live polyphony on one core: 0.13 M multiply-adds a sample.
CONFIG = WaveNetConfig(
    width=32, skip_width=64, layers=16, stages=8, taps=2, latent=52, hop=256,
    encoder="spectrum", encoder_width=256, harmonics=128, noise=10, gain_width=512, motion=True,
    mixture=3, loudness=True, emphasis=0.8, feedback=False, direct=True,
)  # fmt: skip


@dataclass(frozen=True)
class Schedule:
    """How long and how fast.

    steps : all of them; the first embedding_steps on single frames alone, for the embedding to tell the levels of
        harmonics and noise; the last spectrum_steps on what is played, by its mean and with the noise of playing;
        each part has its own cosine schedule
    learning_rate : its peak, spectrum_rate in the last part; warm_up : steps to it
    batch, crop_samples : crops a step and their length; spectrum_batch, spectrum_samples : in the last part
    frames : single frames a step
    level_share : weight of the loss on them beside that on the crops
    likelihood_share : weight of the likelihood beside the spectra
    latent_noise : standard deviation added to the timbre
    """

    steps: int = 26400
    embedding_steps: int = 20000
    spectrum_steps: int = 2400
    learning_rate: float = 2e-3
    spectrum_rate: float = 1e-3
    warm_up: int = 100
    batch: int = 24
    crop_samples: int = 960
    spectrum_batch: int = 8
    spectrum_samples: int = 4096
    frames: int = 1024
    level_share: float = 1.0
    likelihood_share: float = 0.02
    latent_noise: float = 0.1

    @property
    def spectrum_from(self):
        """First step of the last part."""
        return self.steps - self.spectrum_steps

    def part(self, step):
        """(first, last) step of the part that a step is in."""
        ends = 0, self.embedding_steps, self.spectrum_from, self.steps
        return next((first, last) for first, last in pairwise(ends) if step < last)


@dataclass(frozen=True)
class FrameBatch:
    """Single frames.

    weights : float32 (frames, harmonics + noise), see encoding.levels
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


@dataclass(frozen=True)
class PlayedBatch(CropBatch):
    """The same, with white noise."""


class InstrumentTask:
    """See task.Task. progress : wraps the list of notes while they are analysed, to draw a bar."""

    average = 0.999
    clip = 1.0
    partial = True  # the first part leaves the network out

    def __init__(self, notes: Notes, config=CONFIG, schedule=None, seed=0, progress=iter):
        self.notes, self.config, self.schedule, self.seed = notes, config, schedule or Schedule(), seed
        if notes.rate != config.rate:
            raise ModelError(f"the notes are at {notes.rate} Hz, the instrument at {config.rate}; take others")
        parts = self.schedule.embedding_steps + self.schedule.spectrum_steps
        if parts > self.schedule.steps:
            raise ModelError(f"{parts} embedding and spectrum steps are more than all {self.schedule.steps}")
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
        """Warm-up, then a cosine down to 3 %, in each part."""
        schedule = self.schedule
        first, last = schedule.part(step)
        warm = min(1.0, (step - first + 1) / schedule.warm_up)
        cosine = 0.5 * (1 + math.cos(math.pi * (step - first) / (last - first)))
        peak = schedule.learning_rate if step < schedule.spectrum_from else schedule.spectrum_rate
        return peak * warm * (0.03 + 0.97 * cosine)

    def draw(self, step):
        """FrameBatch in the first part, CropBatch in the second, PlayedBatch in the third."""
        schedule, rng = self.schedule, np.random.default_rng([self.seed, step])
        if step < schedule.embedding_steps:
            return self._single(self.crops.draw_frames(schedule.frames, rng), rng)
        if step < schedule.spectrum_from:
            return CropBatch(*self._crops(schedule.batch, schedule.crop_samples, rng))
        return PlayedBatch(*self._crops(schedule.spectrum_batch, schedule.spectrum_samples, rng, white=True))

    def _crops(self, batch, samples, rng, **noise):
        """The fields of a CropBatch."""
        crops = self.crops.draw(batch, samples, self.schedule.frames, rng, **noise)
        return crops, self._chance(*crops.spectra.shape[:2], rng), self._single(crops.frames, rng)

    def _single(self, frames, rng):
        weights = level_weights(frames.log_levels, frames.audible)
        return FrameBatch(frames, weights, self._chance(len(weights), 1, rng))

    def _chance(self, count, frames, rng):
        normal = rng.standard_normal((count, frames, self.config.timbre), np.float32)
        return torch.from_numpy(normal) * self.schedule.latent_noise

    def samples(self, step):
        """Of the crops; of the frames in the first part."""
        schedule = self.schedule
        if step < schedule.embedding_steps:
            return schedule.frames * self.config.hop
        if step < schedule.spectrum_from:
            return schedule.batch * schedule.crop_samples
        return schedule.spectrum_batch * schedule.spectrum_samples

    def loss(self, model, batch):
        """Error of the levels; with crops, the negative log likelihood of their samples, or the error of spectra."""
        if isinstance(batch, FrameBatch):
            return self._level_loss(model, batch)
        config, crops = self.config, batch.crops
        latents = crops.weights @ (model.encoder(crops.spectra) + batch.chance)
        harmonics = harmonic_inputs(config, crops.phases, crops.f0_hz)
        given = conditions(config, latents, crops.f0_hz)
        log_gains = torch.where(crops.taught[:, None, None], crops.log_levels, model.decoder.log_gains(given))
        excitation = model.decoder.excite(log_gains, harmonics, crops.noise if config.noise else None)
        through = rows.outputs if config.feedback else type(model.decoder).__call__  # without, it is quick compiled
        outputs = through(model.decoder, crops.signal, given, excitation)
        level_loss = self.schedule.level_share * self._level_loss(model, batch.single)
        if isinstance(batch, PlayedBatch):
            return level_loss + self._played_loss(outputs, crops)
        return level_loss + mixture_loss(outputs, crops.target)

    def _played_loss(self, outputs, crops):
        """Error of the spectra; the likelihood teaches how wide the distribution about its mean is."""
        config, time = self.config, outputs.shape[1]
        heard = crops.begins[:, None] | (torch.arange(time, device=outputs.device) >= config.receptive_field)
        played, recorded = (expanded(audio) * heard for audio in (mixture_mean(outputs), crops.target))
        weights, means, log_scales = outputs.chunk(3, -1)
        likelihood = mixture_loss(torch.cat([weights, means.detach(), log_scales], -1), crops.target)
        return spectrum_loss(played, recorded, config.emphasis) + self.schedule.likelihood_share * likelihood

    def _level_loss(self, model, batch):
        frames = batch.frames
        given = conditions(self.config, model.encoder(frames.spectra)[:, None] + batch.chance, frames.f0_hz)
        return level_loss(model.decoder.log_gains(given)[:, 0], frames.log_levels, batch.weights)

    def sample(self, model):
        """The beginnings of notes from all over the data set, encoded and played; on the CPU, as a player would."""
        notes, model = self.notes, copy.deepcopy(model).cpu()
        chosen, names, samples = beginnings(notes, self.config.hop)
        recordings, f0_hz = [notes.sound(note)[:samples] for note in chosen], notes.f0_hz[chosen]
        embeddings = np.stack([model.encode(*note) for note in zip(recordings, f0_hz, strict=True)])
        uniforms = np.random.default_rng(self.seed).random((len(chosen), samples))
        played = play(model, embeddings, uniforms, f0_hz, temperature=0.0)
        return [Sample(*row, rate=self.config.rate) for row in zip(names, recordings, played, strict=True)]
