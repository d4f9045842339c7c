"""The original: the WaveNet autoencoder of Engel et al. 2017, trained as its authors did.

Crops of 6144 samples, just longer than the decoder's receptive field, anywhere in a note: nearly every sample is
learnt from a past that begins with silence. Source: the paper, section 2.1, and Magenta's `h512_bo16.py`.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from common.errors import ModelError
from models.data.notes import FULL_SCALE, Notes
from models.generate import play
from models.mulaw import HALF, mulaw_encode
from models.training import rows
from models.training.task import Sample, beginnings
from models.wavenet import WaveNet, conditions, shifted

LEARNING_RATES = {0: 2e-4, 90_000: 4e-4 / 3, 120_000: 6e-5, 150_000: 4e-5, 180_000: 2e-5, 210_000: 6e-6, 240_000: 2e-6}
STEPS, BATCH, CROP_SAMPLES = 200_000, 32, 6144


@dataclass(frozen=True)
class Crops:
    """codes : int64 (batch, time), mu-law, in [-128, 127], with the margins of the task; f0_hz : float32 (batch,)."""

    codes: torch.Tensor
    f0_hz: torch.Tensor


class PaperTask:
    """See task.Task.

    config : WaveNetConfig of any sizes, with the dilated encoder, without harmonics and mixture
    batch, crop_samples : crops a step, over all processes, and their length, whole hops
    """

    name, schedule = "paper", "the paper's schedule"
    average = 0.9999
    clip = math.inf
    partial = False
    margin = 0  # hops before and behind a crop that the encoder hears too

    def __init__(self, notes: Notes, config, steps=STEPS, batch=BATCH, crop_samples=CROP_SAMPLES, seed=0):
        if crop_samples % config.hop or not config.hop <= crop_samples <= notes.audio.shape[1]:
            raise ModelError(
                f"crops of {crop_samples} samples: they must be whole hops of {config.hop}, "
                f"and no longer than the notes, {notes.audio.shape[1]} samples"
            )
        self.notes, self.config = notes, config
        self.steps, self.batch, self.crop_samples, self.seed = steps, batch, crop_samples, seed
        self.origin = f"{len(notes.audio)} notes of {len(notes.names)} instruments, {self.schedule}"
        self.settings = {"task": self.name, **config.to_dict(), "batch": batch, "crop_samples": crop_samples}
        self.settings |= {"seed": seed, "notes": len(notes.audio)}

    def build(self):
        """WaveNet."""
        return WaveNet(self.config)

    def optimiser(self, parameters):
        """Adam as TensorFlow's."""
        return torch.optim.Adam(parameters, eps=1e-8)

    def learning_rate(self, step):
        """The last of LEARNING_RATES that has begun."""
        return max((first, rate) for first, rate in LEARNING_RATES.items() if first <= step)[1]

    def draw(self, step):
        """Crops."""
        rng = np.random.default_rng([self.seed, step])
        notes = rng.integers(0, len(self.notes.audio), self.batch)
        starts, margin = self._starts(rng), self.margin * self.config.hop
        audio = np.stack([np.pad(self._sound(note), margin) for note in notes])
        index = starts[:, None] + np.arange(self.crop_samples + 2 * margin)
        codes = mulaw_encode(np.take_along_axis(audio, index, 1)).astype(np.int64)
        return Crops(torch.from_numpy(codes), torch.from_numpy(self.notes.f0_hz[notes].astype(np.float32)))

    def _starts(self, rng):
        """int (batch,): anywhere in the notes."""
        return rng.integers(0, self.notes.audio.shape[1] - self.crop_samples + 1, self.batch)

    def _sound(self, note):
        """float32 (samples,): as it was recorded, without a level of its own."""
        return self.notes.audio[note] / np.float32(FULL_SCALE)

    def samples(self, step):
        """Of the crops."""
        return self.batch * self.crop_samples

    def loss(self, model, batch):
        """Cross-entropy of the samples' classes in nats, the first ones with their empty past included."""
        heard, frames, hop = (
            batch.codes[..., None].float() / HALF,
            self.crop_samples // self.config.hop,
            self.config.hop,
        )
        crop = slice(self.margin * hop, (self.margin + frames) * hop)
        given = conditions(self.config, model.encoder(heard)[:, self.margin :][:, :frames], batch.f0_hz)
        outputs = rows.outputs(model.decoder, shifted(heard[:, crop], 1), given)
        return F.cross_entropy(outputs.flatten(0, 1), batch.codes[:, crop].flatten() + HALF)

    @torch.no_grad()
    def sample(self, model):
        """The beginnings of notes from all over the data set, encoded and played."""
        chosen, names, samples = beginnings(self.notes, self.config.hop)
        recordings = np.stack([self._sound(note)[:samples] for note in chosen])
        heard = torch.from_numpy(model.heard(recordings))[..., None].to(next(model.parameters()).device)
        uniforms = np.random.default_rng(self.seed).random(recordings.shape)
        played = play(model, model.encoder(heard).cpu().numpy(), uniforms, self.notes.f0_hz[chosen])
        return [Sample(*row, rate=self.config.rate) for row in zip(names, recordings, played, strict=True)]
