"""All that a note tells, at the rate of today's model and at twice that: windows are lengths of time."""

from dataclasses import replace

import numpy as np
import pytest

from models.analysis.note import analyse_note
from models.config import DEVIATION, SPREAD, WaveNetConfig

CONFIG = WaveNetConfig(
    latent=11, hop=256, encoder="spectrum", harmonics=12, noise=5, motion=True, mixture=2, loudness=True
)  # fmt: skip
WIDE = replace(CONFIG, rate=32000, hop=512)
FRAMES, F0 = 90, 330.0
HELD = slice(8, 80)  # frames from the attack on, away from the end


def swinging(config):
    """Fast vibrato and tremolo on harmonics of amplitude 1 / k, the third of two voices that beat; a sudden attack."""
    time = np.arange(FRAMES * config.hop) / config.rate
    cents = 15 * np.sin(2 * np.pi * 9 * time)
    turns = np.cumsum(F0 * 2 ** (cents / 1200)) / config.rate
    waves = sum(np.sin(2 * np.pi * k * turns + k) / k for k in range(1, 11))
    waves += np.sin(2 * np.pi * 3 * (turns + 2 * time))
    return (0.1 * (time > 0.1) * (1 + 0.7 * np.sin(2 * np.pi * 11 * time)) * waves).astype(np.float32)


@pytest.fixture(scope="module")
def narrow():
    return analyse_note(CONFIG, swinging(CONFIG), F0)


@pytest.fixture(scope="module")
def wide():
    return analyse_note(WIDE, swinging(WIDE), F0)


def test_loudness_and_levels_are_the_same(narrow, wide):
    np.testing.assert_allclose(wide.loudness_db[HELD], narrow.loudness_db[HELD], atol=0.05)
    levels_db = [8.686 * note.log_levels[HELD, :10] for note in (narrow, wide)]
    np.testing.assert_allclose(levels_db[1], levels_db[0], atol=0.3)


def test_deviation_and_spread_are_the_same(narrow, wide):
    moved = [note.motion[HELD] for note in (narrow, wide)]
    np.testing.assert_allclose(moved[1][:, DEVIATION], moved[0][:, DEVIATION], atol=0.3)
    np.testing.assert_allclose(moved[1][:, SPREAD], moved[0][:, SPREAD], atol=0.3)
    assert np.ptp(moved[0][:, DEVIATION]) > 5
    assert moved[0][:, SPREAD].max() > 2


def test_noise_has_its_density():
    """White noise up to twice the frequency has twice the power; bands are shares of the range."""
    rng = np.random.default_rng(3)
    levels = []
    for config, variance in ((CONFIG, 1e-4), (WIDE, 2e-4)):
        time = np.arange(FRAMES * config.hop) / config.rate
        tone = 0.3 * sum(np.sin(2 * np.pi * k * F0 * time) / k for k in range(1, 11))
        noise = np.sqrt(variance) * rng.standard_normal(len(time))
        note = analyse_note(config, (tone + noise).astype(np.float32), F0)
        levels.append(np.exp(note.log_levels[HELD, config.harmonics :]).mean(0))
    np.testing.assert_allclose(levels[1], np.sqrt(2) * levels[0], rtol=0.1)
