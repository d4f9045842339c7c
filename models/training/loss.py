"""What training lowers: the negative log likelihood of the samples, and the error of the harmonics' amplitudes."""

import torch
from torch.nn import functional as F

from models.config import LOG_SCALE_MIN


def mixture_loss(outputs, target):
    """Mixture of logistics.

    outputs : (batch, time, 3 * mixture): weight logits, means, log scales; target : (batch, time), companded
    Source: Salimans et al. 2017 (PixelCNN++), with the continuous density.
    """
    weights, means, log_scales = outputs.chunk(3, -1)
    log_scales = log_scales.clamp(min=LOG_SCALE_MIN)
    z = (target[..., None] - means) * torch.exp(-log_scales)
    log_density = -z - log_scales - 2 * F.softplus(-z)
    return -torch.logsumexp(F.log_softmax(weights, -1) + log_density, -1).mean()


def amplitude_loss(log_gains, log_amplitudes, audible):
    """How far the harmonics' gains are from the recorded amplitudes; strong harmonics count more.

    all : (frames, harmonics); natural logarithms, and 1 where a harmonic is to be heard
    """
    weight = audible * (0.1 + torch.exp(0.5 * log_amplitudes))
    return (weight * (log_gains - log_amplitudes).abs()).sum() / weight.sum()
