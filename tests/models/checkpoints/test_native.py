"""The project's own weight files: written and read whole, hostile ones refused before anything is allocated."""

import json
import random
import struct
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from common.errors import ModelError, SynthError
from models import checkpoints
from models.checkpoints.building import load
from models.checkpoints.layout import weight_shapes
from models.checkpoints.native import ENTRY, VERSION
from models.config import WaveNetConfig
from models.wavenet import WaveNet
from tests.paths import ROOT

CONFIG = WaveNetConfig(
    width=4, skip_width=3, layers=3, stages=2, taps=2, latent=3, hop=8, encoder="spectrum", encoder_width=5,
    harmonics=2, mixture=2, loudness=True,
)  # fmt: skip


@pytest.fixture
def weights():
    chance = np.random.default_rng(11)
    shapes = weight_shapes(CONFIG).items()
    return {name: chance.standard_normal(shape).astype(np.float32) for name, shape in shapes}


@pytest.fixture
def path(tmp_path, weights):
    checkpoints.write(tmp_path / "small.safetensors", CONFIG, weights, origin="a test")
    return tmp_path / "small.safetensors"


def metadata(**changes):
    return {ENTRY: json.dumps({"format": VERSION, "config": CONFIG.to_dict(), "origin": "", **changes})}


def refused(path, match):
    with pytest.raises(ModelError, match=match) as caught:
        checkpoints.read(path)
    assert "\n" not in str(caught.value) and path.name in str(caught.value)


def test_what_was_written_is_read(path, weights):
    config, found = checkpoints.read(path).network
    assert config == CONFIG
    assert list(found) == list(weight_shapes(CONFIG))
    for name in weights:
        np.testing.assert_array_equal(found[name], weights[name])
    assert checkpoints.read(path).origin == "a test"


def test_writing_what_was_read_gives_the_same_bytes(path, tmp_path):
    for copy in range(5):
        checkpoints.write(tmp_path / f"{copy}.safetensors", *checkpoints.read(path).network, origin="a test")
        assert (tmp_path / f"{copy}.safetensors").read_bytes() == path.read_bytes()


def test_the_torch_model_has_these_weights(path, weights):
    model = load(path)
    assert model.config == CONFIG and not model.training
    for name, tensor in model.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), weights[name])
    assert model.encode(np.zeros(16, np.float32)).shape == (2, 3)


def test_a_torch_model_goes_through_a_file(tmp_path):
    torch.manual_seed(1)
    model = WaveNet(replace(CONFIG, encoder="dilated", encoder_layers=2, encoder_stages=2))
    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    checkpoints.write(tmp_path / "model.safetensors", model.config, weights)
    audio = np.sin(np.arange(64, dtype=np.float32))
    np.testing.assert_array_equal(load(tmp_path / "model.safetensors").encode(audio), model.encode(audio))


def test_fingerprint_depends_on_every_weight(weights):
    before = checkpoints.fingerprint(weights)
    assert before == checkpoints.fingerprint(dict(reversed(weights.items()))) and len(before) == 16
    weights["decoder.logits.bias"][0] += 1
    assert checkpoints.fingerprint(weights) != before


def test_reading_needs_no_torch(path):
    code = (
        "import sys; from models import checkpoints; checkpoints.read(sys.argv[1]); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda weights: weights.pop("decoder.start.bias"), "tensor decoder.start.bias is missing"),
        (lambda weights: weights.update(other=np.zeros(1, np.float32)), "tensor other does not belong"),
        (lambda weights: weights.update({"decoder.start.bias": np.zeros(5, np.float32)}), r"is F32 \(5,\)"),
        (lambda weights: weights.update({"decoder.start.bias": np.zeros(4, np.float16)}), "is F16"),
        (lambda weights: weights["decoder.start.bias"].fill(np.nan), "decoder.start.bias holds values"),
        (lambda weights: weights["decoder.start.bias"].fill(np.inf), "decoder.start.bias holds values"),
    ],
    ids=["missing", "extra", "shape", "type", "nan", "inf"],
)
def test_unsound_tensors_are_named(tmp_path, weights, change, match):
    change(weights)
    save_file(weights, tmp_path / "bad.safetensors", metadata())
    refused(tmp_path / "bad.safetensors", match)


