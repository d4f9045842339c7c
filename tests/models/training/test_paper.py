"""The paper's task: its loss, its schedule, what it draws and plays."""

import numpy as np
import pytest
import torch

from common.errors import ModelError
from models.mulaw import HALF, mulaw_encode
from models.training import rows
from models.training.batches import share
from models.training.paper import PaperTask
from models.training.trainer import Trainer
from tests.models.training.tasks import PAPER, paper_task


@pytest.mark.slow
@pytest.mark.usefixtures("without_pictures")
def test_the_loss_falls_from_scratch(notes, tmp_path):
    task = paper_task(notes, steps=120)
    task.learning_rate = lambda step: 5e-3  # a hundred steps instead of two hundred thousand
    losses = Trainer(task, tmp_path).train(report=str)
    assert abs(np.mean(losses[:3]) - np.log(256)) < 0.7
    assert np.mean(losses[-10:]) < np.mean(losses[:3]) - 1.0


def test_the_loss_is_the_cross_entropy_of_what_the_model_says_of_whole_clips(notes, monkeypatch):
    monkeypatch.setattr(rows, "product_type", lambda device: torch.float32)
    task = paper_task(notes)
    model = task.build()
    batch = task.draw(3)
    expected = []
    for codes in batch.codes.numpy():
        audio = codes_to_audio(codes)
        logits = torch.from_numpy(model.logits(audio, model.encode(audio)))
        expected.append(torch.nn.functional.cross_entropy(logits, torch.from_numpy(codes) + HALF))
    torch.testing.assert_close(task.loss(model, batch), torch.stack(expected).mean())


def codes_to_audio(codes):
    """Samples within the bins of these codes."""
    middles = np.sign(codes + 0.5) * (256 ** (np.abs(codes + 0.5) / 128) - 1) / 255
    assert (mulaw_encode(middles) == codes).all()
    return middles.astype(np.float32)


def test_the_loss_of_a_batch_is_the_mean_of_its_shares(notes):
    task = paper_task(notes)
    model, batch = task.build(), task.draw(0)
    shares = [task.loss(model, share(batch, part, 4)) for part in range(4)]
    torch.testing.assert_close(torch.stack(shares).mean(), task.loss(model, batch))


def test_crops_are_stretches_of_the_notes_and_depend_on_the_step_alone(notes):
    task = paper_task(notes)
    stored = [codes.tobytes() for codes in mulaw_encode(notes.audio / 32768)]
    for crop in task.draw(5).codes.numpy().astype(np.int16):
        assert any(crop.tobytes() in note for note in stored)
    assert torch.equal(task.draw(5).codes, paper_task(notes).draw(5).codes)
    assert not torch.equal(task.draw(5).codes, task.draw(6).codes)


@pytest.mark.parametrize(
    ("step", "rate"),
    [(0, 2e-4), (89_999, 2e-4), (90_000, 4e-4 / 3), (120_000, 6e-5), (150_000, 4e-5), (180_000, 2e-5), (199_999, 2e-5)],
)
def test_learning_rates_are_the_papers(step, rate, notes):
    assert paper_task(notes).learning_rate(step) == rate


@pytest.mark.parametrize("samples", [0, 500, 64 * 1001])
def test_crops_that_do_not_fit_are_named(samples, notes):
    with pytest.raises(ModelError, match=f"crops of {samples} samples"):
        PaperTask(notes, PAPER, crop_samples=samples)


def test_it_plays_the_beginnings_of_notes(notes):
    task = paper_task(notes)
    samples = task.sample(task.build())
    assert [sample.name for sample in samples] == [f"flute_acoustic_000 {pitch}" for pitch in (57, 60, 64)]
    for note, sample in enumerate(samples):
        np.testing.assert_allclose(sample.recording, notes.audio[note, :768] / 32768)
        assert sample.played.shape == (768,) and 0 < np.abs(sample.played).max() < 1
