"""Weights are found by their fingerprint, wherever they lie."""

import shutil
from pathlib import Path

import pytest

from models import checkpoints
from models.checkpoints.known import KnownWeights, name_of, named
from models.checkpoints.source import DEFAULT_SOURCE, Source
from models.pretrained import SMALL


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "weights").mkdir()
    return tmp_path / "weights"


def test_those_that_ship(folder):
    known = KnownWeights(folder=folder)
    assert known.find(checkpoints.read(DEFAULT_SOURCE).fingerprint) == DEFAULT_SOURCE
    assert known.find(checkpoints.read(SMALL).fingerprint) == Source(str(SMALL))
    assert known.find("0" * 16) is None


def test_those_that_ship_have_names(folder, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    assert (named("small"), named("large"), named("./small")) == (str(SMALL), "large", "./small")


def test_those_that_were_asked_for_with_what_their_checkpoint_does_not_say(folder, small_checkpoint):
    asked = Source(str(small_checkpoint), ema=True)
    known = KnownWeights(asked, folder=folder)
    assert known.find(checkpoints.read(asked).fingerprint) == asked
    assert known.find(checkpoints.read(small_checkpoint).fingerprint) is None


def test_those_that_are_put_into_the_folder_while_it_is_watched(folder, instrument):
    known, wanted = KnownWeights(folder=folder), checkpoints.read(instrument.weights).fingerprint
    assert known.find(wanted) is None
    shutil.copy(instrument.weights, folder / "mine.safetensors")
    assert known.find(wanted) == Source(str(folder / "mine.safetensors"))
    (folder / "mine.safetensors").unlink()
    assert known.find(wanted) is None


def test_a_file_that_cannot_be_read_hides_no_other(folder, instrument):
    (folder / "a.safetensors").write_bytes(b"damaged")
    (folder / "b.safetensors").mkdir()
    shutil.copy(instrument.weights, folder / "c.safetensors")
    wanted = checkpoints.read(instrument.weights).fingerprint
    assert KnownWeights(Source("/nowhere"), folder=folder).find(wanted) == Source(str(folder / "c.safetensors"))


def test_a_file_is_read_once(folder, instrument, monkeypatch):
    known, wanted = KnownWeights(folder=folder), checkpoints.read(instrument.weights).fingerprint
    shutil.copy(instrument.weights, folder / "mine.safetensors")
    assert known.find(wanted)
    monkeypatch.setattr("models.checkpoints.known.read", None)
    assert known.find(wanted) == Source(str(folder / "mine.safetensors"))


@pytest.mark.parametrize(
    ("path", "name"),
    [("a/nsynth.tar", "nsynth"), ("a/model.ckpt-9.data-00000-of-00001", "model.ckpt-9"), ("b/x.safetensors", "x"),
     ("runs/driven/weights.safetensors", "driven")],
)  # fmt: skip
def test_weights_are_called_as_what_they_came_in(path, name):
    assert name_of(Path(path)) == name
