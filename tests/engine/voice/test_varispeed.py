"""A stream read at any speed: its pitch, what it folds back, where it begins, and that blocks do not matter."""

import numpy as np
import pytest

from engine.voice.varispeed import GRAIN, HIGHEST, LOWEST, REACH, Varispeed

RATE = 16000
TICK = 64
ONE = np.zeros(1, np.int64)
PERIOD = np.ones(1)  # of a stream at 1 Hz: fundamentals are speeds
SPEEDS = [LOWEST, 0.5, 0.89, 1.0, 1.26, 2.0, 3.1, HIGHEST]


def sine(hz, samples):
    return np.sin(2 * np.pi * hz / RATE * np.arange(samples)).astype(np.float32)


def read(stream, speeds, block=TICK):
    """float32: the stream at these speeds, one an output; and how many of its samples were asked for."""
    varispeed, asked, outputs = Varispeed(1, TICK), 0, []
    varispeed.start(0)
    lacking = np.zeros(1, np.int64)
    for at in range(0, len(speeds), block):
        part = np.asarray(speeds[at : at + block], np.float32)[None]
        varispeed.ask(ONE, part, PERIOD, lacking)
        assert lacking[0] % GRAIN == 0 and lacking[0] <= varispeed.most
        varispeed.append(ONE, stream[None, asked : asked + lacking[0]], PERIOD)
        asked += int(lacking[0])
        audio = np.zeros((1, part.shape[1]), np.float32)
        varispeed.read(ONE, audio)
        outputs.append(audio[0])
    return np.concatenate(outputs), asked


@pytest.mark.parametrize("speed", SPEEDS)
def test_the_pass_band_is_the_stream_and_nothing_else(speed):
    """Up to 6.2 kHz of the lower rate: within 0.1 dB of the sine that it is, all else 75 dB below."""
    count = 4000
    for hz in np.array([100.0, 2000.0, 6200.0]) / max(speed, 1.0):
        heard, _ = read(sine(hz, round(count * speed) + 600), np.full(count, speed))
        expected = np.sin(2 * np.pi * hz * speed / RATE * np.arange(count))
        steady = slice(400, None)  # behind the edge with which the stream begins
        basis = np.stack([expected, np.cos(2 * np.pi * hz * speed / RATE * np.arange(count))], 1)[steady]
        (level, quadrature), *_ = np.linalg.lstsq(basis, heard[steady], rcond=None)
        assert abs(20 * np.log10(level)) < 0.1 and abs(quadrature) < 1e-3
        rest = heard[steady] - basis @ (level, quadrature)
        assert 20 * np.log10(rest.std() / heard[steady].std()) < -75


@pytest.mark.parametrize("speed", [1.26, 2.0, HIGHEST])
def test_what_would_fold_back_is_gone(speed):
    hz = 8800.0 / speed  # 800 Hz above what the outputs can hold: it would be heard at 7.2 kHz
    heard, _ = read(sine(hz, round(4000 * speed) + 600), np.full(4000, speed))
    assert 20 * np.log10(np.abs(heard[400:]).max()) < -70


@pytest.mark.parametrize("speed", SPEEDS)
def test_the_first_sample_is_heard_first(speed):
    stream = np.zeros(2000, np.float32)
    stream[0] = 1.0
    heard, _ = read(stream, np.full(TICK, speed))
    assert np.argmax(np.abs(heard)) == 0


@pytest.mark.parametrize("speed", SPEEDS)
def test_no_more_is_asked_for_than_is_read(speed):
    outputs = 50 * TICK
    _, asked = read(np.zeros(20000, np.float32), np.full(outputs, speed))
    ahead = REACH * max(speed, 1.0)
    assert 0 <= asked - ((outputs - 1) * speed + ahead) <= GRAIN + 1


def test_blocks_do_not_matter():
    rng = np.random.default_rng(0)
    stream = rng.standard_normal(4000).astype(np.float32)
    speeds = np.exp(np.cumsum(rng.standard_normal(1000)) * 0.05).clip(LOWEST, HIGHEST)
    expected, _ = read(stream, speeds)
    for block in (1, 7, 50):
        np.testing.assert_array_equal(read(stream, speeds, block)[0], expected)


def test_a_jump_between_the_ends_of_the_range_is_read():
    speeds = np.tile(np.repeat([LOWEST, HIGHEST], TICK), 20)
    heard, _ = read(sine(200.0, 8000), speeds)
    assert np.isfinite(heard).all() and np.abs(heard).max() < 1.01


def test_streams_do_not_touch_each_other():
    varispeed, slots = Varispeed(3, TICK), np.array([0, 2])
    for slot in range(3):
        varispeed.start(slot)
    speeds, lacking = np.stack([np.full(TICK, 1.0), np.full(TICK, 2.0)]).astype(np.float32), np.zeros(2, np.int64)
    varispeed.ask(slots, speeds, np.ones(3), lacking)
    for row, (slot, level) in enumerate(((0, 0.25), (2, 0.5))):
        varispeed.append(np.array([slot]), np.full((1, lacking[row]), level, np.float32), np.ones(3))
    audio = np.zeros((2, TICK), np.float32)
    varispeed.read(slots, audio)
    np.testing.assert_allclose(audio[:, -1], [0.25, 0.5], atol=1e-3)


def test_whatever_is_asked_stays_in_its_row():
    """Compiled code checks no bounds: speeds and pitches that jump between the ends and beyond."""
    chance = np.random.default_rng(5)
    varispeed, slots, lacking = Varispeed(4, TICK), np.arange(4), np.zeros(4, np.int64)
    for slot in slots.tolist():
        varispeed.start(slot)
    for _ in range(1000):
        periods = chance.choice([0.01, 0.25, 0.5, 1.0, 4.0, 100.0], 4)
        f0_hz = chance.choice([1e-3, 0.25, 1.0, 1.7, 4.0, 1e3], (4, chance.integers(1, TICK + 1))).astype(np.float32)
        varispeed.ask(slots, f0_hz, periods, lacking)
        for slot, samples in enumerate(lacking.tolist()):
            assert 0 <= samples <= varispeed.most
            varispeed.append(np.array([slot]), np.ones((1, samples), np.float32), periods)
        assert varispeed._voices["filled"].max() <= varispeed._streams.shape[1]
        audio = np.zeros_like(f0_hz)
        varispeed.read(slots, audio)
        assert np.isfinite(audio).all() and np.abs(audio).max() < 1.3
