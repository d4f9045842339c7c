"""The baseline's layers beside a float64 implementation, read from a checkpoint by the original's names."""

import numpy as np
import pytest

from common.errors import ModelError
from models import checkpoints
from models.baseline.config import BaselineConfig, baseline_shapes
from models.checkpoints.building import build, load
from tests.models.baseline import original
from tests.models.checkpoints.bundle_writer import write_bundle

WIDTH, LATENT = 4, 6


@pytest.fixture(scope="module")
def tensors():
    return original.tensors(WIDTH, LATENT)


@pytest.fixture(scope="module")
def prefix(tensors, tmp_path_factory):
    path = tmp_path_factory.mktemp("baseline") / "model.ckpt-5"
    write_bundle(path, tensors.items())
    return path


def test_the_layers_are_the_originals(tensors, prefix):
    assert len(tensors) == 180
    model = load(prefix)
    assert model.config == BaselineConfig(WIDTH, LATENT)
    pictures, pitch = np.random.default_rng(1).random((2, 1, 512, 256), np.float32), np.array([21, 108])
    z = original.encode(tensors, pictures.transpose(0, 2, 3, 1))
    np.testing.assert_allclose(model.encode(pictures), z, atol=1e-5)
    shown = model.decode(z.astype(np.float32), pitch).transpose(0, 2, 3, 1)
    wanted = original.decode(tensors, z, pitch)
    assert np.ptp(wanted) > 0.1
    np.testing.assert_allclose(shown, wanted, atol=1e-5)


def test_the_papers_size_is_the_papers():
    shapes = baseline_shapes(BaselineConfig())
    trained = [shape for name, shape in shapes.items() if not name.endswith(("mean", "variance"))]
    assert len(trained) == 45 and sum(map(np.prod, trained)) == 36_761_665  # as counted in Magenta's graph


def test_what_is_written_is_read_again(prefix, tmp_path):
    found = checkpoints.read(prefix)
    checkpoints.write(tmp_path / "same.safetensors", found.config, found.weights, "a test")
    again = checkpoints.read(tmp_path / "same.safetensors")
    assert again.kind == "baseline" and again.fingerprint == found.fingerprint
    np.testing.assert_array_equal(build(again).encoder["0"].weight.detach(), found.weights["encoder.0.weight"])


@pytest.mark.parametrize("lost", ["encoder/5_Layer/5/BatchNorm/beta", "decoder/mag_Layer/mag/weights"])
def test_a_tensor_that_is_missing_is_named(lost, tensors, tmp_path):
    write_bundle(tmp_path / "model", [(name, values) for name, values in tensors.items() if name != lost])
    with pytest.raises(ModelError, match=f"tensor {lost} is missing; is it a baseline"):
        checkpoints.read(tmp_path / "model")


def test_a_tensor_of_another_shape_is_named(tensors, tmp_path):
    name = "decoder/3_Layer/3/weights"
    write_bundle(tmp_path / "model", (tensors | {name: np.zeros((4, 4, 8, 3), np.float32)}).items())
    with pytest.raises(ModelError, match=r"tensor decoder/3_Layer/3/weights is \(4, 4, 8, 3\); .* \(4, 4, 8, 16\)"):
        checkpoints.read(tmp_path / "model")


@pytest.mark.parametrize("wrong", [{"width": 0}, {"latent": 5000}, {"pitch": 1}, {"picture": "oil"}, {"depth": 3}])
def test_a_config_that_cannot_be_is_named(wrong):
    with pytest.raises(ModelError, match=f"baseline config: .*{next(iter(wrong))}"):
        BaselineConfig.from_dict(wrong)
