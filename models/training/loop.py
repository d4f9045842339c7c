"""The training loop of the default instrument: Adam, cosine schedule, moving average of the weights, resumable.

Batches depend on the seed and the number of the step alone, so a resumed run goes on exactly as it would have.
"""

import copy
import math
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from models.data.crops import Crops
from models.training.loss import amplitude_loss, mixture_loss
from models.wavenet import WaveNet, conditions, harmonic_inputs


@dataclass(frozen=True)
class Schedule:
    """How long and how fast.

    embedding_steps : first steps, on single frames alone: the embedding learns to tell the harmonics' amplitudes
    steps : all of them, the rest on crops; each part has its own cosine schedule
    learning_rate : its peak
    batch, crop_samples : crops a step and their length
    frames : single frames a step, for the loss on the harmonics' amplitudes
    amplitude_share : weight of that loss
    average : decay of the moving average of the weights
    latent_noise : standard deviation added to the timbre, so that neighbouring latents sound alike
    save_every : steps between two savings
    """

    embedding_steps: int = 3000
    steps: int = 6500
    learning_rate: float = 2e-3
    warm_up: int = 100
    batch: int = 24
    crop_samples: int = 960
    frames: int = 1024
    amplitude_share: float = 1.0
    average: float = 0.999
    latent_noise: float = 0.05
    save_every: int = 500
    seed: int = 0


class Trainer:
    """One run in a folder.

    config : WaveNetConfig; crops : Crops; folder : where state.pt is kept; a state already there is resumed
    """

    def __init__(self, config, crops: Crops, folder, schedule=None, compiled=True):
        self.crops, self.schedule, self.folder = crops, schedule or Schedule(), Path(folder)
        torch.manual_seed(self.schedule.seed)
        self.model = WaveNet(config)
        self.average = copy.deepcopy(self.model).requires_grad_(False)
        self.optimiser = torch.optim.Adam(self.model.parameters(), self.schedule.learning_rate)
        self.step = 0
        self.loss = torch.compile(self._loss) if compiled else self._loss
        if (self.folder / "state.pt").exists():
            self._resume()

    def train(self, stop_after_s=math.inf, report=print):
        """Run to the end of the schedule, or for so many seconds. Saves as it goes and at the end.

        report : called with one line every 50 steps
        returns : the losses of the steps taken, in nats a sample
        """
        started, losses = time.monotonic(), []
        while self.step < self.schedule.steps and time.monotonic() - started < stop_after_s:
            losses.append(self._advance())
            if self.step % 50 == 0:
                pace = len(losses) / (time.monotonic() - started)
                report(f"step {self.step}  loss {np.mean(losses[-50:]):.3f}  {pace:.2f} steps/s")
            if self.step % self.schedule.save_every == 0:
                self.save()
        self.save()
        return losses

    def _advance(self):
        schedule, rng = self.schedule, np.random.default_rng([self.schedule.seed, self.step])
        for group in self.optimiser.param_groups:
            group["lr"] = _learning_rate(schedule, self.step)
        self.optimiser.zero_grad()
        loss = self._embedding_loss(rng) if self.step < schedule.embedding_steps else self._crops_loss(rng)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        self._update_average()
        return loss.item()

    def _embedding_loss(self, rng):
        frames = self.crops.draw_frames(self.schedule.frames, rng)
        return self._amplitude_loss(frames, self._noise(self.schedule.frames, 1, rng))

    def _crops_loss(self, rng):
        schedule = self.schedule
        batch = self.crops.draw(schedule.batch, schedule.crop_samples, schedule.frames, rng)
        crop_noise = self._noise(*batch.spectra.shape[:2], rng)
        return self.loss(batch, crop_noise, self._noise(schedule.frames, 1, rng))

    def _noise(self, rows, frames, rng):
        shape = (rows, frames, self.model.config.timbre)
        return torch.from_numpy(rng.standard_normal(shape, np.float32)) * self.schedule.latent_noise

    def _loss(self, batch, noise, frame_noise):
        config = self.model.config
        latents = batch.weights @ (self.model.encoder(batch.spectra) + noise)
        harmonics = harmonic_inputs(config, batch.phases, batch.f0_hz)
        outputs = self.model.decoder(batch.signal, conditions(config, latents, batch.f0_hz), harmonics)
        amplitudes = self._amplitude_loss(batch.frames, frame_noise)
        return mixture_loss(outputs, batch.target) + self.schedule.amplitude_share * amplitudes

    def _amplitude_loss(self, frames, noise):
        config = self.model.config
        rows = conditions(config, self.model.encoder(frames.spectra)[:, None] + noise, frames.f0_hz)
        log_gains = self.model.decoder.log_gains(rows)[:, 0]
        return amplitude_loss(log_gains, frames.log_amplitudes, frames.audible)

    @torch.no_grad()
    def _update_average(self):
        decay = min(self.schedule.average, (1 + self.step) / (10 + self.step))
        pairs = zip(self.average.parameters(), self.model.parameters(), strict=True)
        for average, current in pairs:
            average.lerp_(current, 1 - decay)

    def save(self):
        """Write state.pt whole: to a temporary file first, then renamed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        state = {
            "step": self.step,
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        partial = self.folder / "state.pt.partial"
        torch.save(state, partial)
        os.replace(partial, self.folder / "state.pt")

    def _resume(self):
        state = torch.load(self.folder / "state.pt", weights_only=True)
        self.step = state["step"]
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])


def _learning_rate(schedule, step):
    in_embedding = step < schedule.embedding_steps
    first, last = (0, schedule.embedding_steps) if in_embedding else (schedule.embedding_steps, schedule.steps)
    warm = min(1.0, (step - first + 1) / schedule.warm_up)
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, (step - first) / (last - first))))
    return schedule.learning_rate * warm * (0.03 + 0.97 * cosine)
