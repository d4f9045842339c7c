"""A recording of the player's own becomes a corner of a preset, on the command line."""

import os
import re

import numpy as np
import pytest
import soundfile

from engine.decoder.cpu.decoder import CpuDecoder
from models import checkpoints
from models.encoding.clips import decode_clips
from presets.file import read_preset, write_preset
from presets.pad import CORNERS
from tests.paths import FIXTURES

pytestmark = pytest.mark.slow


@pytest.fixture
def record(tmp_path):
    """Write a note, or noise, of any rate, channels and level: record("name.wav", rate=48000) -> path."""

    def call(name="horn.wav", f0_hz=220.0, rate=44100, channels=1, gain=0.3, before_s=0.25, **options):
        t = np.arange(round(0.8 * rate)) / rate
        note = sum(np.sin(2 * np.pi * k * f0_hz * t) / k for k in range(1, 6)) / 2
        if f0_hz == 0:
            note = np.random.default_rng(0).standard_normal(len(t)) / 4
        audio = gain * np.concatenate([np.zeros(round(before_s * rate)), note])
        soundfile.write(tmp_path / name, np.repeat(audio[:, None], channels, 1), rate, **options)
        return tmp_path / name

    return call


@pytest.fixture
def encode(manifold, instrument, tmp_path):
    """encode(source, *options) -> (Outcome, the preset that was written)."""

    def call(source, *options, preset=instrument.preset):
        output = tmp_path / "mine.manifold"
        options = [*options, *(["--preset", preset] if preset else []), "--weights", instrument.weights]
        outcome = manifold("encode", source, "-o", output, *options)
        return outcome, read_preset(output) if outcome.status == 0 else None

    return call


def test_a_note_is_put_into_the_corner_and_the_rest_stays(encode, record, instrument):
    outcome, made = encode(record(), "--corner", 3)
    assert (outcome.status, outcome.err) == (0, "")
    found, written = outcome.out.splitlines()
    assert "horn.wav: A3 +0 cents (220.0 Hz), from 0.25 s, 0." in found and "level +" in found
    assert written.endswith("mine.manifold: top left is horn")
    base = read_preset(instrument.preset)
    assert made.name == "mine" and made.pad == (0.0, 1.0) and made.parameters == base.parameters
    assert [corner.name for corner in made.corners] == ["A", "B", "horn", "D"]
    assert made.corners[2].pitches == (57,) and made.corners[2].latents.shape[:2] == (1, 1)
    np.testing.assert_array_equal(made.corners[0].latents, base.corners[0].latents)


@pytest.mark.parametrize(
    ("rate", "options"),
    [
        (8000, {}),
        (22050, {"gain": 0.003}),
        (48000, {"channels": 2}),
        (96000, {"channels": 8, "name": "horn.flac"}),
        (44100, {"name": "horn.ogg"}),
        (192000, {"subtype": "DOUBLE", "gain": 8.0}),
    ],
)
def test_rate_channels_format_and_level_do_not_matter(encode, record, instrument, rate, options):
    _, expected = encode(record())
    outcome, made = encode(record(rate=rate, **options))
    assert (outcome.status, outcome.err) == (0, "") and "A3 +0 cents" in outcome.out
    sounds = [preset.corners[0] for preset in (made, expected)]
    frames = min(sound.latents.shape[2] for sound in sounds)
    latents = np.stack([sound.latents[0, 0, :frames] for sound in sounds])
    decoder = CpuDecoder(*checkpoints.read(instrument.weights).network, voices=2)
    played = decode_clips(decoder, latents, np.array([220.0, 220.0]), temperature=0.0, seed=0)
    assert max(sound.latents.shape[2] for sound in sounds) - frames < 5
    levels_db = 20 * np.log10(np.sqrt((played.reshape(2, frames, -1)[:, 4:-4] ** 2).mean(2)))
    np.testing.assert_allclose(levels_db[0], levels_db[1], atol=0.7)


