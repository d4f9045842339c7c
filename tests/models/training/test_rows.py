"""The decoder as rows: the outputs and the gradients of the module, whatever its config has."""

from typing import Any

import pytest
import torch

from models.config import WaveNetConfig
from models.training import rows
from models.wavenet import Decoder

SIZES: dict[str, Any] = {"width": 8, "skip_width": 6, "layers": 5, "stages": 3, "hop": 64}
CONFIGS = {
    "paper": WaveNetConfig(**SIZES, latent=4),
    "pitch, two taps": WaveNetConfig(**SIZES, latent=4, taps=2, pitch=True),
    "harmonics and past": WaveNetConfig(**SIZES, latent=5, harmonics=3, noise=2, mixture=2, loudness=True, direct=True),
    "harmonics alone": WaveNetConfig(**SIZES, latent=4, harmonics=3, mixture=2, feedback=False),
}
BATCH, TIME, FRAMES = 3, 192, 3


@pytest.fixture(params=list(CONFIGS.values()), ids=list(CONFIGS))
def learnt(request):
    """learnt(function) -> outputs, and the gradients of everything that has some."""
    config = request.param
    torch.manual_seed(4)
    decoder = Decoder(config)
    signal, wanted = torch.randn(BATCH, TIME, config.inputs), torch.randn(BATCH, TIME, config.outputs)
    excitation = torch.randn(BATCH, TIME, config.excitation).requires_grad_(True) if config.harmonics else None
    conditions = torch.randn(BATCH, FRAMES, config.conditions).requires_grad_(True)
    inputs = [each for each in (conditions, excitation) if each is not None]

    def run(function):
        outputs = function(decoder, signal, conditions, excitation)
        parameters = [each for name, each in decoder.named_parameters() if "gain" not in name]  # used before
        gradients = torch.autograd.grad((outputs * wanted).mean(), [*parameters, *inputs])
        return outputs.detach(), gradients

    return run


def test_in_float32_they_are_those_of_the_module(learnt):
    (expected, gradients), (outputs, found) = (
        learnt(Decoder.forward),
        learnt(lambda *given: rows.outputs(*given, dtype=torch.float32)),
    )
    torch.testing.assert_close(outputs, expected, rtol=0, atol=1e-5 * expected.abs().max().item())
    for gradient, one in zip(gradients, found, strict=True):
        torch.testing.assert_close(one, gradient, rtol=0, atol=1e-5 * gradient.abs().max().item())


def test_in_bfloat16_the_gradient_points_the_same_way(learnt):
    gradients, found = (
        torch.cat([part.flatten() for part in learnt(function)[1]])
        for function in (Decoder.forward, lambda *given: rows.outputs(*given, dtype=torch.bfloat16))
    )
    assert torch.cosine_similarity(gradients, found, dim=0) > 0.999
