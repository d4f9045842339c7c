"""A delay of whole frames, whatever the blocks."""

import numpy as np
import pytest

from engine.mix.line import DelayLine

AUDIO = np.random.default_rng(0).uniform(-1.0, 1.0, (1000, 2)).astype(np.float32)


@pytest.mark.parametrize("frames", [0, 1, 48, 500])
@pytest.mark.parametrize("sizes", [(1,), (192,), (7, 192, 1, 30)])
def test_what_comes_out_is_what_came_in(frames, sizes):
    line, out, at, turn = DelayLine(frames, 192), np.empty_like(AUDIO), 0, 0
    while at < len(AUDIO):
        end = min(at + sizes[turn % len(sizes)], len(AUDIO))
        out[at:end] = line.process(AUDIO[at:end])
        at, turn = end, turn + 1
    assert np.array_equal(out[frames:], AUDIO[: len(AUDIO) - frames]) and not out[:frames].any()


def test_reset_is_silence():
    line = DelayLine(10, 192)
    line.process(AUDIO[:192])
    line.reset()
    assert not line.process(AUDIO[:10]).any()
