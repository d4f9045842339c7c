"""The paper's autoencoder small enough for a laptop, to train on it and to play live on it, and a recipe for that.

What the paper's schedule does in days on 32 GPUs is not to be had; but 32 channels in 20 layers learn at some 50,000
samples a second and core. The crops are short, so that a step stays in the caches; the rate is ten times the paper's
and falls to nothing, where most of the likelihood is gained; the encoder also hears what lies around a crop.

The same network beside it, `driven_config`, hears the harmonics of its note as well as its past, at the levels that
its embedding gives them: so it is in tune and has its timbre from the first sample on. It learns as the default
instrument does, on crops alone.
"""

import math

import torch

from models.config import WaveNetConfig
from models.data.notes import Notes
from models.training.instrument import InstrumentTask, Schedule
from models.training.paper import PaperTask
from models.training.rows import ROWS

STEPS, BATCH = 12_000, 2
CROP_SAMPLES = ROWS // BATCH
LEARNING_RATE, WARM_UP, LAST_SHARE = 2.5e-3, 100, 0.01
NOTE_START_SHARE = 0.15  # of the crops begin with the note


def small_config(pitch=False, rate=WaveNetConfig.rate):
    """WaveNetConfig: the paper's encoder and decoder with a sixteenth of the channels."""
    return WaveNetConfig(
        width=32, skip_width=32, layers=20, stages=10, pitch=pitch, rate=rate, encoder_width=32, encoder_layers=10
    )


def driven_config(harmonics, rate=WaveNetConfig.rate):
    """WaveNetConfig: the same decoder, told the phases of so many harmonics; one latent channel more, the level."""
    return WaveNetConfig(
        width=32, skip_width=32, layers=20, stages=10, latent=17, rate=rate, encoder="spectrum", encoder_width=128,
        harmonics=harmonics, gain_width=64, mixture=4, loudness=True, direct=True,
    )  # fmt: skip


def driven_task(notes: Notes, harmonics, steps=STEPS, seed=0, progress=iter):
    """The task of `driven_config`. progress : as of InstrumentTask"""
    schedule = Schedule(
        steps=steps, embedding_steps=0, spectrum_steps=0, learning_rate=LEARNING_RATE, batch=BATCH,
        crop_samples=CROP_SAMPLES, frames=128,
    )  # fmt: skip
    return InstrumentTask(notes, driven_config(harmonics, notes.rate), schedule, seed, progress)


class SmallTask(PaperTask):
    """See task.Task; arguments as of PaperTask, whose loss it has."""

    name, schedule = "small", "the small recipe"
    average = 0.999
    clip = 1.0
    margin = 1

    def __init__(self, notes, config, steps=STEPS, batch=BATCH, crop_samples=CROP_SAMPLES, seed=0):
        super().__init__(notes, config, steps, batch, crop_samples, seed)
        self.settings |= {"steps": steps}

    def optimiser(self, parameters):
        """Adam that forgets gradients faster."""
        return torch.optim.Adam(parameters, betas=(0.9, 0.99))

    def learning_rate(self, step):
        """Warm-up, then a cosine."""
        cosine = 0.5 * (1 + math.cos(math.pi * step / self.steps))
        return LEARNING_RATE * min(1.0, (step + 1) / WARM_UP) * (LAST_SHARE + (1 - LAST_SHARE) * cosine)

    def _starts(self, rng):
        """Some at the beginning, where the past tells nothing and the embedding all."""
        return super()._starts(rng) * (rng.random(self.batch) > NOTE_START_SHARE)

    def _sound(self, note):
        """Every instrument at one level, so that no code is wasted."""
        return self.notes.sound(note)
