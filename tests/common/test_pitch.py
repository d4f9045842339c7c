"""Keys and frequencies, and the compiled copy of the engine."""

import numpy as np
import pytest

from common.pitch import hz_key, key_hz
from engine.voice.pitch import Pitches
from models.config import MIDDLE_C_HZ

KEYS = np.linspace(0, 127, 509)


def test_a4_is_440_hz_or_as_tuned():
    assert key_hz(69) == 440.0 and key_hz(57) == 220.0
    assert key_hz(81, 432.0) == 864.0
    assert key_hz(60) == MIDDLE_C_HZ


def test_one_undoes_the_other():
    np.testing.assert_allclose(hz_key(key_hz(KEYS)), KEYS, atol=1e-12)


@pytest.mark.parametrize("tuning_hz", [440.0, 432.0])
def test_the_voices_have_the_same(tuning_hz):
    pitches, f0_hz, still = Pitches(192000, len(KEYS)), np.zeros((len(KEYS), 1), np.float32), np.zeros(16)
    for slot, key in enumerate(KEYS):
        pitches.start(slot, round(key), key, 0)
    pitches.render(np.arange(len(KEYS)), tuning_hz, np.zeros(128), still, still, still, 0.0, f0_hz)
    np.testing.assert_allclose(f0_hz[:, 0], key_hz(KEYS, tuning_hz), rtol=1e-7)
