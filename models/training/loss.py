"""What training lowers: the negative log likelihood of samples, and the error of harmonics' and noise's levels."""

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


def level_weights(log_levels, audible):
    """How much each level of a batch counts, 1 for a frame in the mean: strong harmonics and bands count more.

    all : (frames, harmonics + noise); natural logarithms, and 1 where a harmonic is to be heard
    """
    weights = audible * (0.2 + torch.exp(0.5 * log_levels))
    return weights / weights.sum(-1).mean()


def level_loss(log_gains, log_levels, weights):
    """How far the gains of harmonics and noise are from the recorded levels.

    all : (frames, harmonics + noise); natural logarithms, and the `level_weights` of the whole batch
    """
    return (weights * (log_gains - log_levels).abs()).sum(-1).mean()
