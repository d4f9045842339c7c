"""Notes to train on."""

import pytest

from models.data.notes import read_notes
from models.training import pictures, task
from tests.models.training.tasks import write_notes


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return write_notes(tmp_path_factory.mktemp("training") / "notes")


@pytest.fixture(scope="session")
def notes(folder):
    return read_notes(folder)


@pytest.fixture(autouse=True)
def play_little(monkeypatch):
    monkeypatch.setattr(task, "SECONDS", 0.05)


@pytest.fixture
def without_pictures(monkeypatch):
    """Drawing takes longer than the tiny runs themselves; test_pictures.py and the command's test see the pictures."""
    monkeypatch.setattr(pictures, "draw_losses", lambda path, rows: None)
    monkeypatch.setattr(pictures, "draw_samples", lambda path, samples: None)
