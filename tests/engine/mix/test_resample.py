"""The resampler against scipy, at any rate and for any blocks (R12)."""

import numpy as np
import pytest
from scipy import signal

from engine.mix.resample import Resampler, lowpass

INPUT = 16000
MAX = 64
RATES = (8000, 11025, 16000, 22050, 44100, 48000, 88200, 96000, 192000)


def resample(audio, rate, sizes):
    """float32 (2, samples) -> (frames, 2), fed in blocks of the given sizes, over and over."""
    resampler = Resampler(INPUT, rate, MAX)
    out = np.zeros((resampler.max_output, 2), np.float32)
    blocks, at, turn = [], 0, 0
    while at < audio.shape[1]:
        block = audio[:, at : at + sizes[turn % len(sizes)]]
        blocks.append(out[: resampler.process(np.ascontiguousarray(block), out)].copy())
        at, turn = at + block.shape[1], turn + 1
    return np.concatenate(blocks)


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(3).uniform(-1, 1, (2, 3000)).astype(np.float32)


@pytest.mark.parametrize("rate", RATES)
def test_equals_upfirdn(noise, rate):
    resampler = Resampler(INPUT, rate, MAX)
    expected = signal.upfirdn(lowpass(resampler.up, resampler.down), noise.astype(float), resampler.up, resampler.down)
    frames = resample(noise, rate, [64])
    assert len(frames) == -(-noise.shape[1] * resampler.up // resampler.down)
    np.testing.assert_allclose(frames, expected.T[: len(frames)], atol=1e-5)


@pytest.mark.parametrize("rate", [11025, 44100, 48000])
def test_blocks_do_not_matter(noise, rate):
    expected = resample(noise, rate, [64])
    for sizes in ([1], [1, 63, 17], [5, 64]):
        np.testing.assert_array_equal(resample(noise, rate, sizes), expected)


@pytest.mark.parametrize("count", [8, pytest.param(1000, marks=pytest.mark.long)])
def test_any_rate_in_any_blocks_equals_upfirdn(noise, count):
    """R12, over random pairs of a rate and sizes of blocks."""
    chance = np.random.default_rng(12)
    for _ in range(count):
        rate = int(chance.choice(RATES)) if chance.random() < 0.5 else 25 * int(chance.integers(320, 7680))
        sizes = chance.integers(1, MAX + 1, chance.integers(1, 9)).tolist()
        audio = np.ascontiguousarray(noise[:, : chance.integers(1, 500)])
        up, down = (resampler := Resampler(INPUT, rate, MAX)).up, resampler.down
        expected = signal.upfirdn(lowpass(up, down), audio.astype(float), up, down)
        frames = resample(audio, rate, sizes)
        assert len(frames) == -(-audio.shape[1] * up // down)
        np.testing.assert_allclose(frames, expected.T[: len(frames)], atol=1e-5, err_msg=f"{rate}, {sizes}")


@pytest.mark.parametrize("rate", [44100, 48000])
def test_a_tone_passes_and_its_images_do_not(rate):
    time = np.arange(INPUT) / INPUT
    frames = resample(np.tile(np.sin(2 * np.pi * 6000 * time), (2, 1)).astype(np.float32), rate, [64])
    middle = frames[rate // 4 : -rate // 4, 0]
    spectrum = np.abs(np.fft.rfft(middle * np.blackman(len(middle)))) / (0.42 * len(middle) / 2)
    hz = np.fft.rfftfreq(len(middle), 1 / rate)
    assert 20 * np.log10(spectrum.max()) == pytest.approx(0, abs=0.1)
    assert 20 * np.log10(spectrum[np.abs(hz - 6000) > 100].max()) < -85


def test_the_delay_is_what_it_says():
    for rate in (44100, 48000):
        resampler = Resampler(INPUT, rate, MAX)
        impulse = np.zeros((2, 200), np.float32)
        impulse[:, 100] = 1.0
        peak = int(np.argmax(resample(impulse, rate, [64])[:, 0]))
        assert peak == pytest.approx(100 * rate / INPUT + resampler.delay, abs=1)
