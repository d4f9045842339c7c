"""The additive decoder against its oracle in double precision."""

import numpy as np
import pytest

from engine.decoder.additive import oracle
from engine.decoder.additive.decoder import AdditiveDecoder
from models.config import REFERENCE_LEVEL
from models.harmonic.config import ABSENT, LEVEL, PLACES, RATIO, HarmonicConfig
from tests.models.harmonic.weights import random_weights

CONFIG = HarmonicConfig(timbre=5, harmonics=24, bands=12, partials=3, gain_width=16, encoder_width=8)
TICKS = 25


@pytest.fixture(scope="module")
def weights():
    return random_weights(CONFIG, seed=1)


@pytest.fixture(scope="module")
def decoder(weights):
    return AdditiveDecoder(CONFIG, weights, 6)


def _rows(rng, ticks=TICKS):
    """Latents that move in everything, one row a tick."""
    rows = np.zeros((ticks, CONFIG.latent), np.float32)
    rows[:, : CONFIG.detail.stop] = 0.4 * rng.standard_normal((ticks, CONFIG.detail.stop))
    free = np.zeros((ticks, 2, CONFIG.partials), np.float32)
    free[:, LEVEL], free[:, RATIO] = -1 - rng.random((ticks, CONFIG.partials)), [0.41, 2.63, 60.0]
    rows[:, CONFIG.free] = free.reshape(ticks, -1)
    rows[:, CONFIG.spread], rows[:, CONFIG.stretch] = 8.0, 400.0
    rows[:, CONFIG.deviation] = 20 * rng.standard_normal(ticks)
    rows[:, -1] = -10 + 3 * rng.standard_normal(ticks)
    return rows


