"""What tests of the whole program need: a tiny instrument, a song, and the command line."""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np
import pytest
from hypothesis import settings

from models import checkpoints
from models.checkpoints.layout import weight_shapes
from models.config import WaveNetConfig
from presets.file import write_preset
from presets.preset import EmbeddingSet, Preset
from tests.paths import MAGENTA, MAGENTA_CHECKPOINT

settings.register_profile("long", max_examples=2000, deadline=None)  # of ./test.sh --long

TINY = WaveNetConfig(
    width=8, skip_width=8, layers=4, stages=2, taps=2, latent=4, hop=64, encoder="spectrum", encoder_width=6,
    harmonics=4, mixture=1, loudness=True,
)  # fmt: skip


@dataclass(frozen=True)
class Instrument:
    """Paths of a model that sounds (random weights) and of a preset made for it."""

    weights: Path
    preset: Path


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    status: int
    out: str
    err: str


@pytest.fixture(scope="session")
def instrument(tmp_path_factory):
    folder = tmp_path_factory.mktemp("instrument")
    chance = np.random.default_rng(6)
    weights = {name: _draw(chance, shape) for name, shape in weight_shapes(TINY).items()}
    checkpoints.write(folder / "tiny.safetensors", TINY, weights, origin="random")
    sounds = [EmbeddingSet(name, _latents(chance), loop=(4, 10), release=12) for name in ("A", "B", "C", "D")]
    write_preset(Preset("Tiny", tuple(sounds), tags=("test",)), folder / "tiny.manifold")
    return Instrument(folder / "tiny.safetensors", folder / "tiny.manifold")


def _draw(chance, shape):
    fan_in = np.prod(shape[:-1][-2:]) if len(shape) > 1 else 1
    return (chance.standard_normal(shape) / np.sqrt(fan_in)).astype(np.float32)


def _latents(chance):
    """Sixteen frames at the reference level."""
    latents = chance.standard_normal((1, 1, 16, TINY.latent)).astype(np.float32)
    latents[..., -1] = 0.0
    return latents


@pytest.fixture
def song(tmp_path):
    """Two notes, the second after half a second."""
    track = mido.MidiTrack()
    for note in (60, 67):
        track.append(mido.Message("note_on", note=note, velocity=100, time=0))
        track.append(mido.Message("note_off", note=note, time=480))
    path = tmp_path / "two notes.mid"
    mido.MidiFile(tracks=[track]).save(path)
    return path


@pytest.fixture
def manifold(monkeypatch, capsys, tmp_path, tmp_path_factory):
    """Call the command line as a user would: manifold("render", song, "-o", path) -> Outcome."""
    from synthapp.commands import cli

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["app.py", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code = ended.value.code
        return Outcome(int(code or 0), *capsys.readouterr())

    return call


@pytest.fixture
def memory_folder():
    """A folder in memory, where there is one: a million files take minutes there, and an hour on a disk."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def small_checkpoint():
    """Prefix of the genuine TensorFlow checkpoint (tests/fixtures/README.md)."""
    return MAGENTA_CHECKPOINT


@pytest.fixture(scope="session")
def reference():
    """What the original graphs made of it."""
    with np.load(MAGENTA / "reference.npz") as file:
        return {name: file[name] for name in file.files}
