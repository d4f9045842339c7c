"""Table 2: how well a linear classifier reads the pitch from Z, where the decoder is told the pitch and where not."""

import numpy as np
import torch

from models.baseline.network import Baseline
from models.baseline.spectrogram import picture
from models.evaluation.disentangling import linear_hits
from models.evaluation.tables.labelled import Labelled

PAPER = {  # (model, size of Z) -> accuracy in percent: not told the pitch, told it
    ("WaveNet", 1984): (58.1, 40.5),
    ("baseline", 1984): (63.8, 55.2), ("baseline", 1024): (57.4, 42.1), ("baseline", 512): (63.2, 21.8),
    ("baseline", 256): (57.7, 21.0), ("baseline", 128): (58.2, 21.2), ("baseline", 64): (59.8, 15.2),
}  # fmt: skip
TOLD = (False, True)  # the two columns
_AT_ONCE = 8  # notes


def pitch_hits(model, train: Labelled, test: Labelled) -> np.ndarray:
    """bool (notes of the test whose pitch was trained,): whether the pitch is read from Z.

    model : Baseline, or a WaveNet, whose Z are all its frames
    """
    z = [embeddings(model, notes) for notes in (train, test)]
    return linear_hits(z[0], train.pitch, z[1], test.pitch)


@torch.no_grad()
def embeddings(model, notes: Labelled) -> np.ndarray:
    """float32 (notes, size of Z)."""
    sounds = [notes.sound(note) for note in range(len(notes.pitch))]
    if not isinstance(model, Baseline):
        return np.stack([model.encode(sound).ravel() for sound in sounds])
    shown = (
        np.stack([picture(sound, model.config.picture) for sound in sounds[first : first + _AT_ONCE]])
        for first in range(0, len(sounds), _AT_ONCE)
    )
    return np.concatenate([model.encode(pictures) for pictures in shown])
