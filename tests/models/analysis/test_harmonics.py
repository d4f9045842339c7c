"""Recordings taken apart: synthetic notes whose parts are known."""

import numpy as np
import pytest
from scipy.ndimage import convolve1d

from models.analysis.harmonics import (
    TOGETHER_STEPS,
    _smooth,
    absolute_phases,
    angles,
    harmonic_powers,
    line_share,
    motion,
    noise_density,
    remainder,
    step_samples,
    track_harmonics,
)
from models.analysis.partials import Partials

RATE = 16000
STEP = step_samples(RATE)
F0 = 330.0
NOTE = Partials(F0)
TIME = np.arange(2 * RATE) / RATE
MIDDLE = slice(400, 1600)  # tracked steps, away from both ends


def wave(cents=0.0, harmonics=4):
    """Harmonics of amplitude 1 / k, its pitch moved by so many cents (a number, or an array over the samples)."""
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(F0 * 2 ** (np.asarray(cents) / 1200), len(TIME))) / RATE
    return sum(np.sin(k * phase + k) / k for k in range(1, harmonics + 1)).astype(np.float32)


def moved(audio):
    return motion(track_harmonics(audio, NOTE, RATE, 4), NOTE, RATE)


def test_tracked_amplitudes_and_phases_are_those_of_the_signal():
    audio = np.exp(-2 * TIME) * (np.sin(2 * np.pi * F0 * TIME + 0.5) + 0.5 * np.sin(4 * np.pi * F0 * TIME + 2.0))
    tracked = track_harmonics(audio, NOTE, RATE, 4)
    decay = np.exp(-2 * TIME[::STEP])
    np.testing.assert_allclose(np.abs(tracked[MIDDLE, 0]), decay[MIDDLE], rtol=0.02)
    np.testing.assert_allclose(np.abs(tracked[MIDDLE, 1]), 0.5 * decay[MIDDLE], rtol=0.02)
    assert np.abs(tracked[MIDDLE, 2:]).max() < 2e-3
    samples = np.arange(6400, 25600, 7)
    phases = absolute_phases(angles(tracked), NOTE, 4, samples, RATE)
    for k, start in ((1, 0.5), (2, 2.0)):  # sin(x) leads its own demodulated angle by a quarter turn
        expected = 2 * np.pi * k * F0 * samples / RATE + start - np.pi / 2
        assert np.abs(np.angle(np.exp(1j * (phases[:, k - 1] - expected)))).max() < 0.06


def test_harmonics_above_nyquist_are_0():
    tracked = track_harmonics(wave(), Partials(3000.0), RATE, 4)
    assert np.abs(tracked[:, 2:]).max() == 0


def noise(level):
    return np.random.default_rng(0).standard_normal(len(TIME)).astype(np.float32) * np.float32(level)


def test_the_remainder_is_what_lies_between_the_harmonics():
    clean, noisy = (
        remainder(wave(15 * np.sin(30 * TIME)) + noise(level), NOTE, RATE)[2000:-2000] for level in (0, 0.01)
    )
    assert clean.std() < 2e-3 * wave().std()  # vibrato and all
    kept = 1 - 1.5 * 2 * 41.25 / F0  # of the spectrum: nothing within an eighth of a gap, half of the next eighth
    assert (noisy - clean).std() == pytest.approx(0.01 * np.sqrt(kept), rel=0.05)


@pytest.mark.parametrize("level", [3e-3, 3e-2])
def test_density_is_the_power_of_the_noise_whatever_else_sounds(level):
    centres = np.arange(8000, 24000, 256)
    frequencies, density = noise_density(wave(5 * np.sin(30 * TIME)) + noise(level), NOTE, RATE, centres)
    assert np.median(density) / np.log(2) == pytest.approx(level**2, rel=0.2)
    assert np.abs(frequencies - np.maximum(np.round(frequencies / F0), 1) * F0).min() >= 0.25 * F0


def test_vibrato_is_found_in_the_deviation():
    vibrato = 20 * np.sin(2 * np.pi * 5 * TIME)
    spread, deviation = moved(wave(vibrato))
    expected = vibrato[::STEP]
    assert np.corrcoef(deviation[MIDDLE], expected[MIDDLE])[0, 1] > 0.99
    assert deviation[MIDDLE].std() == pytest.approx(expected[MIDDLE].std(), rel=0.25)
    assert spread[MIDDLE].max() < 4


def test_lines_are_what_neither_beats_nor_swings_nor_hisses():
    assert line_share(wave(), NOTE, RATE) > 0.999
    beating = np.sin(2 * np.pi * (F0 - 10) * TIME) + np.sin(2 * np.pi * (F0 + 10) * TIME)
    assert line_share(beating, NOTE, RATE) < 0.001
    assert line_share(np.sin(2 * np.pi * F0 * TIME) + beating, NOTE, RATE) == pytest.approx(1 / 3, abs=0.01)
    assert line_share(noise(1.0), NOTE, RATE) == pytest.approx(12 / F0, rel=0.2)
    assert line_share(np.zeros(RATE), NOTE, RATE) == 0


