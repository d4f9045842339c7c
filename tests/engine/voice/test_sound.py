"""Packing a preset for the kernel, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from common.errors import PresetError
from engine.parameters import TABLE, Param
from engine.voice.sound import SOURCE_RANGE, Sound, pitch_notice, recorded_release_ms
from engine.voice.varispeed import HIGHEST, LOWEST
from models.config import WaveNetConfig
from presets.preset import EmbeddingSet, Preset
from tests.fakes import FAKE_CONFIG, NOTE_CONFIG, fake_preset, note_preset


def test_rows_are_where_the_corners_say():
    chance = np.random.default_rng(1)
    shapes = ((2, 3, 5, 4), (1, 1, 7, 4), (3, 1, 2, 4), (1, 2, 4, 4))
    corners = tuple(
        EmbeddingSet(
            "x",
            chance.standard_normal(shape).astype(np.float32),
            pitches=tuple(range(40, 40 + shape[0])),
            velocities=tuple(range(10, 10 + shape[1])),
        )
        for shape in shapes
    )
    sound = Sound.from_preset(Preset("x", corners), FAKE_CONFIG)
    for corner, embedding in zip(sound.corners, corners, strict=True):
        _, velocities, frames, _ = embedding.latents.shape
        for place in np.ndindex(embedding.latents.shape[:3]):
            row = corner["offset"] + (place[0] * velocities + place[1]) * frames + place[2]
            np.testing.assert_array_equal(sound.latents[row], embedding.latents[place])
    assert sound.pitches[0, :2].tolist() == [40, 41]
    assert sound.velocities[0, :3].tolist() == [10, 11, 12]


def test_parameters_are_the_presets_or_the_defaults():
    sound = Sound.from_preset(fake_preset(parameters={"release_ms": 123.0}), FAKE_CONFIG)
    assert sound.parameters[Param.RELEASE_MS] == 123.0
    assert sound.parameters[Param.GAIN_DB] == TABLE[Param.GAIN_DB].default


@pytest.mark.parametrize(
    ("parameters", "named"),
    [({"bogus": 1.0}, "bogus"), ({"RELEASE_MS": 100.0}, "RELEASE_MS"), ({"sustain": 1.5}, "sustain is 1.5")],
)
def test_parameters_that_do_not_fit(parameters, named):
    with pytest.raises(PresetError, match=named):
        Sound.from_preset(fake_preset(parameters=parameters), FAKE_CONFIG)


def test_latents_of_another_model():
    config = WaveNetConfig(**{**FAKE_CONFIG.to_dict(), "latent": 7})
    with pytest.raises(PresetError, match="4 channels and the model has 7"):
        Sound.from_preset(fake_preset(), config)


def test_a_release_past_the_end_is_the_last_frame():
    preset = fake_preset()
    corners = tuple(replace(corner, release=corner.latents.shape[2]) for corner in preset.corners)
    sound = Sound.from_preset(replace(preset, corners=corners), FAKE_CONFIG)
    assert (sound.corners["release"] == sound.corners["frames"] - 1).all()


def test_the_recorded_release_is_the_longest_of_the_corners():
    """Frames of 512 samples at 16 kHz are 32 ms."""
    sounds = [EmbeddingSet("x", np.zeros((1, 1, 40, 4), np.float32), loop=(4, 10), release=r) for r in (30, 20, 35, 30)]
    config = replace(FAKE_CONFIG, hop=512, rate=16000)
    assert recorded_release_ms(Preset("p", tuple(sounds)), config) == pytest.approx(19 * 32)
    ringing = replace(sounds[0], release=40)
    assert recorded_release_ms(Preset("p", (ringing, *sounds[1:])), config) == 0.0


def source_notes(*pitches):
    """int (128, points): the MIDI note of each corner for every key."""
    preset = note_preset(*pitches)
    rows = Sound.from_preset(preset, NOTE_CONFIG).sources
    return np.stack([np.array(corner.pitches)[row] for corner, row in zip(preset.corners, rows, strict=True)], 1)


def test_all_corners_play_the_note_nearest_to_the_key_that_they_share():
    notes = source_notes((24, 40, 60, 64, 72), (40, 50, 60, 72), (36, 40, 60, 66, 72), (40, 60, 72, 96))
    assert (np.ptp(notes[40 - SOURCE_RANGE : 72 + SOURCE_RANGE + 1], axis=1) == 0).all()
    assert notes[[21, 49, 50, 65, 66, 67, 96], 0].tolist() == [40, 40, 60, 60, 72, 72, 72]


def test_corners_without_a_note_in_common_play_their_own_nearest():
    notes = source_notes((60,), (62, 84), (57, 64), (50,))
    assert notes[61].tolist() == [60, 62, 64, 50]
    notes = source_notes((36, 100), (36, 70), (36, 60), (36, 96))  # what they share is in range up to 60
    assert notes[60].tolist() == [36] * 4 and notes[80].tolist() == [100, 70, 60, 96]
    assert notes[85].tolist() == [36] * 4  # nor would their own be in range: one note, clamped


def test_the_range_is_that_of_the_streams():
    assert 2 ** (SOURCE_RANGE / 12) == HIGHEST == 1 / LOWEST


def test_keys_that_cannot_be_in_tune_are_told():
    assert pitch_notice(note_preset(tuple(range(24, 97, 4))), NOTE_CONFIG) == ""
    assert pitch_notice(note_preset((60,)), FAKE_CONFIG) == ""
    assert "keys 21-35, 85-108 lie more than two octaves" in pitch_notice(note_preset((60,)), NOTE_CONFIG)
    apart = pitch_notice(note_preset((48, 84), (49, 84), (48, 84), (48, 84)), NOTE_CONFIG)
    assert "at keys 25-59 its sounds have no note in common" in apart
    assert "keys 21-24 lie more" in apart
