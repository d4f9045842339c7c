"""Weights of harmonic models for tests."""

import numpy as np

from models.checkpoints.layout import harmonic_shapes


def random_weights(config, seed=0):
    """Levels that differ, some 20 dB below the note's, noise below the harmonics."""
    rng = np.random.default_rng(seed)
    weights = {
        name: (0.3 * rng.standard_normal(shape)).astype(np.float32) for name, shape in harmonic_shapes(config).items()
    }
    weights["gain2.bias"][: config.harmonics] -= 2
    weights["gain2.bias"][config.harmonics :] -= 4
    return weights
