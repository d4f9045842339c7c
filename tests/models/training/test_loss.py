"""The losses."""

import numpy as np
import torch

from models.training.loss import mixture_loss, mixture_mean, spectrum_loss


def test_mixture_loss_is_the_negative_log_of_a_density():
    outputs = torch.tensor([0.3, -1.0, 0.5, 0.1, -0.4, 0.7, -2.0, -0.5, -1.0])
    y = torch.linspace(-30, 30, 200001)
    one = mixture_loss(outputs.view(1, 1, 9), y[101000:101001].view(1, 1))
    weights, means, log_scales = outputs.double().chunk(3)
    z = (y.double()[:, None] - means) * torch.exp(-log_scales)
    logistic = torch.sigmoid(z) * torch.sigmoid(-z) * torch.exp(-log_scales)
    density = (torch.softmax(weights, 0) * logistic).sum(-1)
    assert abs(torch.trapezoid(density, y.double()).item() - 1) < 1e-6
    torch.testing.assert_close(one.double(), -torch.log(density[101000]), rtol=1e-5, atol=1e-5)


def test_the_mean_of_a_mixture_is_that_of_its_weights():
    outputs = torch.tensor([[[0.0, 1.0986123, -0.2, 0.6, -1.0, -2.0]]])
    torch.testing.assert_close(mixture_mean(outputs), torch.tensor([[0.25 * -0.2 + 0.75 * 0.6]]))


def test_spectrum_loss_is_the_difference_of_levels_whatever_the_phase():
    time = torch.arange(4096) / 16000
    sine, other = (torch.sin(2 * torch.pi * 1000 * time + phase)[None] for phase in (0.0, 1.0))
    assert spectrum_loss(sine, sine, 0.8) == 0
    noise = torch.from_numpy(np.random.default_rng(0).standard_normal((2, 4096)).astype(np.float32))
    torch.testing.assert_close(spectrum_loss(2 * noise, noise, 0.8), torch.tensor(0.6931472), rtol=1e-3, atol=0)
    assert spectrum_loss(sine, other, 0.8) < 0.02 < spectrum_loss(sine, 0.5 * sine, 0.8)