def test_a_note_out_of_tune_deviates_steadily():
    spread, deviation = moved(wave(-12.0))
    np.testing.assert_allclose(deviation[MIDDLE], -12.0, atol=0.2)
    assert spread[MIDDLE].max() < 0.2


@pytest.mark.parametrize("f0_hz", [30.9, 43.65, 98.0, 155.6])
def test_the_neighbours_of_a_low_notes_harmonics_are_no_spread(f0_hz):
    low = Partials(f0_hz)
    turns = np.arange(1, 25)[:, None] * f0_hz * 2 ** (4 / 1200) * TIME
    audio = np.sin(2 * np.pi * turns).sum(0).astype(np.float32)
    spread, deviation = motion(track_harmonics(audio, low, RATE, 24), low, RATE)
    assert spread[MIDDLE].max() < 1
    np.testing.assert_allclose(deviation[MIDDLE], 4.0, atol=0.5)


def test_voices_that_beat_have_spread():
    spread, deviation = moved(wave(-8.0) + wave(8.0))
    assert np.abs(deviation[MIDDLE]).max() < 8
    assert 5 < np.median(spread[MIDDLE]) < 20


@pytest.mark.parametrize("start", [0.0, 0.5])
def test_a_struck_note_has_no_spread_where_it_sets_in(start):
    after = np.maximum(TIME - start, 0)
    spread, _ = moved((np.where(start <= TIME, wave(), 0) * np.exp(-8 * after)).astype(np.float32))
    first = round(start * RATE / STEP)
    assert spread[first : first + 300].max() < 4


def test_nothing_moves_in_silence():
    spread, deviation = moved(np.zeros(len(TIME), np.float32))
    assert np.abs(deviation).max() == 0 and np.abs(spread).max() == 0
    audio = np.where(TIME < 1, wave(), 0) + noise(1e-5)
    _, deviation = moved(audio.astype(np.float32))
    assert np.abs(deviation[1200:]).max() < 3


@pytest.mark.parametrize("f0_hz", [82.4, 220.0, 880.0])
@pytest.mark.parametrize("cents", [0.0, 6.0])
def test_harmonics_out_of_tune_keep_their_power(f0_hz, cents):
    count = min(64, int(7000 / f0_hz))
    orders = np.arange(1, count + 1)[:, None]
    turns = orders * f0_hz * 2 ** (cents / 1200) * TIME + np.sqrt(orders)
    audio = (np.cos(2 * np.pi * turns) / orders).sum(0)
    powers, total, _ = harmonic_powers(audio, Partials(f0_hz), RATE, count)
    # At harmonic 64, 6 cents are a fifth of the way to the next, where a Hann window of two periods lacks 1.1 dB.
    np.testing.assert_allclose(np.sqrt(powers[MIDDLE].mean(0)), 1 / orders[:, 0], rtol=0.13)
    assert powers[MIDDLE].mean(0).sum() / 2 == pytest.approx(total[MIDDLE].mean(), rel=0.01)


def test_white_noise_has_its_share_of_every_harmonic():
    powers, total, share = harmonic_powers(noise(0.1), NOTE, RATE, 12)
    assert powers[MIDDLE].mean() == pytest.approx(share * 0.01, rel=0.1)
    assert total[MIDDLE].mean() == pytest.approx(0.01, rel=0.05)


def test_lines_are_looked_for_where_the_strongest_harmonics_are():
    sharp = np.sin(2 * np.pi * F0 * 2 ** (30 / 1200) * TIME) * 0.1
    flat = sum(np.sin(2 * np.pi * k * F0 * 2 ** (-20 / 1200) * TIME) for k in (2, 3, 4))
    assert line_share(sharp + flat, NOTE, RATE) > 0.99


def test_the_level_of_a_low_notes_harmonics_is_as_steady_as_the_note():
    turns = np.arange(1, 81)[:, None] * 43.65 * 2 ** (6 / 1200) * TIME
    powers, total, _ = harmonic_powers(np.sin(2 * np.pi * turns).sum(0), Partials(43.65), RATE, 80)
    levels = np.log(powers[MIDDLE] / total[MIDDLE, None])
    assert levels.std(0).max() < 0.05


@pytest.mark.parametrize("count", [1, TOGETHER_STEPS - 1, TOGETHER_STEPS, 3 * TOGETHER_STEPS + 5])
@pytest.mark.parametrize("steps", [1, 20, 251])
def test_moments_averaged_together_are_those_averaged_one_by_one(count, steps):
    values = np.random.default_rng(2).random((count, 3)) ** 8
    window = np.hanning(steps + 2)[1:-1]
    expected = convolve1d(values, window / window.sum(), axis=0, mode="nearest")
    np.testing.assert_allclose(_smooth(values, steps), expected, rtol=1e-12)
    np.testing.assert_allclose(_smooth(values[:, 1], steps), expected[:, 1], rtol=1e-12)
