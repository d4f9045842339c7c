"""From one signal to another: value and slope go over, and after 3 ms nothing is left of the step."""

import numpy as np
import pytest

from engine.plugins.seam import SEAM_MS, Seam
from tests.engine.plugins.playing import RATE, click_db, tone

LENGTH = round(SEAM_MS * RATE / 1000)
AT = 24000


def joined(old, new, block):
    """`old` up to AT, then `new`, in blocks."""
    seam, out = Seam(RATE), np.concatenate([old[:AT], new[AT:]])
    for start in range(0, len(out), block):
        if start == AT:
            seam.change(new[AT - 2 : AT])
        seam.process(out[start : start + block])
    return out


@pytest.mark.parametrize("block", [1, 64, 192])
def test_a_step_decays_without_a_click(block):
    old, new = tone(2 * AT), -0.8 * tone(2 * AT, start=77)
    out = joined(old, new.astype(np.float32), block if AT % block == 0 else 48)
    assert np.array_equal(out[:AT], old[:AT])
    assert np.array_equal(out[AT + LENGTH :], new[AT + LENGTH :].astype(np.float32))
    assert click_db(out) < -60.0
    assert click_db(np.concatenate([old[:AT], new[AT:]])) > -40.0


def test_the_blocks_change_nothing():
    old, new = tone(2 * AT), tone(2 * AT, start=50)
    assert np.array_equal(joined(old, new, 64), joined(old, new, 192))


def test_a_second_change_goes_on_from_what_is_heard():
    seam, quiet = Seam(RATE), np.zeros((64, 2), np.float32)
    seam.process(np.full((64, 2), 0.5, np.float32))
    seam.change(np.zeros((2, 2)))
    first = quiet.copy()
    seam.process(first)
    seam.change(np.zeros((2, 2)))
    second = quiet.copy()
    seam.process(second)
    assert abs(second[0, 0] - first[-1, 0]) < 0.01


def test_reset_forgets_what_was_heard():
    seam, block = Seam(RATE), np.zeros((64, 2), np.float32)
    seam.process(np.ones((64, 2), np.float32))
    seam.reset()
    seam.change(np.zeros((2, 2)))
    seam.process(block)
    assert not block.any()
