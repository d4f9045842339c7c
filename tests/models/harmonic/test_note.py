"""A recording taken apart: what was put together is found."""

import numpy as np
import pytest

from models.analysis.partials import Partials
from models.harmonic.bands import between, centres_hz, half_filters
from models.harmonic.config import LEVEL, RATIO, HarmonicConfig
from models.harmonic.lines import find_lines, take_lines
from models.harmonic.note import FAINTEST_LINE, analyse_note

CONFIG = HarmonicConfig()
RATE, HOP = CONFIG.rate, CONFIG.hop
F0 = 261.6
TIME = np.arange(90 * HOP) / RATE
RNG = np.random.default_rng(0)


def harmonics(levels):
    """levels : amplitudes of the first"""
    return sum(level * np.sin(2 * np.pi * k * F0 * TIME + k * k) for k, level in enumerate(levels, 1))


def db(ratio):
    return 20 * np.log10(ratio)


@pytest.fixture(scope="module")
def note():
    """Harmonics, two lines between them, and white noise 46 dB below full scale."""
    sound = harmonics([0.2, 0.1, 0.05, 0.02]) + 0.02 * np.sin(2 * np.pi * 1.53 * F0 * TIME)
    sound += 0.01 * np.sin(2 * np.pi * 6.4 * F0 * TIME) + 0.005 * RNG.standard_normal(len(TIME))
    return sound.astype(np.float32)


@pytest.fixture(scope="module")
def analysed(note):
    return analyse_note(CONFIG, note, F0)


def test_harmonics_have_the_levels_that_they_were_given(note, analysed):
    level = np.sqrt(np.mean(note**2))
    found = np.exp(analysed.log_levels[20:70, :4].mean(0)) * level
    np.testing.assert_allclose(db(found / [0.2, 0.1, 0.05, 0.02]), 0, atol=0.3)


def test_what_is_not_there_is_far_below_what_is(analysed):
    assert (analysed.log_levels[20:70, 5:40].mean(0) < np.log(0.03)).all()


def test_noise_has_the_density_that_it_was_given(note, analysed):
    level = np.sqrt(np.mean(note**2))
    found = np.exp(analysed.log_levels[20:70, CONFIG.harmonics + 25 :].mean(0)) * level
    off = np.abs(db(found / 0.005))  # beside a free partial some of it is taken for that
    assert np.median(off) < 0.7 and np.quantile(off, 0.9) < 1.5


def test_free_partials_are_found_at_their_places_and_levels(note, analysed):
    free, level = analysed.free[40], np.sqrt(np.mean(note**2))
    strongest = np.argsort(free[LEVEL])[::-1][:2]
    np.testing.assert_allclose(free[RATIO, strongest], [1.53, 6.4], rtol=1e-3)
    np.testing.assert_allclose(db(np.exp(2 * free[LEVEL, strongest]) * level / [0.02, 0.01]), 0, atol=0.5)


def test_a_note_of_harmonics_alone_has_no_free_partials():
    swell = np.clip(TIME / 0.2, 0, 1) * np.clip((TIME[-1] - TIME) / 0.2, 0, 1)
    free = analyse_note(CONFIG, (swell * harmonics([0.2, 0.1, 0.05])).astype(np.float32), F0).free
    assert (np.exp(2 * free[20:70, LEVEL]) < 1e-3).all()
    assert free[:, LEVEL].min() == pytest.approx(-FAINTEST_LINE / 2)


def test_lines_that_are_taken_out_leave_the_rest():
    rest = 0.01 * RNG.standard_normal(len(TIME))
    lines = 0.2 * np.sin(2 * np.pi * 333.3 * TIME) + 0.1 * np.sin(2 * np.pi * 1111 * TIME)
    found = find_lines(lines + rest, Partials(F0), RATE, 8, len(TIME))
    np.testing.assert_allclose(sorted(found[:2]), [333.3, 1111], atol=0.5)
    _, waveform = take_lines(lines + rest, found[:2], RATE, np.arange(5) * HOP)
    middle = slice(RATE // 4, -RATE // 4)
    assert db(np.std((lines - waveform)[middle]) / np.std(lines)) < -25


def test_bands_add_up_to_one_everywhere():
    hz = np.linspace(0, RATE / 2, 500)
    np.testing.assert_allclose(between(CONFIG, hz).sum(1), 1)
    total = half_filters(CONFIG).sum(0)
    assert total[0] == pytest.approx(1, abs=1e-6) and np.abs(total[1:]).max() < 1e-6


def test_a_filter_of_one_band_passes_that_and_little_else():
    band = 50
    half = half_filters(CONFIG)[band]
    response = np.abs(np.fft.rfft(np.concatenate([half[:0:-1], half]), 8192))
    hz = np.fft.rfftfreq(8192, 1 / RATE)
    centre = centres_hz(CONFIG)[band]
    assert response[np.abs(hz - centre).argmin()] > 0.75
    assert response[(hz < 0.6 * centre) | (hz > 1.6 * centre)].max() < 0.02
