"""A note hop by hop: its level."""

from dataclasses import replace

import numpy as np
import pytest
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


@pytest.mark.parametrize("f0_hz", [41.0, 2000.0])
def test_the_window_of_a_level_is_a_length_of_time(f0_hz):
    """A fast tremolo is smoothed as much at twice the rate."""
    levels = []
    for config in (CONFIG, replace(CONFIG, rate=32000, hop=512)):
        time = np.arange(FRAMES * config.hop) / config.rate
        audio = 0.2 * (1 + 0.9 * np.sin(2 * np.pi * 25 * time)) * np.sin(2 * np.pi * f0_hz * time)
        levels.append(analyse(config, torch.from_numpy(audio.astype(np.float32)), f0_hz)[1].numpy()[4:-4])
    np.testing.assert_allclose(levels[1], levels[0], atol=0.1)
    assert np.ptp(levels[0]) > 1
