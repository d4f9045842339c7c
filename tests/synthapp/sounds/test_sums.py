"""Sums of sounds by command: of corners, embeddings and recordings, into all three kinds of files."""

import numpy as np
import pytest
import soundfile

from models import checkpoints
from presets.arithmetic import analogous, analogy
from presets.file import read_preset
from synthapp.sounds.playable import timbre_of
from synthapp.sounds.sums import one_note


@pytest.fixture
def corner(instrument):
    return lambda number: f"{instrument.preset}:{number}"


def test_an_analogy_of_corners_is_a_corner(manifold, instrument, corner, tmp_path):
    made, weights = tmp_path / "sum.manifold", instrument.weights
    outcome = manifold(
        "embedding", "analogy", corner(1), corner("B"), corner(4), "-o", made, "--weights", weights,
        "--preset", instrument.preset, "--corner", "3",
    )  # fmt: skip
    assert outcome.status == 0, outcome
    tiny, sums = read_preset(instrument.preset), read_preset(made)
    config = checkpoints.read(weights).config
    a, b, _, d = tiny.corners
    assert np.allclose(sums.corners[2].latents, analogy(a, b, d, timbre=config.timbre).latents, atol=2e-3)  # as stored
    assert sums.corners[2].name == "D + B − A" and np.array_equal(sums.corners[0].latents, a.latents)


def test_embeddings_are_summed_as_numbers_and_heard(manifold, instrument, corner, tmp_path):
    config, preset = checkpoints.read(instrument.weights).config, read_preset(instrument.preset)
    weights = ("--weights", instrument.weights)
    first, back, out = tmp_path / "first.npy", tmp_path / "back.npy", tmp_path / "out.wav"
    assert manifold("embedding", "stretch", corner(1), "-o", first, "--times", "1", *weights).status == 0
    assert np.array_equal(np.load(first), preset.corners[0].latents[0, 0])
    outcome = manifold("embedding", "analogy", first, corner(2), corner(3), "-o", back, *weights)
    assert outcome.status == 0, outcome
    three = [one_note(sound, config, 60) for sound in preset.corners[:3]]
    assert np.allclose(np.load(back), analogous(*three, timbre_of(config)), atol=1e-6)
    assert manifold("embedding", "reverse", back, "-o", back, *weights).status == 0
    assert np.allclose(np.load(back)[::-1], analogous(*three, timbre_of(config)), atol=1e-6)
    assert manifold("embedding", "fade", first, back, "-o", out, "--note", "A4", *weights).status == 0
    assert len(soundfile.read(out)[0]) == 16 * config.hop


def test_a_recording_is_a_sound_too(manifold, instrument, corner, tmp_path):
    times, made = np.arange(16000) / 16000, tmp_path / "mix.manifold"
    soundfile.write(tmp_path / "a.wav", 0.3 * np.sin(2 * np.pi * 440 * times) * np.minimum(1, times / 0.02), 16000)
    outcome = manifold(
        "embedding", "mix", corner(1), tmp_path / "a.wav", "-o", made, "--share", "0.5", "--weights", instrument.weights
    )
    assert outcome.status == 0 and read_preset(made).corners[0].name == "A, 50% a", outcome


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("mix", "{preset}:9", "{preset}:1"), "no corner '9'; there are 1 to 4: A, B, C, D"),
        (("mix", "nowhere.npy", "{preset}:1"), "nowhere.npy: no such file"),
        (("fade", "{preset}:1", "{preset}:2", "--begin", "0.9", "--end", "0.1"), "begins before it ends"),
    ],
)
def test_what_cannot_be_is_one_line(manifold, instrument, tmp_path, arguments, told):
    words = [word.format(preset=instrument.preset) for word in arguments]
    outcome = manifold("embedding", *words, "-o", tmp_path / "x.npy", "--weights", instrument.weights)
    assert outcome.status == 1 and told in outcome.err and outcome.err.count("\n") == 1
    assert not list(tmp_path.glob("x*"))


def test_a_sound_that_fades_by_itself_fades_in_its_embedding(instrument):
    from dataclasses import replace

    config, sound = checkpoints.read(instrument.weights).config, read_preset(instrument.preset).corners[0]
    fading = one_note(replace(sound, decay_db_per_s=-10.0), config, 60)[:, -1]
    steps = np.diff(fading[sound.loop[0] :])
    assert np.allclose(steps, -10.0 * config.hop / config.rate, atol=1e-4) and not fading[: sound.loop[0]].any()
