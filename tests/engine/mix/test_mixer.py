"""The sum of the voices, what all share, and the limiter after it."""

import numpy as np
import pytest

from engine.mix.limiter import CEILING, Limiter
from engine.mix.mixer import VOICE_GAIN, Bus, Mixer

RATE = 48000


def make_limiter():
    limiter = Limiter()
    limiter.prepare(RATE, 192)
    return limiter


def limit(limiter, audio, size=192):
    frames = audio.astype(np.float32).copy()
    for at in range(0, len(frames), size):
        limiter.process(frames[at : at + size])
    return frames


def test_voices_add_up():
    mixer = Mixer(16000, 3)
    slots = np.array([0, 2])
    for slot in slots:
        mixer.start(slot, channel=0)
    channels = np.ones((16, 2))
    channels[0] = 0.5, 0.25
    out = np.full((2, 64), np.nan, np.float32)
    audio = np.array([[0.1] * 8, [0.2] * 8], np.float32)
    mixer.mix(slots, audio, np.array([[1.0] * 8, [0.5] * 8]), channels, 1.0, 4, out)
    np.testing.assert_allclose(out[0, 4:12], VOICE_GAIN * 0.5 * 0.2, rtol=1e-6)
    np.testing.assert_allclose(out[1, 4:12], VOICE_GAIN * 0.25 * 0.2, rtol=1e-6)
    assert np.isnan(out[:, :4]).all()
    assert np.isnan(out[:, 12:]).all()


def test_a_channels_gain_glides():
    mixer = Mixer(16000, 1)
    mixer.start(0, 0)
    one = np.ones((1, 64))
    out = np.zeros((2, 64), np.float32)
    mixer.mix(np.zeros(1, np.int64), one.astype(np.float32), one, np.ones((16, 2)), 1.0, 0, out)
    first = out.copy()
    mixer.mix(np.zeros(1, np.int64), one.astype(np.float32), one, np.zeros((16, 2)), 1.0, 0, out)
    assert (first == first[0, 0]).all()
    assert np.abs(np.diff(out[0])).max() < 0.01 * VOICE_GAIN


def test_the_bus_blocks_dc_and_bad_numbers():
    bus = Bus(16000)
    bus.reset(1.0)
    mix = np.ones((2, 16000), np.float32)
    mix[:, 100] = np.nan
    mix[:, 200] = np.inf
    bus.process(mix, 0, 16000, 1.0)
    assert np.isfinite(mix).all()
    assert np.abs(mix[:, -1]).max() < 1e-3


def test_the_bus_leaves_no_denormals():
    bus = Bus(16000)
    bus.reset(1.0)
    mix = np.zeros((2, 64), np.float32)
    mix[:, 0] = 1.0
    for _ in range(1000):
        bus.process(mix, 0, 64, 1.0)
        mix[:] = 0.0
    bus.process(mix, 0, 64, 1.0)
    assert (mix == 0.0).all()


@pytest.mark.parametrize("size", [1, 192, 4096])
def test_nothing_passes_the_ceiling(size):
    chance = np.random.default_rng(4)
    audio = chance.standard_normal((8192, 2)) * np.repeat(chance.uniform(0, 4, (64, 1)), 128, 0)
    limiter = make_limiter()
    out = limit(limiter, audio, size)
    assert np.abs(out).max() <= CEILING
    assert limiter.peaks == pytest.approx(np.abs(out).max(0))
    np.testing.assert_array_equal(out, limit(make_limiter(), audio))


def test_the_clipper_behind_it_has_nothing_to_do():
    """The gain alone keeps the ceiling: a lone peak is scaled to it, with its neighbours."""
    audio = np.full((4000, 2), 0.5)
    audio[2000] = 4.0
    limiter = make_limiter()
    out = limit(limiter, audio)[limiter.latency :]
    assert out[2000] == pytest.approx([CEILING] * 2, rel=1e-5)
    assert np.abs(np.diff(out[1900:1999, 0])).max() < 0.5 / limiter.latency


def test_one_smooth_gain_keeps_the_ceiling():
    """Whatever the peaks: the gain of both sides is the same and moves no faster than its mean over the look-ahead."""
    chance = np.random.default_rng(6)
    audio = chance.uniform(0.5, 1, (8000, 2)) * chance.choice([0.5, 1, 2, 5], (8000, 1), p=[0.96, 0.02, 0.01, 0.01])
    limiter = make_limiter()
    gains = limit(limiter, audio)[limiter.latency :] / audio[: -limiter.latency].astype(np.float32)
    np.testing.assert_allclose(gains[:, 0], gains[:, 1], rtol=1e-6)
    assert np.abs(np.diff(gains[:, 0])).max() < 1.001 / (limiter.latency + 1)


def test_below_the_ceiling_it_is_a_delay():
    audio = np.random.default_rng(5).uniform(-CEILING, CEILING, (2000, 2)).astype(np.float32)
    limiter = make_limiter()
    np.testing.assert_array_equal(limit(limiter, audio)[limiter.latency :], audio[: -limiter.latency])


def test_the_gain_comes_back():
    audio = np.full((RATE * 2, 2), 0.5)
    audio[1000:2000] = 3.0
    assert limit(make_limiter(), audio)[-1] == pytest.approx([0.5, 0.5])


def test_gains_that_die_away_do_not_become_denormal():
    mixer = Mixer(16000, 1)
    one, out = np.ones((1, 1600)), np.zeros((2, 1600), np.float32)
    mixer.start(0, 0)
    for level in (1.0, *[0.0] * 20):  # two seconds
        mixer.mix(np.zeros(1, np.int64), one.astype(np.float32), one, np.full((16, 2), level), 1.0, 0, out)
    assert not mixer._gains[:, :2].any()