@pytest.mark.parametrize(
    ("header", "match"),
    [
        (None, "no model config"),
        ({ENTRY: "{"}, "not JSON"),
        ({ENTRY: "[" * 100_000}, "not JSON"),
        ({ENTRY: "[]"}, "format None is unknown"),
        (metadata(format=VERSION + 1), "format 2 is unknown"),
        (metadata(config=None), "config in its header is missing"),
        (metadata(config=CONFIG.to_dict() | {"width": 1e9}), "width is 1000000000.0"),
        (metadata(config=CONFIG.to_dict() | {"width": 2048, "layers": 100}), "would take 8011 MiB"),
        (metadata(config=CONFIG.to_dict() | {"colour": 1}), "unknown entry 'colour'"),
        (metadata(config=CONFIG.to_dict() | {"layers": 4}), r"its config demands F32 \(4, "),
    ],
)
def test_an_unsound_config_is_named(tmp_path, weights, header, match):
    save_file(weights, tmp_path / "bad.safetensors", header)
    refused(tmp_path / "bad.safetensors", match)


@pytest.mark.parametrize("kept", [0, 4, 8, 100, 0.5, 0.99])
def test_truncated(path, kept):
    content = path.read_bytes()
    path.write_bytes(content[: kept if isinstance(kept, int) else int(kept * len(content))])
    refused(path, "not a sound safetensors file|cannot be read")


def test_trailing_bytes(path):
    path.write_bytes(path.read_bytes() + bytes(8))
    refused(path, "not a sound safetensors file")


@pytest.mark.parametrize("length", [1 << 21, 1 << 62, (1 << 64) - 1])
def test_a_gigantic_header_is_not_read(path, length):
    path.write_bytes(struct.pack("<Q", length) + path.read_bytes()[8:])
    refused(path, f"its header would take {length} bytes")


def test_gigantic_shapes_are_refused_before_they_are_allocated(tmp_path):
    tensor = {"dtype": "F32", "shape": [1 << 30, 1 << 30], "data_offsets": [0, 1 << 62]}
    header = json.dumps({"__metadata__": metadata(), "decoder.start.weight": tensor}).encode()
    (tmp_path / "bad.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    refused(tmp_path / "bad.safetensors", "not a sound safetensors file")


@pytest.mark.parametrize("count", [500, pytest.param(700_000, marks=pytest.mark.long)])
def test_flipped_bits_never_do_more_than_change_a_number(path, memory_folder, count):
    """The format has no checksum: a flip in the tensors is another weight, anything else is refused in one line."""
    content, chance = path.read_bytes(), random.Random(3)
    path, refusals = memory_folder / path.name, 0
    for _ in range(count):
        damaged = bytearray(content)
        damaged[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        try:
            _, weights = checkpoints.read(path).network
            assert all(np.isfinite(values).all() for values in weights.values())
        except ModelError as error:
            refusals += 1
            assert "\n" not in str(error)
    assert refusals > count / 5


def test_other_files_are_not_taken_for_weights(tmp_path):
    (tmp_path / "song.mid").write_bytes(b"MThd\0\0\0\6\0\0\0\1\0\x60MTrk")
    refused(tmp_path / "song.mid", "its header would take")
    (tmp_path / "empty").write_bytes(b"")
    refused(tmp_path / "empty", "not a sound safetensors file")


def test_weights_that_do_not_fit_are_not_written(tmp_path, weights):
    weights["decoder.start.bias"] = np.zeros(5, np.float32)
    with pytest.raises(ModelError, match="decoder.start.bias is float32"):
        checkpoints.write(tmp_path / "bad.safetensors", CONFIG, weights)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_named(tmp_path, weights):
    with pytest.raises(SynthError, match="nowhere/x.safetensors: cannot be written"):
        checkpoints.write(tmp_path / "nowhere" / "x.safetensors", CONFIG, weights)
