"""The levels of trained weights, learnt anew."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from common.errors import ModelError
from models import checkpoints
from models.training.levels import LevelsTask, grown
from models.training.trainer import Trainer
from models.wavenet import WaveNet
from tests.models.training.tasks import INSTRUMENT, PAPER

pytestmark = pytest.mark.slow

DIRECT = replace(INSTRUMENT, direct=True, feedback=False)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Writes a fresh network of a config; returns its file."""

    def write(config):
        torch.manual_seed(3)
        weights = {name: value.numpy() for name, value in WaveNet(config).state_dict().items()}
        path = tmp_path_factory.mktemp("weights") / "fresh.safetensors"
        checkpoints.write(path, config, weights)
        return path

    return write


@pytest.mark.usefixtures("without_pictures")
def test_the_loss_falls_and_only_the_map_to_gains_moves(notes, written, tmp_path):
    before = written(INSTRUMENT)
    losses = Trainer(LevelsTask(notes, before, steps=200), tmp_path).train(report=str)
    assert np.mean(losses[-20:]) < np.mean(losses[:5]) - 0.05  # of 1.6: random features, small steps
    old, new = (checkpoints.read(path).weights for path in (before, tmp_path / "weights.safetensors"))
    moved = {name for name in old if not np.array_equal(old[name], new[name])}
    assert moved == {f"decoder.gain{part}.{kind}" for part in (1, 2) for kind in ("weight", "bias")}


def test_weights_without_harmonics_are_named(notes, written):
    with pytest.raises(ModelError, match="has no harmonics"):
        LevelsTask(notes, written(PAPER))


def test_new_harmonics_sound_beside_the_network_and_leave_the_others_as_they_were():
    torch.manual_seed(3)
    small, rng = WaveNet(DIRECT), np.random.default_rng(0)
    large = grown(small, 7)
    embedding = rng.standard_normal((4, DIRECT.latent)).astype(np.float32)
    silence, uniforms = np.zeros(4 * DIRECT.hop, np.float32), rng.random(4 * DIRECT.hop)
    four_below_the_limit, seven_below_it = 1800.0, 500.0
    np.testing.assert_allclose(
        large.logits(silence, embedding, four_below_the_limit, uniforms),
        small.logits(silence, embedding, four_below_the_limit, uniforms),
        atol=1e-6,
    )
    apart = large.logits(silence, embedding, seven_below_it, uniforms)
    apart -= small.logits(silence, embedding, seven_below_it, uniforms)
    assert 0 < np.abs(apart).max() < 0.05  # each at -60 dB


@pytest.mark.usefixtures("without_pictures")
def test_the_levels_of_new_harmonics_are_learnt(notes, written, tmp_path):
    task = LevelsTask(notes, written(DIRECT), harmonics=7, steps=100)
    before = task.trained.decoder.gain2.bias.detach().clone()
    Trainer(task, tmp_path).train(report=str)
    config, weights = checkpoints.read(tmp_path / "weights.safetensors").network
    assert config == replace(DIRECT, harmonics=7)
    assert np.abs(weights["decoder.gain2.bias"] - before.numpy())[4:7].max() > 1e-3
    assert not weights["decoder.excitation.weight"][..., 4:7, :].any()


def test_fewer_harmonics_and_a_network_that_must_play_them_itself_are_named(notes, written):
    with pytest.raises(ModelError, match=r"fresh.safetensors: has 4 harmonics; it can be given more, not 3"):
        LevelsTask(notes, written(DIRECT), harmonics=3)
    with pytest.raises(ModelError, match="cannot be given 3 more"):
        LevelsTask(notes, written(INSTRUMENT), harmonics=7)
