"""Recordings of sines, made here sample by sample, as the decoder plays them."""

import numpy as np
import pytest

from common.errors import ModelError
from engine.decoder.frozen.decoder import FrozenDecoder
from engine.decoder.opening import open_decoder
from engine.decoder.protocol import DecoderChoice
from models.checkpoints import Checkpoint
from models.frozen import Channel, FrozenConfig

RATE, KEY = 16000, 69
PERIOD = RATE / 440
START, ROUNDS = 4000, 100  # of the loop: samples, periods
HELD, SAMPLES = 9600, 12800
CONFIG = FrozenConfig(RATE, 512, 2, (KEY,), SAMPLES, HELD)


def pad(cents=(0.0,) * 4, levels=(0.0,) * 4):
    """Recordings of one sine, at every point as far off the key, and as loud. They are alike at one phase."""
    phases = np.cumsum(np.repeat(2.0 ** (np.array(cents)[:, None] / 1200), SAMPLES + 1, 1), axis=1)
    phases -= phases[:, :1]
    ticks = np.arange(CONFIG.ticks) * float(CONFIG.tick)
    places = np.arange(SAMPLES + 1.0)
    ahead = PERIOD * np.round((phases[:, HELD] - HELD) / PERIOD)
    held = np.array([np.interp(ticks, row, places) for row in phases]) - ticks
    after = np.array([np.interp(ticks, row - lead, places) for row, lead in zip(phases, ahead, strict=True)]) - ticks
    return {
        "notes": np.rint(32767 * np.sin(2 * np.pi * phases[None, :, :-1] / PERIOD)).astype(np.int16),
        "peaks": np.ones((1, 4), np.float32),
        "levels": np.repeat(np.array(levels)[None, :, None], CONFIG.ticks, 2).astype(np.float32),
        "warps": np.where(ticks < HELD - 200, held, after)[None].astype(np.float32),
        "loops": np.array([[START, START + ROUNDS * PERIOD]], np.float32),
        "likeness": np.ones((1, 4, 4), np.float32),
    }


def latents(x=0.0, y=0.0, released=0.0, level_db=0.0, start_s=0.0):
    row = np.zeros((1, len(Channel)), np.float32)
    row[0] = x, y, 0, start_s, released, level_db
    return row


def render(decoder, samples, *arguments, block=None, hz=440.0, **fields):
    audio, block = np.zeros((1, samples), np.float32), block or samples
    for first in range(0, samples, block):
        part = audio[:, first : first + block]
        f0_hz, nothing = np.full_like(part, hz), np.zeros_like(part)
        decoder.render(np.array([0]), latents(*arguments, **fields), f0_hz, np.zeros(1, np.float32), nothing, part)
    return audio[0]


def sine(samples, level=1.0, hz=440.0):
    return level * np.sin(2 * np.pi * hz * np.arange(samples) / RATE)


def test_a_grid_point_is_its_recording_and_goes_round_its_loop_for_ever():
    audio = render(FrozenDecoder(CONFIG, pad(), 1), 60000)
    assert np.abs(audio - sine(60000)).max() < 1e-3


@pytest.mark.parametrize("block", [1, 64, 333])
def test_blocks_of_any_size_give_the_same_bits(block):
    def played(block):
        decoder = FrozenDecoder(CONFIG, pad(cents=(0, 5, -5, 0)), 1)
        parts = [render(decoder, 3000, 0.0, 0.3, block=block), render(decoder, 3000, 0.8, 0.3, block=block)]
        return np.concatenate([*parts, render(decoder, 3000, 0.8, 0.3, released=1.0, block=block)])

    np.testing.assert_array_equal(played(block), played(3000))


def test_notes_off_the_key_do_not_comb_and_their_mixture_is_as_far_off_as_they_are_on_average():
    """At 20 cents from each other two sines are opposite after 0.1 s."""
    audio = render(FrozenDecoder(CONFIG, pad(cents=(-10, 10, -10, 10)), 1), 40000, 0.5, 0.5)
    loudness = np.sqrt((audio.reshape(-1, 400) ** 2).mean(1))
    assert loudness == pytest.approx(np.sqrt(0.5), rel=0.03)
    assert np.abs(audio[:8000] - sine(8000)).max() < 0.03  # a hundredth of a cent


@pytest.mark.parametrize("semitones", [-24, -7, -0.5, 0.01, 2, 12, 23.99])
def test_other_keys_are_the_recording_read_faster_or_slower(semitones):
    hz = 440 * 2 ** (semitones / 12)
    audio = render(FrozenDecoder(CONFIG, pad(cents=(0, 8, 0, 8)), 1), 30000, 0.0, 0.0, hz=hz)
    assert np.abs(audio - sine(30000, hz=hz))[64:].max() < 2e-3  # a sine that begins is not band-limited


