"""Pictures and sounds beside the original's (tests/fixtures/README.md)."""

import numpy as np
import pytest

from models.baseline import spectrogram
from models.baseline.spectrogram import BINS, COLUMNS, COMPLEX, KINDS, MAGNITUDE, MASKED
from tests.paths import FIXTURES


@pytest.fixture(scope="module")
def original():
    with np.load(FIXTURES / "spectral/reference.npz") as file:
        return dict(file)


def test_pictures_are_the_originals(original):
    """The original's transform is float32, which moves a bin at the floor by 3e-5 of the range, 0.003 dB."""
    shown = spectrogram.picture(original["audio"].astype(np.float64), MASKED)
    columns = original["mag_only"].shape[1]
    wanted = np.moveaxis(original["mag_dphase_masked"], 2, 0)[:, :BINS]
    np.testing.assert_allclose(shown[0, :, :columns], wanted[0], atol=3e-5)
    magnitude = np.maximum(wanted[0], 1e-3)
    turns = [phase / magnitude for phase in (shown[1, :, :columns], wanted[1])]
    apart = np.abs(np.exp(1j * np.pi * turns[0]) - np.exp(1j * np.pi * turns[1]))  # whole turns do not count
    assert (apart * magnitude).max() < 2e-3 and np.median(apart) < 1e-5
    assert not shown[:, :, columns:].any() and shown.shape == (2, BINS, COLUMNS)


def test_phases_lead_back_as_the_originals(original):
    shown = np.moveaxis(original["mag_dphase_masked"], 2, 0)
    np.testing.assert_allclose(spectrogram.sound(shown, MASKED), original["inv_mag_dphase"], atol=1e-4)


@pytest.mark.parametrize("iterations", [1, 10, 100])
def test_griffin_lim_is_the_originals(iterations, original):
    magnitude = spectrogram.amplitudes(original["mag_only"])
    audio = spectrogram.griffin_lim(magnitude, original["gl_init_phase"], iterations)
    np.testing.assert_allclose(audio / audio.max(), original[f"gl_{iterations}"], atol=1e-4)


def test_griffin_lim_comes_nearer_to_the_magnitudes(original):
    magnitude = spectrogram.amplitudes(original["mag_only"])
    errors = []
    for iterations in (1, 5, 30):
        audio = spectrogram.griffin_lim(magnitude, original["gl_init_phase"], iterations)
        errors.append(np.linalg.norm(np.abs(spectrogram.stft(audio)) - magnitude))
    assert errors[0] > errors[1] > errors[2]


def test_first_phases_are_drawn_from_half_a_turn_and_the_peak_is_an_option():
    chance = np.random.default_rng(2)
    shown = chance.random((1, BINS, 20), np.float32)
    phases = np.pi * np.random.default_rng(7).random((BINS + 1, 20))
    magnitude = spectrogram.amplitudes(np.pad(shown[0], ((0, 1), (0, 0))))
    wanted = spectrogram.griffin_lim(magnitude, phases, 3)
    found = spectrogram.sound(shown, iterations=3, rng=np.random.default_rng(7), peak=False)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-7)
    peaked = spectrogram.sound(shown, iterations=3, rng=np.random.default_rng(7))
    assert peaked.max() == pytest.approx(1.0)
    np.testing.assert_allclose(peaked * wanted.max(), wanted, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != MAGNITUDE])
def test_pictures_with_phases_hold_the_sound(kind):
    time = np.arange(40_000) / spectrogram.RATE
    audio = (np.sin(2 * np.pi * 440 * time) * np.exp(-3 * time)).astype(np.float32)
    found = spectrogram.sound(spectrogram.picture(audio, kind), kind, peak=kind != COMPLEX)
    audio = audio / audio.max()
    heard = slice(0, 30_000)  # what follows lies at the floor
    found = found[heard] / found.max()
    assert np.linalg.norm(found - audio[heard]) < 0.01 * np.linalg.norm(audio[heard])


def test_errors_weigh_as_the_originals(original):
    np.testing.assert_allclose(spectrogram.frequency_weights(), original["frequency_weight"], rtol=1e-6)


def test_silence_has_no_infinity():
    for kind in KINDS:
        shown = spectrogram.picture(np.zeros(16_000, np.float32), kind)
        assert np.isfinite(shown).all() and np.isfinite(spectrogram.sound(shown, kind, iterations=2)).all()
