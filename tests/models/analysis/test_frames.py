"""A note hop by hop: its level."""

import numpy as np
import torch

from models.analysis.frames import analyse, apply_loudness
from models.config import WaveNetConfig

CONFIG = WaveNetConfig(hop=256, encoder="spectrum", harmonics=4, noise=5, motion=True, mixture=2, loudness=True)
FRAMES, F0 = 62, 220.0


def fading(config):
    """Two harmonics, decaying, float32 (samples,)."""
    time = np.arange(FRAMES * config.hop) / config.rate
    wave = np.sin(2 * np.pi * F0 * time + 0.5) + 0.5 * np.sin(4 * np.pi * F0 * time + 2.0)
    return (0.5 * wave * np.exp(-2 * time)).astype(np.float32)


def test_loudness_follows_the_level_and_can_be_undone():
    sound = fading(CONFIG)
    _, loudness_db = analyse(CONFIG, torch.from_numpy(sound), F0)
    latents = np.zeros((FRAMES, CONFIG.latent), np.float32)
    latents[:, -1] = loudness_db
    flat = apply_loudness(CONFIG, sound, latents, inverse=True)
    rms = np.sqrt((flat[1024:-1024].reshape(-1, 256) ** 2).mean(1))
    assert np.abs(20 * np.log10(rms / 0.2)).max() < 1.0
    np.testing.assert_allclose(apply_loudness(CONFIG, flat, latents), sound, atol=1e-6)