def test_what_would_be_beyond_the_nyquist_frequency_is_not_heard():
    weights = pad()
    tone = np.cos(2 * np.pi * 5000 * np.arange(SAMPLES) / RATE)
    weights["notes"][:] = np.rint(32767 * tone)
    audio = render(FrozenDecoder(CONFIG, weights, 1), 4000, hz=880)  # 10 kHz
    assert np.abs(audio[200:]).max() < 1e-3


def test_levels_mix_in_decibels():
    audio = render(FrozenDecoder(CONFIG, pad(levels=(0, -20, 0, -20)), 1), 4000, 0.5, 0.0)
    assert 20 * np.log10(np.abs(audio).max()) == pytest.approx(-10, abs=0.1)


def test_unlike_notes_mix_as_loud_as_they_are():
    weights = pad()
    noise = np.random.default_rng(1).normal(0, 8000, weights["notes"].shape).clip(-32767, 32767)
    weights |= {"notes": noise.astype(np.int16), "likeness": np.zeros((1, 4, 4), np.float32)}
    corner, middle = (render(FrozenDecoder(CONFIG, weights, 1), 8000, place, place) for place in (0.0, 0.5))
    assert middle.std() == pytest.approx(corner.std(), rel=0.03)


def test_a_note_let_go_anywhere_goes_on_in_phase_through_its_release_and_ends():
    for held in (700, 5000, 23456):
        decoder = FrozenDecoder(CONFIG, pad(cents=(0, 7, 0, 7)), 1)
        audio = np.concatenate([render(decoder, held), render(decoder, 2000, released=1.0)])
        assert np.abs(audio - sine(len(audio))).max() < 0.05  # sample by sample: the phase went on
        assert not render(decoder, 3000, released=1.0)[-1000:].any()


def test_level_and_start_follow_the_latents():
    decoder = FrozenDecoder(CONFIG, pad(), 1)
    assert np.abs(render(decoder, 1000, level_db=-20.0)).max() == pytest.approx(0.1, rel=0.01)
    decoder.reset(np.array([0]))
    begun = render(decoder, 100, start_s=0.1)
    at = 0.1 * RATE + (CONFIG.hop - CONFIG.tick) / 2
    assert np.abs(begun - np.sin(2 * np.pi * 440 * (np.arange(100) + at) / RATE)).max() < 1e-3


def test_recordings_have_their_decoder_whatever_is_wished_for_networks():
    checkpoint = Checkpoint(CONFIG, pad())
    for backend in ("auto", "cpu", "frozen"):
        assert isinstance(open_decoder(checkpoint, 2, DecoderChoice(backend)), FrozenDecoder)
    with pytest.raises(ModelError, match="no decoder 'abacus'"):
        open_decoder(checkpoint, 2, DecoderChoice("abacus"))


@pytest.mark.parametrize(
    ("name", "value", "match"),
    [
        ("loops", [[400.0, 400.0]], "loops"),
        ("loops", [[-1.0, 400.0]], "loops"),
        ("loops", [[400.0, HELD + 1.0]], "loops"),
        ("warps", np.full((1, 4, CONFIG.ticks), 1e30), "warps"),
        ("likeness", np.full((1, 4, 4), -1.0), "likeness"),
    ],
)
def test_tensors_that_lead_out_of_the_recordings_are_refused(name, value, match):
    with pytest.raises(ModelError, match=match):
        open_decoder(Checkpoint(CONFIG, pad() | {name: np.array(value, np.float32)}), 1)


def test_latents_beyond_the_pad_are_its_edge():
    weights = pad(levels=(0, -20, 0, -20))
    edge, beyond = (render(FrozenDecoder(CONFIG, weights, 1), 500, x, y) for x, y in ((1.0, 0.0), (9.0, -1e6)))
    np.testing.assert_array_equal(edge, beyond)


def test_any_pitch_and_any_warp_stay_inside():
    warps = np.random.default_rng(2).uniform(-SAMPLES, SAMPLES, (1, 4, CONFIG.ticks)).astype(np.float32)
    decoder = FrozenDecoder(CONFIG, pad() | {"warps": warps}, 1)
    for hz in (1.0, 8000.0):
        assert np.isfinite(render(decoder, 5000, 0.3, 0.7, hz=hz)).all()
        assert np.isfinite(render(decoder, 5000, 0.3, 0.7, hz=hz, released=1.0)).all()
