"""The default instrument's task: its two parts, its losses, what it plays."""

import numpy as np
import pytest
import torch

from errors import ModelError
from models.training.batches import share
from models.training.instrument import CropBatch, FrameBatch, InstrumentTask, Schedule
from models.training.trainer import Trainer
from tests.models.training.tasks import INSTRUMENT, instrument_task


@pytest.mark.usefixtures("without_pictures")
def test_the_loss_falls_from_scratch_in_both_parts(notes, tmp_path):
    schedule = Schedule(steps=200, embedding_steps=150, batch=4, crop_samples=640, frames=64, warm_up=5)
    losses = Trainer(InstrumentTask(notes, INSTRUMENT, schedule), tmp_path).train(report=str)
    frames, crops = losses[:150], losses[150:]
    assert np.mean(frames[-5:]) < 0.7 * np.mean(frames[:3])
    assert np.mean(crops[-5:]) < np.mean(crops[:3]) - 0.3


def test_frames_come_first_then_crops(notes):
    task = instrument_task(notes)
    assert isinstance(task.draw(5), FrameBatch) and isinstance(task.draw(6), CropBatch)
    assert task.learning_rate(5) < task.learning_rate(3) and task.learning_rate(8) > task.learning_rate(5)


@pytest.mark.parametrize("step", [0, 6], ids=["frames", "crops"])
def test_the_loss_of_a_batch_is_the_mean_of_its_shares(step, notes):
    task = instrument_task(notes)
    torch.manual_seed(2)
    model, batch = task.build(), task.draw(step)
    shares = [task.loss(model, share(batch, part, 4)) for part in range(4)]
    torch.testing.assert_close(torch.stack(shares).mean(), task.loss(model, batch))


@pytest.mark.parametrize("step", [0, 6], ids=["frames", "crops"])
def test_batches_depend_on_seed_and_step_alone(step, notes):
    batches = [instrument_task(notes).draw(step) for _ in range(2)]
    assert torch.equal(batches[0].chance, batches[1].chance)
    assert not torch.equal(batches[0].chance, instrument_task(notes).draw(step + 1).chance)


def test_it_plays_the_beginnings_of_notes(notes):
    task = instrument_task(notes)
    torch.manual_seed(2)
    samples = task.sample(task.build())
    assert len(samples) == 3
    for note, sample in enumerate(samples):
        np.testing.assert_allclose(sample.recording, notes.sound(note)[:768])
        assert sample.played.shape == (768,) and 0 < np.abs(sample.played).max() < 2


def test_more_embedding_steps_than_steps_are_named(notes):
    with pytest.raises(ModelError, match="20 embedding steps are more than all 10"):
        InstrumentTask(notes, INSTRUMENT, Schedule(steps=10, embedding_steps=20))
