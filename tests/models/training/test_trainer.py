"""The loop, with tiny models: it learns, stops and goes on exactly, and many processes learn what one would."""

import math
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
import torch

from common.errors import ModelError, SynthError
from models import checkpoints
from models.checkpoints.building import load
from models.training.progress import LossLog
from models.training.trainer import Trainer
from tests.models.training.tasks import (
    PAPER,
    TASKS,
    baseline_gradients,
    baseline_task,
    instrument_task,
    paper_task,
    train_all,
    write_notes,
)
from tests.paths import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("without_pictures")]


def train(task, folder, **options):
    """The losses of a run."""
    return Trainer(task, folder, **options).train(report=str)


def interrupted(task, step, number=signal.SIGTERM):
    """The task, at whose step somebody wishes the run to stop."""
    draw = task.draw

    def draw_and_stop(now):
        if now == step:
            signal.raise_signal(number)
        return draw(now)

    task.draw = draw_and_stop
    return task


@pytest.mark.parametrize("make", [*TASKS.values(), baseline_task], ids=[*TASKS, "baseline"])
def test_a_run_that_was_stopped_goes_on_exactly(make, notes, tmp_path):
    whole = train(make(notes), tmp_path / "whole")
    first = train(interrupted(make(notes), 4), tmp_path / "parts")
    assert len(first) == 5 and len(whole) == 12
    assert first + train(make(notes), tmp_path / "parts") == whole
    both = [checkpoints.read(tmp_path / run / "weights.safetensors").weights for run in ("whole", "parts")]
    assert checkpoints.fingerprint(both[0]) == checkpoints.fingerprint(both[1])
    assert (tmp_path / "whole/losses.csv").read_text() == (tmp_path / "parts/losses.csv").read_text()


def test_a_log_that_is_ahead_of_the_state_is_cut_back(notes, tmp_path):
    """As a run that is killed between two savings leaves it."""
    first = train(interrupted(paper_task(notes), 4), tmp_path)
    with open(tmp_path / "losses.csv", "a") as log:
        log.write("6,9.9,0.1\n")
    losses = first + train(paper_task(notes), tmp_path)
    assert [loss for _, loss, _ in LossLog(tmp_path, 12).rows] == losses


def test_a_log_of_something_else_is_named(notes, tmp_path):
    train(interrupted(paper_task(notes), 0), tmp_path)
    (tmp_path / "losses.csv").write_text("step,loss\n1,low\n")
    with pytest.raises(ModelError, match="losses.csv: not a log of losses"):
        train(paper_task(notes), tmp_path)


def test_a_folder_that_cannot_be_made_is_named(notes, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SynthError, match="file/run: cannot be made"):
        train(paper_task(notes), tmp_path / "file" / "run")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_saves_and_gives_the_signal_back(number, notes, tmp_path):
    before = signal.getsignal(number)
    assert len(train(interrupted(paper_task(notes), 2, number), tmp_path)) == 3
    assert Trainer(paper_task(notes), tmp_path).step == 3
    assert signal.getsignal(number) is before
    assert {path.name for path in tmp_path.iterdir()} == {"losses.csv", "state.pt", "weights.safetensors"}
    assert load(tmp_path / "weights.safetensors").config == PAPER


def test_a_run_out_of_time_stops(notes, tmp_path):
    assert len(Trainer(paper_task(notes), tmp_path).train(stop_after_s=0.0, report=str)) == 1


def test_a_batch_in_parts_teaches_the_same(notes, tmp_path):
    """Sums are rounded otherwise, by 6e-8 each; twelve steps of Adam make at most a few 1e-7 of that."""
    whole, parts = train(paper_task(notes), tmp_path / "1"), train(paper_task(notes), tmp_path / "2", parts=2)
    np.testing.assert_allclose(parts, whole, rtol=2e-6)


def test_a_batch_that_cannot_be_shared_evenly_is_named(notes, tmp_path):
    with pytest.raises(ModelError, match="batch of 4 rows cannot be cut into 3"):
        train(paper_task(notes), tmp_path, parts=3)


def test_batches_drawn_ahead_are_the_same(notes, tmp_path):
    assert train(paper_task(notes), tmp_path / "ahead", workers=1) == train(paper_task(notes), tmp_path / "here")


def test_two_processes_learn_what_one_does(tmp_path):
    """Each takes half the rows: sums are rounded otherwise, as above."""
    write_notes(tmp_path / "one/notes")
    (tmp_path / "two").mkdir()
    (tmp_path / "two/notes").symlink_to(tmp_path / "one/notes")
    alone = train_all(tmp_path / "one")
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*launcher, "-m", "tests.models.training.tasks", str(tmp_path / "two")]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=120)
    for task, losses in zip(TASKS, alone, strict=True):
        together = [loss for _, loss, _ in LossLog(tmp_path / "two" / task, 12).rows]
        np.testing.assert_allclose(together, losses, rtol=2e-6)
    both = [baseline_gradients(tmp_path / "one"), torch.load(tmp_path / "two/gradients.pt")]
    for one, two in zip(*(gradients.values() for gradients in both), strict=True):
        torch.testing.assert_close(two, one, rtol=1e-6, atol=1e-12)


def test_the_moving_average_is_short_at_first(notes, tmp_path):
    trainer = Trainer(paper_task(notes), tmp_path)
    first = trainer.model.decoder.start.bias.detach().clone()
    trainer._advance(trainer.task.draw(0))
    decay = 2 / 11  # (1 + step) / (10 + step)
    expected = decay * first + (1 - decay) * trainer.model.decoder.start.bias.detach()
    torch.testing.assert_close(trainer.average.decoder.start.bias, expected)


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_the_last_state(notes, tmp_path):
    train(interrupted(paper_task(notes), 2), tmp_path)
    task = paper_task(notes)
    task.loss = lambda model, batch: model.decoder.start.bias.sum() * math.nan
    with pytest.raises(ModelError, match="loss of step 4 is nan"):
        train(task, tmp_path)
    assert Trainer(paper_task(notes), tmp_path).step == 3


def test_the_state_of_another_run_is_refused(notes, tmp_path):
    train(interrupted(paper_task(notes), 0), tmp_path)
    with pytest.raises(ModelError, match=r"state.pt: .*seed 0, not 1; .*another --out"):
        Trainer(paper_task(notes, seed=1), tmp_path)
    with pytest.raises(ModelError, match=r"state.pt: this run has \w+ .*, not "):
        Trainer(instrument_task(notes), tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a state", None], ids=["empty", "other", "cut short"])
def test_an_unreadable_state_is_named(content, notes, tmp_path):
    train(interrupted(paper_task(notes), 0), tmp_path)
    state = tmp_path / "state.pt"
    state.write_bytes(state.read_bytes()[:3000] if content is None else content)
    with pytest.raises(ModelError, match="state.pt: not a sound state"):
        Trainer(paper_task(notes), tmp_path)
