"""The baseline's task: its loss, its schedule, what it draws and plays."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from common.errors import ModelError
from models.baseline.config import BaselineConfig
from models.baseline.spectrogram import PHASE, frequency_weights, picture
from models.checkpoints.building import load
from models.data.notes import Notes, read_notes
from models.training.baseline import BaselineTask, Schedule, mean_picture_loss
from models.training.trainer import Trainer
from tests.models.training.tasks import baseline_task, write_notes


@pytest.mark.slow
@pytest.mark.usefixtures("without_pictures")
def test_a_reduced_training_beats_the_mean_picture(tmp_path):
    """Bursts of noise of three lengths: in training, and by what is kept, which plays by the running statistics."""
    audio, chance = np.zeros((3, 64_000), np.int16), np.random.default_rng(3)
    for row, length in zip(audio, (6_000, 30_000, 64_000), strict=True):
        row[:length] = 8_000 * chance.uniform(-1, 1, length)
    notes = Notes(audio, np.ones(3), np.array([40, 60, 80]), np.full(3, 100), np.zeros(3, int), ("noise",), 16_000)
    schedule = Schedule(steps=45, batch=4, learning_rate=0.03, decay=0.8, cosine=True)
    task = BaselineTask(notes, BaselineConfig(width=3, latent=4), schedule)
    losses, mean = Trainer(task, tmp_path).train(report=str), mean_picture_loss(task)
    assert losses[0] > mean and np.mean(losses[-5:]) < 0.5 * mean
    with torch.no_grad():
        kept = task.loss(load(tmp_path / "weights.safetensors"), task.pictures(np.arange(3)))
    assert kept < 0.5 * mean


def test_the_loss_of_the_mean_picture_is_that_of_showing_it(notes):
    task = baseline_task(notes)
    pictures = task.pictures(np.arange(3)).pictures.numpy()
    error = (frequency_weights()[:, None] * (pictures - pictures.mean(0)) ** 2).mean()
    np.testing.assert_allclose(mean_picture_loss(task), error, rtol=1e-5)


def test_the_loss_is_weighted_by_frequency(notes):
    task = baseline_task(notes)
    batch = task.draw(0)
    model = lambda pictures, pitch: pictures + torch.linspace(0, 1, 512)[:, None]  # noqa: E731
    expected = (frequency_weights() * np.linspace(0, 1, 512) ** 2).mean()
    np.testing.assert_allclose(task.loss(model, batch), expected, rtol=1e-5)


def test_whole_turns_of_phase_do_not_count(notes):
    task = BaselineTask(notes, BaselineConfig(width=2, latent=3, picture=PHASE), Schedule(steps=1, batch=2))
    batch = task.draw(0)
    turns = torch.tensor([0.0, 2.0])[:, None, None]
    same, other = (task.loss(lambda pictures, pitch, by=by: pictures + by, batch) for by in (turns, 0.5 * turns))
    assert abs(same - (1 - frequency_weights().mean())) < 1e-4 and other > same + 1


def test_batches_are_pictures_of_notes_and_depend_on_the_step_alone(notes):
    batch = baseline_task(notes).draw(5)
    shown = {
        picture(audio / np.float32(32768)).tobytes(): pitch
        for audio, pitch in zip(notes.audio, notes.pitch, strict=True)
    }
    assert [shown[row.tobytes()] for row in batch.pictures.numpy()] == batch.pitch.tolist()
    assert torch.equal(batch.pictures, baseline_task(notes).draw(5).pictures)
    assert not torch.equal(batch.pictures, baseline_task(notes).draw(6).pictures)


def test_learning_rate_and_optimiser_are_magentas(notes):
    task = BaselineTask(notes)
    assert {task.learning_rate(step) for step in (0, 1_799_999)} == {1e-4}
    assert task.optimiser([torch.zeros(1, requires_grad=True)]).defaults["betas"] == (0.5, 0.999)
    assert task.schedule.batch == 8 and task.config.latent == 1984


def test_notes_that_are_too_long_are_refused(notes):
    with pytest.raises(ModelError, match="notes of up to 65536 samples"):
        BaselineTask(replace(notes, audio=np.zeros((3, 70_000), np.int16)))


def test_it_plays_the_beginnings_of_notes(notes):
    task = baseline_task(notes)
    samples = task.sample(task.build())
    assert [sample.name for sample in samples] == [f"flute_acoustic_000 {pitch}" for pitch in (57, 60, 64)]
    assert all(sample.played.shape == sample.recording.shape == (768,) for sample in samples)


def test_notes_of_either_form_are_read(tmp_path):
    """tests/models/data has the forms; here that the task takes what is read."""
    task = baseline_task(read_notes(write_notes(tmp_path / "notes", pitches=(60,))))
    assert task.draw(0).pitch.tolist() == [60] * 2
