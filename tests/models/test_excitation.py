"""The excitation in playing: harmonics in tune, noise at unit level, movement as told."""

import numpy as np
import pytest

from models.config import WaveNetConfig, phase_offsets
from models.excitation import Excitation, noise_bands, noise_filters, noise_taps, normals

CONFIG = WaveNetConfig(latent=9, harmonics=6, noise=5, motion=True, mixture=3, loudness=True)
RATE, TICK, NOISE_TAPS = CONFIG.rate, CONFIG.tick, noise_taps(CONFIG)


def play(samples, f0_hz=440.0, spread_cents=0.0, deviation_cents=0.0, stretch=0.0, blocks=None, seed=1):
    """harmonics, noise of one note."""
    voice, uniforms = Excitation(CONFIG), np.random.default_rng(seed).random(samples)
    parts = []
    for start in range(0, samples, blocks or samples):
        count = min(blocks or samples, samples - start)
        motion = np.tile([spread_cents, deviation_cents, stretch], (count, 1))
        parts.append(voice.block(np.full(count, f0_hz), motion, uniforms[start : start + count]))
    return [np.concatenate(part) for part in zip(*parts, strict=True)]


def test_the_bands_of_noise_add_up_to_the_signal():
    total = noise_bands(CONFIG).sum(0)
    expected = np.zeros(NOISE_TAPS)
    expected[NOISE_TAPS // 2] = 1
    np.testing.assert_allclose(total, expected, atol=1e-12)


def test_every_band_of_noise_has_unit_level_and_its_own_place():
    _, noise = play(RATE)
    np.testing.assert_allclose(noise[NOISE_TAPS:].std(0), 1.0, atol=0.1)
    spectra = np.abs(np.fft.rfft(noise[-RATE // 2 :], axis=0)) ** 2
    centroids = (np.arange(len(spectra))[:, None] * 2 * spectra).sum(0) / spectra.sum(0)
    edges = 8000 * (np.arange(6) / 5) ** 1.6
    assert ((centroids > edges[:-1]) & (centroids < edges[1:])).all()
    np.testing.assert_allclose((noise_filters(CONFIG) ** 2).sum(1), 1.0)


def test_harmonics_are_multiples_of_the_integrated_pitch():
    harmonics, _ = play(500, 300.0)
    time, k = np.arange(500)[:, None] / RATE, np.arange(1, 7)
    phase = 2 * np.pi * 300.0 * k * time + phase_offsets(6)
    np.testing.assert_allclose(harmonics, np.concatenate([np.sin(phase), np.cos(phase)], 1), atol=1e-9)


def test_harmonics_above_the_limit_are_silent():
    harmonics, _ = play(100, 2000.0)
    audible = np.abs(harmonics).max(0) > 0
    assert audible.tolist() == [True, True, True, False, False, False] * 2  # 2, 4, 6 kHz; not 8 and above


def test_the_deviation_moves_the_pitch():
    harmonics, _ = play(4000, 440.0, deviation_cents=1200.0)
    turns = np.unwrap(np.arctan2(harmonics[:, 0], harmonics[:, 6]))
    assert (turns[-1] - turns[0]) / (2 * np.pi) == pytest.approx(880.0 / 4, abs=0.2)


def test_the_spread_turns_every_harmonic_by_itself():
    harmonics, _ = play(RATE, 440.0, spread_cents=10.0)
    still = 2 * np.pi * 440.0 * np.arange(1, 7) * np.arange(RATE)[:, None] / RATE + phase_offsets(6)
    strayed = np.unwrap(np.angle((harmonics[:, 6:] + 1j * harmonics[:, :6]) * np.exp(-1j * still)), axis=0)
    cents = np.diff(strayed[::TICK], axis=0) * RATE / TICK / (2 * np.pi * 440.0 * np.arange(1, 7)) * 1200 / np.log(2)
    np.testing.assert_allclose(cents.std(0), 10.0, rtol=0.5)
    assert np.abs(np.corrcoef(cents.T) - np.eye(6)).max() < 0.6
    assert np.hypot(harmonics[:, :6], harmonics[:, 6:]).max() < 1 + 1e-9


@pytest.mark.slow
def test_what_strays_comes_back_so_that_the_note_is_in_tune():
    harmonics, _ = play(4 * RATE, 440.0, spread_cents=10.0)
    still = 2 * np.pi * 440.0 * np.arange(1, 7) * np.arange(4 * RATE)[:, None] / RATE + phase_offsets(6)
    strayed = np.unwrap(np.angle((harmonics[:, 6:] + 1j * harmonics[:, :6]) * np.exp(-1j * still)), axis=0)
    cents = (strayed[-1] - strayed[0]) / (2 * np.pi * 440.0 * np.arange(1, 7) * 4) * 1200 / np.log(2)
    assert np.sqrt(np.mean(cents**2)) < 1.0  # a random walk of this speed would end some 2 cents away


def test_stretched_partials_are_those_of_a_stiff_string():
    harmonics, _ = play(RATE, 440.0, stretch=1000.0)
    k = np.arange(1, 7)
    still = 2 * np.pi * 440.0 * k * np.arange(RATE)[:, None] / RATE + phase_offsets(6)
    gone = np.unwrap(np.angle((harmonics[:, 6:] + 1j * harmonics[:, :6]) * np.exp(-1j * still)), axis=0)
    expected_hz = 440.0 * k * (np.sqrt((1 + 1e-3 * k**2) / (1 + 1e-3)) - 1)
    np.testing.assert_allclose((gone[-TICK] - gone[0]) / (2 * np.pi) * RATE / (RATE - TICK), expected_hz, atol=0.05)


def test_partials_stretched_beyond_the_limit_are_silent():
    harmonics, _ = play(4 * TICK, 1500.0, stretch=2000.0)  # the fifth would be 7.5 kHz; it is at 7.68
    heard = np.hypot(harmonics[:, :6], harmonics[:, 6:])[2 * TICK :].max(0)
    np.testing.assert_allclose(heard, [1, 1, 1, 1, 0, 0], atol=1e-9)


@pytest.mark.parametrize("blocks", [1, 64, 100])
def test_blocks_of_any_size_give_the_same(blocks):
    movement = (440.0, 5.0, 20.0, 100.0)
    for whole, parts in zip(play(300, *movement), play(300, *movement, blocks), strict=True):
        np.testing.assert_array_equal(whole, parts)


def test_latents_in_single_precision_move_it_as_in_double():
    """What follows is reckoned in float64 either way."""
    motion = np.array([[5.0, 20.0, 100.0]] * 300, np.float32)
    parts = []
    for given in (motion, motion.astype(np.float64)):
        parts.append(Excitation(CONFIG).block(np.full(300, 440.0), given, np.full(300, 0.25)))
    for single, double in zip(*parts, strict=True):
        np.testing.assert_array_equal(single, double)


def test_normals_have_mean_0_and_variance_1_and_differ():
    rows = np.array([normals(seed, 64) for seed in range(0, 2**24, 2**14 + 1)])
    assert abs(rows.mean()) < 0.02 and rows.std() == pytest.approx(1.0, abs=0.02)
    assert abs(np.corrcoef(rows[:-1, 0], rows[1:, 0])[0, 1]) < 0.1
    assert abs(np.corrcoef(rows[:, 0], rows[:, 1])[0, 1]) < 0.1