def test_without_a_preset_for_other_weights_the_sound_is_everywhere(encode, record, instrument):
    outcome, made = encode(record(), preset=None)
    assert outcome.out.endswith("all corners are horn\n")
    assert [corner.name for corner in made.corners] == ["horn"] * CORNERS
    assert made.model == checkpoints.read(instrument.weights).fingerprint


def test_noise_asks_for_its_note_and_takes_it(encode, record):
    noise = record(f0_hz=0, name="hiss.wav")
    outcome, _ = encode(noise)
    assert outcome.status == 3 and outcome.err.count("\n") == 1
    assert outcome.err.startswith(f"manifold: {noise}: no clear pitch in it") and "--note" in outcome.err
    outcome, made = encode(noise, "--note", "Bb2")
    assert outcome.status == 0 and made.corners[0].pitches == (46,) and "B♭2 +0 cents" in outcome.out


def test_a_named_note_keeps_its_cents(encode, record):
    outcome, _ = encode(record(f0_hz=222.0), "--note", 57)
    assert "A3 +16 cents (222.0 Hz)" in outcome.out


def test_what_cannot_be_used_is_one_line(encode, record, instrument, tmp_path):
    outcome, _ = encode(record(gain=0.0))
    assert outcome.status == 1 and "nothing but silence" in outcome.err and outcome.err.count("\n") == 1
    soundfile.write(tmp_path / "tick.wav", np.sin(np.arange(300) / 9), 16000)
    outcome, _ = encode(tmp_path / "tick.wav")
    assert "ms of sound; a note needs at least" in outcome.err
    write_preset(replaced(instrument.preset, model="0" * 16), tmp_path / "other.manifold")
    outcome, _ = encode(record(), preset=tmp_path / "other.manifold")
    assert outcome.status == 1 and "made with other weights" in outcome.err
    outcome, _ = encode(record(), "--corner", 5)
    assert outcome.status == 1 and "there is no sound 5; it has 4" in outcome.err
    assert encode(record(), "--note", "H3")[0].status == 2


def replaced(path, **fields):
    from dataclasses import replace

    return replace(read_preset(path), **fields)


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("s01_sides_opposite.wav", "A3 +0 cents .*its sides cancel each other or are shifted, the left one is taken"),
        ("s04_chord_c_e_g.wav", "several pitches, keeps [3-7][0-9] % of its energy outside harmonics"),
        ("s06_reversed.wav", "A3 +0 cents .*from 0.00 s, 1.00 s long"),
        ("s08_note_after_61_s.flac", "A3 +0 cents .*from 61.00 s, 1.01 s long"),
        ("s19_a_6_khz_whistle.wav", r"F♯8 \+23 cents \(6000.0 Hz\)"),
        ("s23_bell.wav", "keeps 1[0-9] % of its energy outside harmonics"),
    ],
)
def test_sounds_as_they_are_found(encode, case, told):
    """Small recordings that once went wrong, each with what is told of it."""
    outcome, made = encode(FIXTURES / "cases" / case)
    assert outcome.status == 0 and re.search(told.replace(" +0", r" \+0"), outcome.out.splitlines()[0])
    assert made.corners[0].name == case.partition(".")[0]


def test_where_the_first_minute_has_no_note_it_says_that_no_more_is_looked_at(encode, tmp_path):
    soundfile.write(tmp_path / "long.wav", np.random.default_rng(0).standard_normal(70 * 8000) / 9, 8000)
    outcome, _ = encode(tmp_path / "long.wav")
    assert outcome.status == 3 and "(only 60 s from 0 s on are looked at)" in outcome.err


def test_a_name_that_is_not_utf8_becomes_a_name_that_can_be_shown(encode, record, tmp_path):
    path = tmp_path / os.fsdecode(b"gr\xfcn.wav")
    record().rename(path)
    outcome, made = encode(path)
    assert outcome.status == 0 and "gr?n.wav: A3" in outcome.out and made.corners[0].name == "gr n"
