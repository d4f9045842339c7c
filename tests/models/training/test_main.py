"""The command."""

import sys

import pytest

from models import checkpoints
from models.checkpoints.native import read_origin
from models.training.__main__ import main

pytestmark = pytest.mark.slow

SMALL = [
    *("--width", 8, "--skip-width", 6, "--layers", 4, "--stages", 2, "--hop", 64),
    *("--encoder-width", 4, "--encoder-layers", 2, "--batch", 2),
]
SHORT = ["--crop-samples", "256", "--steps", "3", "--no-compile"]


@pytest.fixture
def training(monkeypatch, capsys):
    """Call the command: training("paper", ...) -> (status, what it printed)."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["training", *map(str, arguments)])
        try:
            main()
            status = 0
        except SystemExit as ended:
            status = ended.code
        return status, capsys.readouterr().out

    return call


def test_a_small_run_writes_weights_that_say_where_they_come_from(training, folder, tmp_path):
    status, printed = training("paper", "--notes", folder, "--out", tmp_path, *SMALL, *SHORT)
    assert status == 0 and "step 3/3  loss 5." in printed and "step 3 of 3" in printed
    files = {"losses.csv", "losses.png", "samples.png", "state.pt", "weights.safetensors"}
    assert {path.name for path in tmp_path.iterdir()} == files
    assert checkpoints.load(tmp_path / "weights.safetensors").config.skip_width == 6
    origin = read_origin(tmp_path / "weights.safetensors")
    assert origin == "3 notes of 1 instruments, the paper's schedule, step 3, seed 0"


def test_missing_notes_are_one_line(training, tmp_path):
    status, _ = training("instrument", "--notes", tmp_path / "nowhere", "--out", tmp_path)
    assert status.startswith("training: ") and "nowhere" in status and "\n" not in status


def test_another_run_in_the_folder_is_one_line(training, folder, tmp_path):
    training("paper", "--notes", folder, "--out", tmp_path, *SMALL, *SHORT)
    status, _ = training("paper", "--notes", folder, "--out", tmp_path, *SMALL, *SHORT, "--seed", "4")
    assert status.startswith("training: ") and "seed 0, not 4" in status and "\n" not in status


@pytest.mark.parametrize("task", [[], ["instrument"], ["levels"], ["paper"]])
def test_help_tells_what_there_is(task, training):
    status, printed = training(*task, "--help")
    assert status == 0 and ("state.pt" in printed or "--minutes" in printed)
