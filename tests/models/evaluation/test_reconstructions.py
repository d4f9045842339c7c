"""Reproductions: a recording played as it is loses nothing, another instrument is not taken for it."""

import numpy as np
import pytest

from models.evaluation.reconstructions import HEADINGS, Original, line, mean_spectrum, reproduction

RATE, F0_HZ = 16000, 220.0


def tone(slope, seed=0, hz=F0_HZ):
    """Harmonics that fall with their number, over faint noise."""
    time, k = np.arange(2 * RATE) / RATE, np.arange(1, 13)
    wave = (k**-slope) @ np.sin(2 * np.pi * hz * k[:, None] * time + k[:, None])
    noise = 0.001 * np.random.default_rng(seed).standard_normal(len(time))
    return (0.1 * wave * np.minimum(1, time / 0.02) + noise).astype(np.float32)


@pytest.fixture
def original():
    return Original(tone(2.0), RATE, "dark", 57, F0_HZ, held_s=1.8)


@pytest.fixture
def references():
    return {name: mean_spectrum(tone(slope, seed=7), RATE) for name, slope in (("dark", 2.0), ("bright", 0.5))}


def test_the_recording_itself_loses_nothing(original, references):
    found = reproduction(original, original.audio, references)
    assert found.own and found.level_db == 0 and found.mel_db == 0 and abs(found.cents) < 0.5
    assert found.floor_db < -35 and found.share > 0.99


def test_what_is_off_is_seen(original, references):
    flat = 2 ** (-20 / 1200) * F0_HZ
    found = reproduction(original, 0.5 * tone(0.5, hz=flat), references)
    assert not found.own and found.mel_db > 3 and abs(found.cents + 20) < 1
    noisy = original.audio + 0.03 * np.random.default_rng(1).standard_normal(len(original.audio)).astype(np.float32)
    assert reproduction(original, noisy, references).floor_db > -15


def test_silence_is_out_of_tune(original, references):
    silence = np.zeros_like(original.audio)
    cells = line([reproduction(original, audio, references) for audio in (original.audio, silence)])
    assert len(cells) == len(HEADINGS) and cells[0].endswith("of 2") and "50 % in tune, 50 % wrong" in cells[3]
