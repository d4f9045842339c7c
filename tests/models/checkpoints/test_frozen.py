"""Frozen pads in files: written and read whole; what does not fit is refused, and nothing encodes with them."""

from dataclasses import replace

import numpy as np
import pytest

from common.errors import ModelError
from models import checkpoints
from models.checkpoints.building import build
from models.frozen import FrozenConfig, frozen_shapes

CONFIG = FrozenConfig(16000, 512, 2, (60, 64), 640, 320)


@pytest.fixture
def weights():
    chance = np.random.default_rng(3)
    made = {name: chance.standard_normal(shape).astype(np.float32) for name, shape in frozen_shapes(CONFIG).items()}
    return made | {"notes": chance.integers(-9, 9, made["notes"].shape).astype(np.int16)}


def test_written_and_read_it_is_the_same(tmp_path, weights):
    checkpoints.write(tmp_path / "pad.safetensors", CONFIG, weights, "a pad")
    read = checkpoints.read(tmp_path / "pad.safetensors")
    assert (read.kind, read.config, read.origin) == ("frozen", CONFIG, "a pad")
    assert read.fingerprint == checkpoints.fingerprint(weights)
    for name, values in weights.items():
        np.testing.assert_array_equal(read.weights[name], values)
        assert read.weights[name].dtype == values.dtype


def test_notes_of_another_type_are_refused(tmp_path, weights):
    with pytest.raises(ModelError, match="tensor notes is float32"):
        checkpoints.write(tmp_path / "pad.safetensors", CONFIG, weights | {"notes": weights["notes"].astype("f4")})


def test_it_encodes_nothing(weights):
    with pytest.raises(ModelError, match="frozen pad plays and encodes nothing"):
        build(checkpoints.Checkpoint(CONFIG, weights))


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ({"side": 1}, "side is 1"),
        ({"keys": (64, 60)}, "ascending"),
        ({"keys": ()}, "ascending"),
        ({"samples": 2**25}, "samples"),
        ({"rate": True}, "rate is True"),
    ],
)
def test_values_out_of_range_are_named(fields, match):
    with pytest.raises(ModelError, match=match):
        replace(CONFIG, **fields)


def test_a_file_that_asks_for_too_much_is_refused_before_it_is_allocated():
    with pytest.raises(ModelError, match="MiB; at most 1024"):
        frozen_shapes(replace(CONFIG, side=17, keys=tuple(range(100)), samples=10**6))
    with pytest.raises(ModelError, match="unknown or missing"):
        FrozenConfig.from_dict(CONFIG.to_dict() | {"colour": "blue"})
