"""The default instrument's task: its parts, its losses, what it plays."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from common.errors import ModelError
from models.training.batches import share
from models.training.instrument import CropBatch, FrameBatch, InstrumentTask, PlayedBatch, Schedule
from models.training.trainer import Trainer
from tests.models.training.tasks import INSTRUMENT, instrument_task

pytestmark = pytest.mark.slow


@pytest.mark.usefixtures("without_pictures")
def test_the_loss_falls_from_scratch_in_every_part(notes, tmp_path):
    schedule = Schedule(
        steps=240, embedding_steps=150, spectrum_steps=40, warm_up=5, frames=64, batch=4, crop_samples=640,
        spectrum_batch=4, spectrum_samples=2304,
    )  # fmt: skip
    losses = Trainer(InstrumentTask(notes, INSTRUMENT, schedule), tmp_path).train(report=str)
    frames, crops, spectra = losses[:150], losses[150:200], losses[200:]
    assert np.mean(frames[-5:]) < 0.7 * np.mean(frames[:3])
    assert np.mean(crops[-5:]) < np.mean(crops[:3]) - 0.3
    assert np.mean(spectra[-5:]) < np.mean(spectra[:3]) - 0.1


def test_frames_come_first_then_crops_then_what_is_played(notes):
    task = instrument_task(notes)
    assert [type(task.draw(step)) for step in (5, 6, 8, 9)] == [FrameBatch, CropBatch, CropBatch, PlayedBatch]
    assert [task.samples(step) for step in (5, 8, 9)] == [32 * 256, 4 * 640, 4 * 2304]
    rates = [task.learning_rate(step) for step in range(12)]
    assert rates[5] < rates[3] and rates[8] > rates[5] and rates[11] > rates[5]


@pytest.mark.parametrize("step", [0, 6, 9], ids=["frames", "crops", "played"])
def test_the_loss_of_a_batch_is_the_mean_of_its_shares(step, notes):
    task = instrument_task(notes)
    torch.manual_seed(2)
    model, batch = task.build(), task.draw(step)
    shares = [task.loss(model, share(batch, part, 4)) for part in range(4)]
    torch.testing.assert_close(torch.stack(shares).mean(), task.loss(model, batch))


@pytest.mark.parametrize("step", [0, 6, 9], ids=["frames", "crops", "played"])
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
    with pytest.raises(ModelError, match="20 embedding and spectrum steps are more than all 10"):
        InstrumentTask(notes, INSTRUMENT, Schedule(steps=10, embedding_steps=15, spectrum_steps=5))


def test_only_what_has_its_whole_past_is_compared(notes):
    task, field = instrument_task(notes), INSTRUMENT.receptive_field
    torch.manual_seed(2)
    outputs = torch.randn(4, 2304, INSTRUMENT.outputs).requires_grad_(True)
    crops = replace(task.draw(9).crops, begins=torch.tensor([True, False, False, False]))
    task._played_loss(outputs, crops).backward()
    asked = outputs.grad[..., INSTRUMENT.mixture : 2 * INSTRUMENT.mixture].abs().sum(-1) > 0  # of the means
    assert asked[0, 1:].any() and not asked[1:, :field].any() and asked[1:, field + 1 :].any()
