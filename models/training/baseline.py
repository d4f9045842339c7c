"""The baseline's task: pictures of whole notes, each from its embedding. Source: Engel et al. 2017, section 2.2."""

import math
from dataclasses import dataclass

import numpy as np
import torch

from common.errors import ModelError
from models.baseline.config import BaselineConfig
from models.baseline.network import DECAY, Baseline, Normed, picture_loss
from models.baseline.spectrogram import COLUMNS, HOP, RATE, frequency_weights, picture, sound
from models.data.notes import FULL_SCALE, Notes
from models.training.task import Sample, beginnings

SHOWN_ITERATIONS = 30  # of Griffin and Lim's, for what is played as a run goes


@dataclass(frozen=True)
class Schedule:
    """How long and how fast. The defaults are Magenta's; the paper prints 1,800,000 steps, and ended them by hand.

    batch : notes a step, over all processes
    decay : of the running statistics of batch norm
    cosine : the learning rate falls to nothing at the last step, as a run of minutes wants it
    half : products in bfloat16, which processors with matrix units compute several times as fast
    """

    steps: int = 1_800_000
    batch: int = 8
    learning_rate: float = 1e-4
    decay: float = DECAY
    cosine: bool = False
    half: bool = False


REDUCED_WIDTH = 32  # a quarter of the paper's channels; its schedule is `reduced`


@dataclass(frozen=True)
class Pictures:
    """pictures : float32 (notes, channels, bins, columns); pitch : int64 (notes,), MIDI"""

    pictures: torch.Tensor
    pitch: torch.Tensor


class BaselineTask:
    """See models.training.task.Task. The statistics of batch norm need the whole batch: it is not cut into parts."""

    average = 0.0
    clip = math.inf
    partial = False

    def __init__(self, notes: Notes, config=None, schedule=None, seed=0):
        if notes.rate != RATE or notes.audio.shape[1] > COLUMNS * HOP:
            raise ModelError(f"the baseline sees notes of up to {COLUMNS * HOP} samples at {RATE} Hz; take others")
        self.notes, self.config = notes, config or BaselineConfig()
        self.schedule, self.seed = schedule or Schedule(), seed
        self.steps = self.schedule.steps
        self.origin = f"{len(notes.audio)} notes of {len(notes.names)} instruments"
        self.settings = {"task": "baseline", "seed": seed, "notes": len(notes.audio)}
        self.settings |= self.config.to_dict() | vars(self.schedule)
        self._weights = torch.from_numpy(frequency_weights())

    def build(self):
        """Baseline."""
        model = Baseline(self.config)
        for module in model.modules():
            if isinstance(module, Normed):
                module.decay = self.schedule.decay
        return model

    def optimiser(self, parameters):
        """Adam as Magenta's."""
        return torch.optim.Adam(parameters, betas=(0.5, 0.999), eps=1e-8)

    def learning_rate(self, step):
        """Constant, or half a cosine."""
        fall = 0.5 * (1 + math.cos(math.pi * step / self.steps)) if self.schedule.cosine else 1.0
        return self.schedule.learning_rate * fall

    def draw(self, step):
        """Pictures of notes anywhere in the set."""
        rng = np.random.default_rng([self.seed, step])
        return self.pictures(rng.integers(0, len(self.notes.audio), self.schedule.batch))

    def pictures(self, chosen):
        """Pictures of these notes. chosen : int (n,)"""
        shown = [picture(self.notes.audio[note] / np.float32(FULL_SCALE), self.config.picture) for note in chosen]
        return Pictures(torch.from_numpy(np.stack(shown)), torch.from_numpy(self.notes.pitch[chosen].astype(np.int64)))

    def samples(self, step):
        """Of the notes."""
        return self.schedule.batch * self.notes.audio.shape[1]

    def loss(self, model, batch):
        """See `picture_loss`."""
        device = batch.pictures.device
        with torch.autocast(device.type, torch.bfloat16, enabled=self.schedule.half or device.type == "cuda"):
            shown = model(batch.pictures, batch.pitch)
        return picture_loss(shown.float(), batch.pictures, self._weights.to(device), self.config.picture)

    @torch.no_grad()
    def sample(self, model):
        """The beginnings of notes from all over the data set, and what the baseline makes of them."""
        chosen, names, samples = beginnings(self.notes, HOP)
        batch, device = self.pictures(chosen), next(model.parameters()).device
        model.eval()
        shown = model(batch.pictures.to(device), batch.pitch.to(device)).cpu().numpy()
        played = [sound(row, self.config.picture, SHOWN_ITERATIONS)[:samples] for row in shown]
        recordings = [self.notes.audio[note, :samples] / np.float32(FULL_SCALE) for note in chosen]
        return [Sample(*row, rate=RATE) for row in zip(names, recordings, played, strict=True)]


def reduced() -> Schedule:
    """A schedule of minutes on two cores; in bfloat16 where the processor has matrix units for it."""
    return Schedule(
        steps=600, learning_rate=1e-3, decay=0.95, cosine=True, half=bool(torch.cpu._is_amx_tile_supported())
    )


def mean_picture_loss(task: BaselineTask) -> float:
    """The loss of showing the mean picture of all notes for each of them: what has to be beaten. Magnitudes alone."""
    total = square = 0.0
    for note in range(len(task.notes.audio)):
        shown = task.pictures([note]).pictures[0, 0].double().numpy()
        total, square = total + shown, square + shown**2
    count = len(task.notes.audio)
    return float((frequency_weights()[:, None] * (square / count - (total / count) ** 2)).mean())
