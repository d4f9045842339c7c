"""What the loop asks of a model that is to be trained."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn

from models.data.notes import Notes

NOTES, SECONDS = 4, 0.5  # played as a run goes: sample by sample, which is slow


@dataclass(frozen=True)
class Sample:
    """What a model makes of one note. recording, played : float32 (samples,)."""

    name: str
    recording: np.ndarray
    played: np.ndarray
    rate: int


def beginnings(notes: Notes, hop: int):
    """What is played as a run goes: the beginnings of a few notes from all over the data set.

    returns : indices of the notes, their names, and how many samples, whole hops
    """
    chosen = np.linspace(0, len(notes.audio) - 1, min(NOTES, len(notes.audio))).astype(int)
    names = [f"{notes.names[notes.instrument[note]]} {notes.pitch[note]}" for note in chosen]
    return chosen, names, min(round(SECONDS * notes.rate), notes.audio.shape[1]) // hop * hop


class Task(Protocol):
    """One model, its data, its loss and its schedule; one file each.

    steps : length of the schedule
    seed : of the first weights and of every batch
    average : decay of the moving average of the weights; 0: none
    clip : norm that the gradient is cut to; inf: none
    partial : whether the loss of some steps leaves weights out
    settings : all that decides how a run goes, in JSON's types; a run is only resumed with the same
    origin : in plain words, what the weights are learnt from
    """

    steps: int
    seed: int
    average: float
    clip: float
    partial: bool
    settings: dict[str, Any]
    origin: str

    def build(self) -> nn.Module:
        """The model, freshly initialised; its `config` goes into the file of weights."""

    def optimiser(self, parameters) -> torch.optim.Optimizer: ...

    def learning_rate(self, step: int) -> float: ...

    def draw(self, step: int) -> Any:
        """The whole batch of a step, from seed and step alone: a dataclass of tensors whose first axis is the rows."""

    def samples(self, step: int) -> int:
        """Audio samples that the batch of this step stands for."""

    def loss(self, model: nn.Module, batch) -> torch.Tensor:
        """Scalar, a mean over the rows; without chance of its own, so that a run can be repeated."""

    def sample(self, model: nn.Module) -> list[Sample]:
        """A few notes played by the model, beside their recordings; none where the model does not play by itself."""
