"""The training loop, tiny: it learns, and a resumed run is the uninterrupted one."""

from functools import cache

import numpy as np
import torch

from models.data.crops import Crops
from models.training.loop import Schedule, Trainer
from models.training.loss import mixture_loss
from tests.models.test_data import CONFIG, sine_notes

SCHEDULE = Schedule(embedding_steps=10, steps=50, batch=4, crop_samples=640, frames=32, warm_up=5, save_every=20)


@cache
def crops():
    return Crops(sine_notes(), CONFIG)


def trainer(folder):
    return Trainer(CONFIG, crops(), folder, SCHEDULE, compiled=False)


def quiet(line):
    """No progress lines in tests."""


def test_loss_falls(tmp_path):
    losses = trainer(tmp_path).train(report=quiet)
    embedding, crops_losses = losses[:10], losses[10:]
    assert np.mean(embedding[-3:]) < np.mean(embedding[:3])
    assert np.mean(crops_losses[-5:]) < np.mean(crops_losses[:5]) - 0.3


def test_resumed_run_goes_on_exactly(tmp_path):
    whole = trainer(tmp_path / "whole").train(report=quiet)
    first = trainer(tmp_path / "parts")
    losses = [first._advance() for _ in range(15)]
    first.save()
    second = trainer(tmp_path / "parts")
    assert second.step == 15
    losses += second.train(report=quiet)
    assert losses == whole


def test_mixture_loss_is_the_negative_log_of_a_density():
    outputs = torch.tensor([0.3, -1.0, 0.5, 0.1, -0.4, 0.7, -2.0, -0.5, -1.0])
    y = torch.linspace(-30, 30, 200001)
    one = mixture_loss(outputs.view(1, 1, 9), y[101000:101001].view(1, 1))
    weights, means, log_scales = outputs.double().chunk(3)
    z = (y.double()[:, None] - means) * torch.exp(-log_scales)
    logistic = torch.sigmoid(z) * torch.sigmoid(-z) * torch.exp(-log_scales)
    density = (torch.softmax(weights, 0) * logistic).sum(-1)
    assert abs(torch.trapezoid(density, y.double()).item() - 1) < 1e-6
    torch.testing.assert_close(one.double(), -torch.log(density[101000]), rtol=1e-5, atol=1e-5)
