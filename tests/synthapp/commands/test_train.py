"""The command `train`."""

import os
import subprocess
import sys
from functools import partial

import pytest

from models import checkpoints
from models.checkpoints.building import load
from models.training import task
from tests.models.training.tasks import write_notes
from tests.paths import ROOT

pytestmark = pytest.mark.slow

SMALL = [
    *("--width", 8, "--skip-width", 6, "--layers", 4, "--stages", 2, "--hop", 64),
    *("--encoder-width", 4, "--encoder-layers", 2, "--batch", 2),
]
SHORT = ["--crop-samples", "256", "--steps", "3", "--no-compile"]


@pytest.fixture
def training(manifold, monkeypatch):
    """Call the command: training("paper", ...) -> Outcome. What it plays is short."""
    monkeypatch.setattr(task, "SECONDS", 0.05)
    return partial(manifold, "train")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_notes(tmp_path_factory.mktemp("training") / "notes")


def test_a_small_run_writes_weights_that_say_where_they_come_from(training, folder, tmp_path):
    outcome = training("paper", "--notes", folder, "--out", tmp_path, *SMALL, *SHORT)
    assert outcome.status == 0 and "step 3/3  loss 5." in outcome.out and "step 3 of 3" in outcome.out
    files = {"losses.csv", "losses.png", "samples.png", "state.pt", "weights.safetensors"}
    assert {path.name for path in tmp_path.iterdir()} == files
    assert load(tmp_path / "weights.safetensors").config.skip_width == 6
    origin = checkpoints.read(tmp_path / "weights.safetensors").origin
    assert origin == "3 notes of 1 instruments, the paper's schedule, step 3, seed 0"


def test_missing_notes_are_one_line(training, tmp_path):
    outcome = training("instrument", "--notes", tmp_path / "nowhere", "--out", tmp_path)
    assert outcome.status == 1
    assert outcome.err.startswith("manifold: ") and "nowhere" in outcome.err and outcome.err.count("\n") == 1


def test_another_run_in_the_folder_is_one_line(training, folder, tmp_path):
    training("paper", "--notes", folder, "--out", tmp_path, *SMALL, *SHORT)
    outcome = training("paper", "--notes", folder, "--out", tmp_path, *SMALL, *SHORT, "--seed", "4")
    assert outcome.status == 1
    assert outcome.err.startswith("manifold: ") and "seed 0, not 4" in outcome.err and outcome.err.count("\n") == 1


def test_the_small_ones_are_trained_and_say_how(training, folder, tmp_path):
    steps = ["--notes", folder, "--steps", "2"]
    assert training("small", *steps, "--out", tmp_path / "told", "--pitch").status == 0
    assert training("small", *steps, "--out", tmp_path / "driven", "--harmonics", "3").status == 0
    told, driven = (checkpoints.read(tmp_path / run / "weights.safetensors") for run in ("told", "driven"))
    assert told.config.pitch and told.config.outputs == 256 and "the small recipe" in told.origin
    assert driven.config.harmonics == 3 and driven.config.feedback


def test_pitch_twice_is_one_line(training, folder, tmp_path):
    outcome = training("small", "--notes", folder, "--out", tmp_path, "--pitch", "--harmonics", "3")
    assert outcome.status == 1 and outcome.err.startswith("manifold: --pitch and --harmonics: give one of them")


@pytest.mark.parametrize("name", [[], ["instrument"], ["levels"], ["paper"], ["small"], ["baseline"]])
def test_help_tells_what_there_is(name, training):
    outcome = training(*name, "--help")
    assert outcome.status == 0 and ("state.pt" in outcome.out or "--minutes" in outcome.out)


def test_two_processes_train_together_and_one_of_them_complains(folder, tmp_path):
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*launcher, "app.py", "train", "paper", "--notes", folder, "--out", tmp_path, *SMALL, *SHORT]

    def run(*more):
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        words = list(map(str, (*command, *more)))
        return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)

    done = run()
    assert done.returncode == 0 and done.stdout.count("step 3 of 3") == 1, done.stderr
    assert load(tmp_path / "weights.safetensors").config.skip_width == 6
    other = run("--seed", 4)
    assert other.returncode == 1 and other.stderr.count("manifold: ") == 1 and "seed 0, not 4" in other.stderr
