"""The small recipe: that it learns, and what it draws."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from models.config import WaveNetConfig
from models.mulaw import HALF, mulaw_encode
from models.training import small
from models.training.small import NOTE_START_SHARE, WARM_UP, SmallTask, small_config
from models.training.trainer import Trainer
from tests.models.training.tasks import small_task

pytestmark = pytest.mark.slow


@pytest.mark.usefixtures("without_pictures")
def test_it_predicts_better_than_how_often_each_class_comes(notes, tmp_path, monkeypatch):
    monkeypatch.setattr(small, "LEARNING_RATE", 0.03)  # a hundred steps instead of twelve thousand
    monkeypatch.setattr(small, "WARM_UP", 10)
    task = small_task(notes, steps=150, pitch=True)
    trainer = Trainer(task, tmp_path)
    trainer.train(report=str)
    codes = mulaw_encode(notes.audio * notes.scale[:, None]).astype(np.int64) + HALF
    shares = torch.from_numpy(np.bincount(codes.ravel(), minlength=2 * HALF) / codes.size)
    batch = task.draw(task.steps)  # never drawn in training
    asked = batch.codes[:, task.config.hop : -task.config.hop]
    often = F.nll_loss(torch.log(shares + 1e-12)[None].expand(asked.numel(), -1), asked.flatten() + HALF)
    with torch.no_grad():
        assert task.loss(trainer.average, batch) < often - 0.1


def test_what_lies_around_a_crop_is_heard_by_the_encoder_alone(notes):
    task = small_task(notes)
    model, batch = task.build(), task.draw(0)
    crop = batch.codes[:, task.config.hop : -task.config.hop]
    given = model.encoder(batch.codes[..., None].float() / HALF)[:, 1:-1]
    late = F.pad(crop, (1, 0))[:, :-1, None].float() / HALF
    outputs = model.decoder(late, given)
    expected = F.cross_entropy(outputs.flatten(0, 1), crop.flatten() + HALF)
    torch.testing.assert_close(task.loss(model, batch), expected, rtol=0, atol=2e-3)  # products in bfloat16


def test_some_crops_begin_with_their_note(notes):
    task = SmallTask(notes, small_config(), batch=400)
    begins = (task.draw(0).codes[:, : task.config.hop] == 0).all(1).float().mean()
    assert abs(begins - NOTE_START_SHARE) < 0.06


def test_the_rate_falls_to_nearly_nothing(notes):
    task = small_task(notes, steps=1000)
    rates = [task.learning_rate(step) for step in range(1000)]
    assert np.argmax(rates) == WARM_UP - 1 and rates[-1] < 0.011 * max(rates)


def test_its_network_is_the_papers_in_small():
    paper = WaveNetConfig()
    for pitch in (False, True):
        config = small_config(pitch)
        same = ("taps", "latent", "hop", "stages", "encoder", "mixture", "harmonics", "outputs", "rate")
        assert [getattr(config, name) for name in same] == [getattr(paper, name) for name in same]
        assert (config.width, config.skip_width, config.layers, config.pitch) == (32, 32, 20, pitch)
