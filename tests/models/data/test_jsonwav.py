"""Folders in NSynth's JSON + WAV layout: streamed, checked, and every kind of damage."""

import json

import numpy as np
import pytest
import soundfile

from common.errors import ModelError
from models.data import jsonwav, nsynth
from models.data.jsonwav import read_entries
from models.data.nsynth import FAMILIES, find_sets, read_examples

NAMES = ("flute_acoustic_002-069-100", "bass_synthetic_011-028-127", "organ_electronic_000-108-025")
SHORT = 8  # samples of a note


@pytest.fixture(autouse=True)
def short_notes(monkeypatch):
    monkeypatch.setattr(nsynth, "SAMPLES", SHORT)


def entry(name, **changed):
    instrument_str, pitch, velocity = name.rsplit("-", 2)
    family, source, _ = instrument_str.rsplit("_", 2)
    found = {"note_str": name, "pitch": int(pitch), "velocity": int(velocity), "sample_rate": 16000}
    found |= {"instrument_str": instrument_str, "instrument_family": FAMILIES.index(family)}
    found |= {"instrument_source": ("acoustic", "electronic", "synthetic").index(source), "qualities": [0] * 10}
    return {key: value for key, value in (found | changed).items() if value is not None}


def write(folder, entries):
    """entries : {name: annotation}"""
    (folder / "audio").mkdir(parents=True)
    for index, name in enumerate(entries):
        write_wav(folder, name, np.arange(SHORT) * (index + 1))
    (folder / "examples.json").write_text(json.dumps(entries, indent=1))


def write_wav(folder, name, audio, rate=16000):
    soundfile.write(folder / "audio" / f"{name}.wav", np.asarray(audio, np.int16), rate, subtype="PCM_16")


def read(folder):
    """(names of the examples, reports)"""
    reports = []
    return [found.note_str for found in read_examples(folder, reports.append)], reports


def test_notes_are_what_the_folder_says(tmp_path):
    write(tmp_path, {name: entry(name) for name in NAMES})
    flute, bass, organ = read_examples(tmp_path)
    assert (bass.instrument_str, bass.family, bass.source) == ("bass_synthetic_011", "bass", "synthetic")
    assert (organ.pitch, organ.velocity, organ.qualities) == (108, 25, (0,) * 10)
    np.testing.assert_array_equal(flute.audio * 32768, np.arange(SHORT))


def test_entries_are_streamed_across_any_boundary(tmp_path, monkeypatch):
    entries = {f'"{number}" ü\\{{': {"text": "},{" * number, "list": [number, {"a": {}}]} for number in range(9)}
    path = tmp_path / "examples.json"
    for indent in (None, 2):
        path.write_text(json.dumps(entries, indent=indent))
        for chunk in (1, 2, 3, 7, 64, 1 << 16):
            monkeypatch.setattr(jsonwav, "CHUNK", chunk)
            assert dict(read_entries(path)) == entries


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"note_str": None}, "has no note_str"),
        ({"note_str": "../escape"}, "is not <family>_<source>"),
        ({"pitch": "69"}, "pitch is str, must be int"),
        ({"pitch": True}, "pitch is bool, must be int"),
        ({"sample_rate": 44100}, "sample_rate is 44100, must be 16000"),
        ({"qualities": None}, "has no qualities"),
        ({"instrument_family": 9}, "instrument_family is 9, must be 2"),
    ],
)
def test_a_wrong_annotation_is_named_and_left_out(tmp_path, changed, reason):
    write(tmp_path, {NAMES[0]: entry(NAMES[0], **changed), NAMES[1]: entry(NAMES[1])})
    names, reports = read(tmp_path)
    assert names == [NAMES[1]]
    assert len(reports) == 1 and f"{NAMES[0]}: " in reports[0] and reason in reports[0]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda folder, name: (folder / "audio" / f"{name}.wav").unlink(), "cannot be read"),
        (lambda folder, name: (folder / "audio" / f"{name}.wav").write_bytes(b"RIFF"), "cannot be read"),
        (lambda folder, name: (folder / "audio" / f"{name}.wav").write_bytes(b""), "cannot be read"),
        (lambda folder, name: write_wav(folder, name, [0] * 7), "1 channels of 7 samples at 16000 Hz"),
        (lambda folder, name: write_wav(folder, name, [0] * 8, rate=8000), "at 8000 Hz, must have 1 of 8 at 16000"),
        (lambda folder, name: write_wav(folder, name, [[0, 0]] * 8), "2 channels"),
    ],
    ids=["missing", "header cut off", "empty", "too short", "other rate", "stereo"],
)
def test_a_wav_that_cannot_be_used_is_named_and_left_out(tmp_path, damage, reason):
    write(tmp_path, {name: entry(name) for name in NAMES})
    damage(tmp_path, NAMES[1])
    names, reports = read(tmp_path)
    assert names == [NAMES[0], NAMES[2]]
    assert len(reports) == 1 and f"{NAMES[1]}.wav" in reports[0] and reason in reports[0]


def test_every_truncated_wav_is_named(tmp_path):
    write(tmp_path, {NAMES[0]: entry(NAMES[0])})
    path = tmp_path / "audio" / f"{NAMES[0]}.wav"
    whole = path.read_bytes()
    for at in range(len(whole) - 1):
        path.write_bytes(whole[:at])
        names, reports = read(tmp_path)
        assert names == [] and len(reports) == 1


def test_every_truncation_of_the_annotations_is_named(tmp_path):
    write(tmp_path, {name: entry(name) for name in NAMES[:2]})
    path = tmp_path / "examples.json"
    whole = path.read_bytes()
    for at in range(len(whole) - 1):
        path.write_bytes(whole[:at])
        names, reports = read(tmp_path)
        assert names == list(NAMES[: len(names)])
        assert len(reports) == 1 and "examples.json is damaged after" in reports[0]


@pytest.mark.parametrize("flip", [0x02, 0x80])
def test_every_flipped_byte_of_the_annotations_is_survived(tmp_path, flip):
    write(tmp_path, {name: entry(name) for name in NAMES[:1]})
    path = tmp_path / "examples.json"
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ flip]) + whole[at + 1 :])
        names, reports = read(tmp_path)
        assert names == [NAMES[0]] or (not names and reports)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, '{"a": ' + "9" * 5000 + "}", "null", ""])
def test_hostile_annotations_are_named(tmp_path, text):
    (tmp_path / "examples.json").write_text(text)
    names, reports = read(tmp_path)
    assert names == [] and len(reports) == 1


def test_a_folder_without_notes_is_one_clear_line(tmp_path):
    with pytest.raises(ModelError, match="has neither examples.json nor"):
        find_sets(tmp_path)
    with pytest.raises(ModelError, match="cannot be read"):
        read(tmp_path)


def test_both_forms_are_found_below_a_folder(tmp_path):
    write(tmp_path / "nsynth-valid", {NAMES[0]: entry(NAMES[0])})
    (tmp_path / "nsynth-train.tfrecord").write_bytes(b"")
    (tmp_path / "other").mkdir()
    assert find_sets(tmp_path) == [tmp_path / "nsynth-train.tfrecord", tmp_path / "nsynth-valid"]
    assert find_sets(tmp_path / "nsynth-valid") == [tmp_path / "nsynth-valid"]
