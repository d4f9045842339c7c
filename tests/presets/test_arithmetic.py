"""Sums of sounds: what they are by definition, and what the pad plays between the same sounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import PresetError
from engine.commands import NoteOn
from engine.synth import Synth
from engine.voice.sound import Sound
from presets import arithmetic
from presets.arithmetic import analogous, analogy, backwards, cross_fade, faded, lasting, mixed, stretch, stretched
from presets.preset import EmbeddingSet, Preset
from tests.fakes import FAKE_CONFIG, FakeDecoder


def embeddings(seed, count=3, frames=20, latent=6):
    return np.random.default_rng(seed).standard_normal((count, frames, latent)).astype(np.float32)


@st.composite
def sounds(draw):
    """Any sound of four latents."""
    frames = draw(st.integers(1, 30))
    pitches = draw(st.sets(st.integers(0, 127), min_size=1, max_size=3))
    velocities = draw(st.sets(st.integers(1, 127), min_size=1, max_size=2))
    last = draw(st.integers(0, frames - 1))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    latents = rng.standard_normal((len(pitches), len(velocities), frames, 4)).astype(np.float32)
    return EmbeddingSet(
        draw(st.sampled_from(["flute", "a long name of a sound that fills a corner of the pad"])), latents,
        tuple(sorted(pitches)), tuple(sorted(velocities)), (draw(st.integers(0, last)), last),
        draw(st.integers(0, frames)), draw(st.sampled_from([0.0, -12.0])),
    )  # fmt: skip


def test_an_analogy_is_a_sum_and_solves_what_it_is_asked():
    a, b, c = embeddings(1)
    assert np.array_equal(analogous(a, b, c), c + b - a)
    assert np.allclose(analogous(a, a, c), c) and np.allclose(analogous(a, b, a), b)


def test_where_the_decoder_knows_a_sphere_the_sum_is_on_it_and_levels_stay_among_the_recorded():
    a, b, c = embeddings(2)
    found = analogous(a, b, c, timbre=4)
    assert np.allclose(found[:, :4].mean(-1), 0, atol=1e-5) and np.allclose(found[:, :4].std(-1), 1, atol=1e-4)
    direction = c[:, :4] + b[:, :4] - a[:, :4]
    assert all(np.corrcoef(one, other)[0, 1] > 0.9999 for one, other in zip(found[:, :4], direction, strict=True))
    low, high = np.stack([a, b, c])[..., 4:].min(0), np.stack([a, b, c])[..., 4:].max(0)
    assert (found[:, 4:] >= low).all() and (found[:, 4:] <= high).all()


def test_a_cross_fade_begins_as_one_and_ends_as_the_other():
    a, b, _ = embeddings(3)
    whole, late = cross_fade(a, b), cross_fade(a, b, 0.5, 0.75)
    assert np.allclose(whole[[0, -1]], [a[0], b[-1]]) and np.allclose(whole + cross_fade(b, a), a + b, atol=1e-6)
    assert np.array_equal(late[:10], a[:10]) and np.array_equal(late[15:], b[15:])


def test_stretching_keeps_ends_and_straight_lines():
    line = np.arange(12, dtype=np.float32)[:, None] * np.ones(3, np.float32)
    assert np.allclose(stretch(line, 23)[:, 0], np.arange(23) / 2)
    assert np.allclose(stretch(stretch(line, 23), 12), line, atol=1e-5)
    assert np.array_equal(stretch(line[:1], 4), np.repeat(line[:1], 4, 0))
    assert np.array_equal(lasting(line, 14)[-3:], line[[11, 11, 11]]) and len(lasting(line, 5)) == 5


@settings(max_examples=60, deadline=None)
@given(sounds(), sounds(), sounds())
def test_every_sum_is_a_sound_with_the_notes_and_times_of_the_one_that_it_is_based_on(a, b, c):
    made = analogy(a, b, c, timbre=3), mixed(c, b, 0.3), faded(c, a, 0.2, 0.7)
    for each in made:
        assert each.latents.dtype == np.float32 and each.latents.shape == c.latents.shape
        assert (each.pitches, each.velocities, each.release) == (c.pitches, c.velocities, c.release)
    assert np.allclose(mixed(c, b, 0.0).latents, c.latents)
    assert np.array_equal(backwards(backwards(c)).latents, c.latents)
    if c.latents.shape[2] > 1:
        twice = stretched(c, 2.0)
        assert twice.latents.shape[2] == 2 * c.latents.shape[2]
        assert twice.decay_db_per_s == pytest.approx(c.decay_db_per_s / 2, rel=0.5, abs=1e-9)


def test_what_cannot_be_is_one_line():
    sound = EmbeddingSet("flute", np.zeros((1, 1, 8, 4), np.float32))
    other = EmbeddingSet("oboe", np.zeros((1, 1, 8, 5), np.float32), pitches=(62,))
    with pytest.raises(PresetError, match="different weights"):
        mixed(sound, other, 0.5)
    with pytest.raises(PresetError, match="no note in common"):
        arithmetic.on_shared_notes(sound, other)
    with pytest.raises(PresetError, match="0 frames"):
        stretched(sound, 0.01)


def test_a_mixture_is_what_the_pad_plays_between_its_sounds():
    rng = np.random.default_rng(4)
    first = EmbeddingSet("a", rng.standard_normal((2, 1, 40, 4)).astype(np.float32), (50, 70), (90,), (10, 30), 34)
    second = EmbeddingSet("b", rng.standard_normal((1, 2, 33, 4)).astype(np.float32), (60,), (40, 120), (6, 20), 28)
    once = mixed(first, second, 0.25)
    played = []
    for corners, pad in (((first, second), (0.25, 0.0)), ((once, once), (0.0, 0.0))):
        synth = Synth(FakeDecoder(), 48000)
        synth.load(Sound.from_preset(Preset("x", corners * 2, pad=pad), FAKE_CONFIG))
        synth.handle(NoteOn(50, 90))
        ticks = 20 * FAKE_CONFIG.hop // FAKE_CONFIG.tick  # until the second would turn in its loop
        played.append([(synth.advance(), synth._voices._trajectories.latents[0].copy())[1] for _ in range(ticks)])
    assert np.allclose(*played, atol=1e-5)