def _play(decoder, slots, rows, f0_hz, uniforms, block):
    """rows : (ticks, n, channels)"""
    audio, tick = np.zeros(uniforms.shape, np.float32), decoder.config.tick
    decoder.reset(slots)
    start = 0
    while start < audio.shape[1]:
        part = slice(start, min(start + block, (start // tick + 1) * tick))  # latents are held within a call
        decoder.render(
            slots, rows[start // tick], f0_hz[:, part], np.zeros(len(slots), np.float32), uniforms[:, part],
            audio[:, part],
        )  # fmt: skip
        start = part.stop
    return audio


def test_it_plays_what_the_oracle_plays(decoder, weights):
    rng = np.random.default_rng(2)
    rows, samples = _rows(rng), TICKS * CONFIG.tick
    f0_hz = (220 * 2 ** np.linspace(0, 1.5, samples)).astype(np.float32)  # over the limit with its highest
    uniforms = rng.random(samples, np.float32)
    played = _play(decoder, np.array([4]), rows[:, None], f0_hz[None], uniforms[None], CONFIG.tick)[0]
    white = oracle.noise_before(CONFIG, uniforms[0])
    wanted = oracle.play(CONFIG, weights, rows, f0_hz.astype(float), uniforms.astype(float), white)
    assert np.abs(wanted).max() > 0.01
    assert np.abs(played - wanted).max() < 1e-5 * np.abs(wanted).max() / 0.1


def test_blocks_of_any_size_and_any_neighbours_give_the_same_bits(decoder):
    rng = np.random.default_rng(3)
    rows = np.stack([_rows(rng) for _ in range(3)], 1)
    f0_hz = np.repeat([[110], [330], [2000]], TICKS * CONFIG.tick, 1).astype(np.float32)
    uniforms = rng.random(f0_hz.shape, np.float32)
    together = _play(decoder, np.array([0, 1, 2]), rows, f0_hz, uniforms, CONFIG.tick)
    for number, slot in enumerate([5, 0, 3]):
        only = slice(number, number + 1)
        alone = _play(decoder, np.array([slot]), rows[:, only], f0_hz[only], uniforms[only], 37)
        assert np.array_equal(alone[0], together[number])


def test_free_partials_of_more_sounds_stand_beside_each_other(decoder):
    """As many places as a row has: each sounds as it would alone in the first."""
    rng = np.random.default_rng(4)
    rows = _rows(rng)
    silent = rows.copy()
    silent[:, CONFIG.detail] = -20
    channels = CONFIG.free.stop - CONFIG.free.start
    samples = TICKS * CONFIG.tick
    f0_hz, uniforms = np.full((1, samples), 300, np.float32), rng.random((1, samples), np.float32)

    def power(place):
        """Of the free partials, in a place of the row."""
        row = np.zeros((TICKS, CONFIG.mixed), np.float32)
        row[:, : CONFIG.latent] = silent
        row[:, CONFIG.latent :] = -4.0
        row[:, CONFIG.free] = -4.0
        first = CONFIG.free.start if place == 0 else CONFIG.latent + (place - 1) * channels
        row[:, first : first + channels] = rows[:, CONFIG.free]
        played = _play(decoder, np.array([1]), row[:, None], f0_hz, uniforms, CONFIG.tick)[0]
        return np.mean(played[CONFIG.tick :] ** 2)

    powers = [power(place) for place in range(PLACES)]
    assert min(powers) > 1e-5
    assert max(powers) / min(powers) < 1.3  # the first phases differ


def _mixed(rows, shares):
    """(ticks, mixed) of sounds' rows, each in its place; the free partials are the first one's."""
    mixed = np.zeros((len(rows[0]), CONFIG.mixed), np.float32)
    mixed[:, : CONFIG.latent] = sum(share * each for share, each in zip(shares, rows, strict=True))
    mixed[:, CONFIG.free] = rows[0][:, CONFIG.free]
    for place in range(1, PLACES):
        first = CONFIG.latent + (place - 1) * 2 * CONFIG.partials
        mixed[:, first : first + CONFIG.partials] = ABSENT
    for place, (share, each) in enumerate(zip(shares, rows, strict=True)):
        first = CONFIG.asked + place * (1 + CONFIG.timbre)
        mixed[:, first], mixed[:, first + 1 : first + 1 + CONFIG.timbre] = share, each[:, : CONFIG.timbre]
    return mixed


@pytest.mark.parametrize("shares", [(1.0,), (0.5, 0.5), (0.25, 0.5, 0.125, 0.125)])
def test_several_sounds_are_played_as_the_oracle_plays_them(decoder, weights, shares):
    rng = np.random.default_rng(4)
    rows, samples = _mixed([_rows(rng) for _ in shares], shares), TICKS * CONFIG.tick
    f0_hz, uniforms = np.full(samples, 220, np.float32), rng.random(samples, np.float32)
    played = _play(decoder, np.array([1]), rows[:, None], f0_hz[None], uniforms[None], CONFIG.tick)[0]
    white = oracle.noise_before(CONFIG, uniforms[0])
    expected = oracle.play(CONFIG, weights, rows, f0_hz.astype(float), uniforms.astype(float), white)
    assert np.abs(played - expected).max() < 2e-4 * np.abs(expected).max()


def test_half_way_the_levels_lie_in_the_middle_and_alone_a_sound_is_what_it_was(decoder, weights):
    """In dB. The network hears each sound for itself: what lies between two embeddings it has never seen."""
    rng = np.random.default_rng(5)
    one, other = _rows(rng), _rows(rng)
    levels = [oracle.log_levels(CONFIG, weights, row.astype(float), 220.0) for row in (one[0], other[0])]
    between = oracle.log_levels(CONFIG, weights, _mixed([one, other], (0.5, 0.5))[0].astype(float), 220.0)
    np.testing.assert_allclose(between, (levels[0] + levels[1]) / 2, atol=1e-5)
    network = oracle.log_levels(CONFIG, weights, (one[0] + other[0]) / 2, 220.0)
    assert np.abs(network - between).max() > 0.05
    samples = TICKS * CONFIG.tick
    f0_hz, uniforms = np.full((1, samples), 220, np.float32), rng.random((1, samples), np.float32)
    alone, mixed = (
        _play(decoder, np.array([1]), rows[:, None], f0_hz, uniforms, CONFIG.tick)
        for rows in (one, _mixed([one], (1.0,)))
    )
    np.testing.assert_array_equal(alone, mixed)


def test_a_partial_whose_frequency_changes_fades_first(decoder):
    """No step: another note's partials take over in two ticks."""
    rows = np.zeros((12, 1, CONFIG.latent), np.float32)
    rows[..., CONFIG.detail] = -20
    free = np.full((12, 2, CONFIG.partials), -4.0, np.float32)
    free[:, LEVEL, 0] = -0.5
    free[:, RATIO] = 1.0
    free[6:, RATIO, 0] = 7.3
    rows[:, 0, CONFIG.free] = free.reshape(12, -1)
    samples = 12 * CONFIG.tick
    f0_hz = np.full((1, samples), 200, np.float32)
    played = _play(decoder, np.array([0]), rows, f0_hz, np.full((1, samples), 0.5, np.float32), CONFIG.tick)[0]
    loudest, steepest = np.abs(played).max(), 2 * np.pi * 7.3 * 200 / CONFIG.rate
    assert np.abs(np.diff(played)).max() < 1.5 * loudest * steepest
    second = played[9 * CONFIG.tick :]
    hz = np.abs(np.fft.rfft(second * np.hanning(len(second)))).argmax() * CONFIG.rate / len(second)
    assert abs(hz - 1460) < CONFIG.rate / len(second)


def _between(weights, lines_db, noise_db):
    """A row without free partials whose lines and whose noise add up to this, where a note adds up to 0 dB."""
    row = _rows(np.random.default_rng(6), 1)[0]
    row[CONFIG.free.start : CONFIG.free.start + CONFIG.partials] = ABSENT  # of each
    row[CONFIG.spread] = row[CONFIG.deviation] = row[-1] = 0.0
    levels = np.exp(oracle.log_levels(CONFIG, weights, row, 220.0))
    lines, noise = levels[: CONFIG.harmonics], oracle._filters(CONFIG, levels[None, CONFIG.harmonics :])[0]
    details = row[CONFIG.detail]
    details[: CONFIG.harmonics] += lines_db / 20 * np.log(10) - 0.5 * np.log((lines**2).sum() / 2)
    details[CONFIG.harmonics :] += noise_db / 20 * np.log(10) - 0.5 * np.log((noise**2).sum())
    return row


def _held(decoder, row, uniforms):
    """float32 (samples,) at 220 Hz, where a note has a power of 1; the first tick is left out."""
    samples = len(uniforms)
    f0_hz, rows = np.full((1, samples), 220, np.float32), np.repeat(row[None, None], TICKS, 0)
    return _play(decoder, np.array([0]), rows, f0_hz, uniforms[None], CONFIG.tick)[0][CONFIG.tick :] / REFERENCE_LEVEL


@pytest.mark.parametrize(("lower_db", "heard_db"), [(0.0, 0.0), (1.5, -1.5), (9.0, -2.0), (20.0, -10.0)])
def test_what_is_between_two_sounds_is_hardly_softer_than_a_note(decoder, weights, lower_db, heard_db):
    """Levels that add up to less than those of a note are lifted: to 2 dB below it, by 10 dB at most."""
    audio = _held(decoder, _between(weights, -lower_db, -170.0), np.full(TICKS * CONFIG.tick, 0.5, np.float32))
    assert 10 * np.log10(np.square(audio).mean()) == pytest.approx(heard_db, abs=0.3)


@pytest.mark.parametrize(
    ("lines_db", "noise_db", "heard_db"),
    [(0.0, -30.0, -30.0), (-9.0, -30.0, -30.0), (-60.0, -9.0, -2.0), (-12.0, -12.0, -8.5)],
    ids=["enough", "weak lines", "weak noise alone", "as weak as each other"],
)
def test_noise_is_lifted_by_its_share_of_the_power_alone(decoder, weights, lines_db, noise_db, heard_db):
    row = _between(weights, lines_db, noise_db)
    uniforms = np.random.default_rng(3).random(TICKS * CONFIG.tick, np.float32)
    noise = _held(decoder, row, uniforms) - _held(decoder, row, np.full_like(uniforms, 0.5))  # lines are the same
    assert 10 * np.log10(np.square(noise).mean()) == pytest.approx(heard_db, abs=0.5)


@pytest.mark.parametrize(
    ("shares", "heard_db"), [((1.0,), -2.0), ((0.5, 0.5), 0.0), ((0.25,) * 4, 0.0), ((0.9, 0.1), -1.28)]
)
def test_a_mixture_is_as_loud_as_a_note(decoder, weights, shares, heard_db):
    """One sound keeps its level, within 2 dB; where two weigh as much as each other, what is lost is made good."""
    row = _between(weights, -9.0, -170.0)
    rows = _mixed([row[None]] * len(shares), shares)
    audio = _held(decoder, rows[0], np.full(TICKS * CONFIG.tick, 0.5, np.float32))
    assert 10 * np.log10(np.square(audio).mean()) == pytest.approx(heard_db, abs=0.3)
