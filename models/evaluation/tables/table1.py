"""Table 1: a classifier of pitch and qualities, with the layers of the baseline's encoder, and what it hears."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from models.baseline.config import BaselineConfig
from models.baseline.network import Encoder, Normed
from models.baseline.spectrogram import picture
from models.config import PITCH_CLASSES
from models.data.nsynth import QUALITIES
from models.evaluation.tables.labelled import Labelled

PAPER = {  # accuracy in percent: (pitch, quality)
    "original audio": (91.6, 90.1), "WaveNet reconstruction": (79.6, 88.9), "baseline reconstruction": (46.9, 85.2),
}  # fmt: skip
BATCH = 8
DECAY = 0.95  # of the running statistics of batch norm, as of a run of minutes


@dataclass(frozen=True)
class Accuracy:
    """Shares of right answers. pitch : of the notes; quality : of the notes and judged qualities"""

    pitch: float
    quality: float


class Classifier(nn.Module):
    """Pictures -> logits of the pitch, (notes, PITCH_CLASSES), and of each quality, (notes, QUALITIES)."""

    def __init__(self, width: int):
        super().__init__()
        self.encoder = Encoder(BaselineConfig(width=width, latent=1))
        self.encoder.pop("z")
        self.pitch, self.quality = nn.Linear(8 * width, PITCH_CLASSES), nn.Linear(8 * width, QUALITIES)
        for module in self.modules():
            if isinstance(module, Normed):
                module.decay = DECAY

    def forward(self, pictures):
        features = self.encoder.features(pictures).flatten(1)
        return self.pitch(features), self.quality(features)


def train_classifier(
    notes: Labelled, steps: int, width: int, seed: int, progress=lambda steps: steps, learning_rate=1e-3
) -> Classifier:
    """Adam, its rate falling in half a cosine. progress : wraps the steps, to draw a bar"""
    torch.manual_seed(seed)
    model, rng = Classifier(width), np.random.default_rng(seed)
    optimiser = torch.optim.Adam(model.parameters(), learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    judged = torch.from_numpy(notes.judged)
    for _ in progress(range(steps)):
        chosen = rng.integers(0, len(notes.pitch), BATCH)
        pitch, quality = model(_pictures([notes.sound(note) for note in chosen]))
        wanted = torch.from_numpy(notes.qualities[chosen]).float()
        loss = F.cross_entropy(pitch, torch.from_numpy(notes.pitch[chosen]))
        loss = loss + F.binary_cross_entropy_with_logits(quality[:, judged], wanted[:, judged])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return model.eval()


@torch.no_grad()
def accuracy(model: Classifier, sounds, notes: Labelled) -> Accuracy:
    """What it says of sounds, float32 (samples,) each, that are to be these notes."""
    pitches, qualities = [], []
    for sound in sounds:
        pitch, quality = model(_pictures([sound]))
        pitches.append(int(pitch.argmax()))
        qualities.append((quality[0] > 0).numpy())
    right = np.array(qualities)[:, notes.judged] == notes.qualities[:, notes.judged]
    return Accuracy(float(np.mean(np.array(pitches) == notes.pitch)), float(right.mean()))


def chance(train: Labelled, test: Labelled) -> Accuracy:
    """Of always saying what most notes of the training have: what any figure stands beside."""
    pitches, counts = np.unique(train.pitch, return_counts=True)
    most = train.qualities.mean(0) > 0.5
    right = test.qualities[:, test.judged] == most[test.judged]
    return Accuracy(float(np.mean(test.pitch == pitches[counts.argmax()])), float(right.mean()))


def _pictures(sounds):
    return torch.from_numpy(np.stack([picture(sound) for sound in sounds]))
