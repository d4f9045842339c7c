"""A new kind of model, and a new format of its files: each one thing more in a table."""

from dataclasses import asdict, dataclass

import numpy as np
import pytest
import torch

from common.errors import ModelError
from models import checkpoints
from models.checkpoints import FORMATS, Checkpoint, Format
from models.checkpoints.building import load
from models.checkpoints.kinds import KINDS, Kind

WEIGHTS = {"weight": np.array([[1, 2, 3], [4, 5, 6]], np.float32), "bias": np.array([7, 8], np.float32)}


@dataclass(frozen=True)
class LineConfig:
    """Of the dummy kind: a straight line."""

    inputs: int = 3
    outputs: int = 2

    def to_dict(self):
        return asdict(self)

    @classmethod
    def from_dict(cls, values):
        if set(values) != {"inputs", "outputs"}:
            raise ModelError("line config: inputs and outputs are needed")
        return cls(**values)


def shapes(config):
    return {"weight": (config.outputs, config.inputs), "bias": (config.outputs,)}


class Line(torch.nn.Linear):
    def __init__(self, config):
        super().__init__(config.inputs, config.outputs)


LINE = Kind(LineConfig, shapes, lambda config: {"note": (1,)}, f"{__name__}:Line")


@pytest.fixture
def line(monkeypatch):
    monkeypatch.setitem(KINDS, "line", LINE)


def test_a_kind_is_written_read_and_built(line, tmp_path):
    checkpoints.write(tmp_path / "line.safetensors", LineConfig(), WEIGHTS, "a test")
    found = checkpoints.read(tmp_path / "line.safetensors")
    assert found.kind == "line" and found.config == LineConfig() and found.ranges is None
    assert found.fingerprint == checkpoints.fingerprint(WEIGHTS)
    model = load(tmp_path / "line.safetensors")
    np.testing.assert_array_equal(model(torch.ones(3)).detach(), [13, 23])


def test_a_kind_that_is_not_known_is_one_line(monkeypatch, tmp_path):
    with monkeypatch.context() as patch:
        patch.setitem(KINDS, "line", LINE)
        checkpoints.write(tmp_path / "line.safetensors", LineConfig(), WEIGHTS)
    with pytest.raises(ModelError, match="model 'line' is unknown, known are wavenet"):
        checkpoints.read(tmp_path / "line.safetensors")


def test_a_config_of_another_kind_is_refused(line, tmp_path):
    checkpoints.write(tmp_path / "line.safetensors", LineConfig(), WEIGHTS)
    data = (tmp_path / "line.safetensors").read_bytes()
    (tmp_path / "line.safetensors").write_bytes(data.replace(b'outputs\\": 2', b'outputx\\": 2'))
    with pytest.raises(ModelError, match="inputs and outputs are needed"):
        checkpoints.read(tmp_path / "line.safetensors")


def read_npz(path, source):
    """The dummy format."""
    with np.load(path) as file:
        return Checkpoint(LineConfig(), dict(file))


def test_a_format_is_one_line(line, monkeypatch, tmp_path):
    monkeypatch.setattr(checkpoints, "FORMATS", [Format(lambda path: path.suffix == ".npz", read_npz), *FORMATS])
    np.savez(tmp_path / "line.npz", **WEIGHTS)
    assert checkpoints.read(tmp_path / "line.npz").fingerprint == checkpoints.fingerprint(WEIGHTS)
