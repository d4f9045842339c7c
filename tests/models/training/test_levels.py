"""The levels of trained weights, learnt anew."""

import numpy as np
import pytest
import torch

from errors import ModelError
from models import checkpoints
from models.training.levels import LevelsTask
from models.training.trainer import Trainer
from models.wavenet import WaveNet
from tests.models.training.tasks import INSTRUMENT, PAPER


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Writes a fresh network of a config; returns its file."""

    def write(config):
        torch.manual_seed(3)
        weights = {name: value.numpy() for name, value in WaveNet(config).state_dict().items()}
        path = tmp_path_factory.mktemp("weights") / "fresh.safetensors"
        checkpoints.write(path, config, weights)
        return path

    return write


@pytest.mark.usefixtures("without_pictures")
def test_the_loss_falls_and_only_the_map_to_gains_moves(notes, written, tmp_path):
    before = written(INSTRUMENT)
    losses = Trainer(LevelsTask(notes, before, steps=200), tmp_path).train(report=str)
    assert np.mean(losses[-20:]) < np.mean(losses[:5]) - 0.05  # of 1.6: random features, small steps
    (_, old), (_, new) = checkpoints.read(before), checkpoints.read(tmp_path / "weights.safetensors")
    moved = {name for name in old if not np.array_equal(old[name], new[name])}
    assert moved == {f"decoder.gain{part}.{kind}" for part in (1, 2) for kind in ("weight", "bias")}


def test_weights_without_harmonics_are_named(notes, written):
    with pytest.raises(ModelError, match="has no harmonics"):
        LevelsTask(notes, written(PAPER))
