"""The commands `baseline`, with a tiny network of chance; the process that makes notes is the real one."""

from functools import partial

import numpy as np
import pytest
import soundfile

from models import checkpoints
from models.baseline.config import BaselineConfig, baseline_shapes
from models.checkpoints.known import KnownWeights
from presets.library import Library
from tests.models.baseline import original
from tests.models.checkpoints.bundle_writer import write_bundle

pytestmark = pytest.mark.slow


@pytest.fixture
def baseline(manifold, monkeypatch, tmp_path):
    """Call the command; weights, presets and notes are kept in a folder of the test's."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return partial(manifold, "baseline")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Weights, and two sounds."""
    folder = tmp_path_factory.mktemp("baseline")
    config, chance = BaselineConfig(width=2, latent=3), np.random.default_rng(4)
    weights = {
        name: (chance.standard_normal(shape) * 0.3 + name.endswith("variance")).astype(np.float32)
        for name, shape in baseline_shapes(config).items()
    }
    weights = {name: np.abs(values) if name.endswith("variance") else values for name, values in weights.items()}
    checkpoints.write(folder / "tiny.safetensors", config, weights, "chance")
    time = np.arange(40_000) / 16_000
    for name, hz in (("low", 220.0), ("high", 440.0)):
        soundfile.write(folder / f"{name}.wav", 0.3 * np.sin(2 * np.pi * hz * time) * np.exp(-time), 16_000)
    return folder


def test_a_note_again_and_notes_between_two(baseline, folder, tmp_path):
    few = ("--weights", folder / "tiny.safetensors", "--iterations", 2)
    outcome = baseline("reconstruct", folder / "low.wav", "-o", tmp_path / "again.wav", *few)
    assert outcome.status == 0 and "a note of 3 numbers, 4.0 s" in outcome.out + outcome.err
    both = (folder / "low.wav", folder / "high.wav")
    outcome = baseline("interpolate", *both, "-o", tmp_path / "way.wav", "--steps", 3, *few)
    assert outcome.status == 0 and "keys 57, 63, 69" in outcome.out + outcome.err
    again, way = (soundfile.read(tmp_path / f"{name}.wav", dtype="float32")[0] for name in ("again", "way"))
    assert len(way) == 3 * 64_000
    np.testing.assert_allclose(way[:64_000], again, atol=1e-6)  # the way begins with the note
    assert not np.allclose(way[-64_000:], again, atol=0.01)  # and leads away from it


def test_a_pad_plays(baseline, manifold, folder, song, tmp_path):
    sounds = (folder / "low.wav", folder / "high.wav")
    settings = ("--weights", folder / "tiny.safetensors", "--grid", 2, "--keys", "60-72:12", "--iterations", 2)
    outcome = baseline("pad", *sounds, "-o", tmp_path / "pad", "--name", "Picture", *settings)
    assert outcome.status == 0, outcome.err
    assert {path.name for path in (tmp_path / "pad").iterdir()} == {"Picture.manifold", "Picture.safetensors"}
    preset = next(entry for entry in Library().entries() if entry.name == "Picture")
    assert KnownWeights().find(checkpoints.read(folder / "tiny.safetensors").fingerprint)
    outcome = manifold("render", song, "--preset", preset.path, "-o", tmp_path / "song.wav", "--pad", "0.5,0.5")
    assert outcome.status == 0, outcome.err
    audio = soundfile.read(tmp_path / "song.wav")[0]
    assert np.abs(audio).max() > 0.01 and np.isfinite(audio).all()
    assert len(list((tmp_path / "cache").rglob("*.npy"))) == 4  # two sounds at either key, kept for the next time


def test_weights_of_another_kind_are_one_line(baseline, folder, instrument, tmp_path):
    outcome = baseline("reconstruct", folder / "low.wav", "-o", tmp_path / "x.wav", "--weights", instrument.weights)
    assert outcome.status == 1 and "a wavenet, no baseline" in outcome.err and outcome.err.count("\n") == 1


def test_a_pad_without_its_network_is_one_line(baseline, manifold, folder, song, tmp_path):
    settings = ("--weights", folder / "tiny.safetensors", "--grid", 2, "--keys", "60", "--iterations", 2)
    baseline("pad", folder / "low.wav", "-o", tmp_path / "pad", *settings)
    for path in KnownWeights().folder.glob("baseline-*"):
        path.unlink()
    outcome = manifold("render", song, "--preset", tmp_path / "pad/Baseline.manifold", "-o", tmp_path / "x.wav")
    assert outcome.status == 1 and "baseline's weights" in outcome.err and outcome.err.count("\n") == 1


@pytest.mark.parametrize("words", [("encode", "low.wav", "-o", "out.npy"), ("decode", "low.npy", "-o", "out.wav")])
def test_what_a_baseline_cannot_do_is_one_line(words, manifold, folder, tmp_path):
    command, source, *rest, output = words
    outcome = manifold(command, folder / source, *rest, tmp_path / output, "--weights", folder / "tiny.safetensors")
    assert outcome.status == 1 and "makes notes as a whole" in outcome.err and outcome.err.count("\n") == 1


def test_a_checkpoint_of_magentas_is_imported(manifold, tmp_path):
    write_bundle(tmp_path / "model.ckpt-5", original.tensors(width=2, latent=3).items())
    outcome = manifold("import", tmp_path / "model.ckpt-5", "-o", tmp_path / "baseline.safetensors")
    assert outcome.status == 0 and "22 layers of width 2" in outcome.out + outcome.err
    assert checkpoints.read(tmp_path / "baseline.safetensors").kind == "baseline"
