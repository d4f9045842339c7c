"""How far the levels that an embedding asks for are from the recorded ones: what encoding and training both lower."""

import torch


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
