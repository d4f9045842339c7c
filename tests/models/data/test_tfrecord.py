"""TFRecord files: what TensorFlow wrote, what we make by hand, and every kind of damage."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import ModelError
from models.data import nsynth
from models.data.nsynth import read_examples
from models.data.tfrecord import MAX_RECORD, parse_example
from tests.models.data.record_writer import (
    checksum,
    example,
    floats,
    integers,
    message,
    note_features,
    record,
    texts,
    unpacked_floats,
    unpacked_integers,
)  # fmt: skip
from tests.paths import FIXTURES

GENUINE = FIXTURES / "nsynth" / "two.tfrecord.gz"
NAMES = ("flute_acoustic_002-069-100", "bass_synthetic_011-028-127")
SHORT = 8  # samples of a note where every byte is tried


@pytest.fixture
def short_notes(monkeypatch):
    monkeypatch.setattr(nsynth, "SAMPLES", SHORT)


def write(folder, *contents):
    path = folder / "notes.tfrecord"
    path.write_bytes(b"".join(contents))
    return path


def read(path):
    """(examples, reports)"""
    reports = []
    return list(read_examples(path, reports.append)), reports


def features(name=NAMES[0], **changed):
    found = note_features(name, np.linspace(-1, 1, SHORT)) | changed
    return {key: feature for key, feature in found.items() if feature is not None}


def short_file(folder):
    return write(folder, *(record(example(features(name))) for name in NAMES))


def test_reads_what_tensorflow_wrote(tmp_path):
    examples, reports = read(write(tmp_path, gzip.decompress(GENUINE.read_bytes())))
    sine = np.round(16384 * np.sin(2 * np.pi * np.arange(64000) / 64)) / 32768
    vocal, keyboard = examples
    assert reports == []
    assert (vocal.note_str, vocal.instrument_str) == ("vocal_synthetic_003-059-127", "vocal_synthetic_003")
    assert (vocal.family, vocal.source, vocal.pitch, vocal.velocity) == ("vocal", "synthetic", 59, 127)
    assert (vocal.sample_rate, vocal.qualities) == (16000, (0, 1, 0, 0, 0, 0, 0, 0, 1, 0))
    assert (keyboard.family, keyboard.source, keyboard.pitch, keyboard.velocity) == ("keyboard", "acoustic", 60, 25)
    assert vocal.audio.dtype == np.float32
    np.testing.assert_array_equal(vocal.audio, sine)
    np.testing.assert_array_equal(keyboard.audio, -sine / 2)


@pytest.mark.parametrize(
    ("feature", "expected"),
    [
        (integers(-1, 0, 300, 1 << 62), [-1, 0, 300, 1 << 62]),
        (unpacked_integers(-1, 0, 300, 1 << 62), [-1, 0, 300, 1 << 62]),
        (integers(-(1 << 63)), -(1 << 63)),
        (floats([0.5, -2.0]), [0.5, -2.0]),
        (unpacked_floats([0.5, -2.0]), [0.5, -2.0]),
        (texts("a", "ü"), ["a", "ü"]),
        (b"", []),
    ],
    ids=["packed", "unpacked", "smallest", "packed floats", "unpacked floats", "texts", "nothing"],
)
def test_every_kind_of_list(feature, expected):
    found = parse_example(example({"key": feature}))["key"]
    assert (found.tolist() if isinstance(found, np.ndarray) else found) == expected


def test_unpacked_lists_and_unknown_fields_make_the_same_note(short_notes, tmp_path):
    plain = features()
    other = plain | {"audio": unpacked_floats(np.linspace(-1, 1, SHORT)), "pitch": unpacked_integers(69)}
    unknown = message(7, b"later") + b"\x38\x05"
    (a, b), reports = read(write(tmp_path, record(example(plain)), record(example(other) + unknown)))
    assert reports == []
    assert (a.pitch, a.note_str, a.qualities) == (b.pitch, b.note_str, b.qualities)
    np.testing.assert_array_equal(a.audio, b.audio)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"audio": None}, "has no audio"),
        ({"note_str": None}, "has no note_str"),
        ({"pitch": None}, "has no pitch"),
        ({"pitch": integers(70)}, "pitch is 70, must be 69"),
        ({"pitch": texts("69")}, "pitch is str, must be int"),
        ({"velocity": integers(25)}, "velocity is 25, must be 100"),
        ({"instrument_family": integers(11)}, "instrument_family is 11, must be 2"),
        ({"instrument_source": integers(1)}, "instrument_source is 1, must be 0"),
        ({"instrument_str": texts("flute_acoustic_003")}, "must be 'flute_acoustic_002'"),
        ({"sample_rate": integers(44100)}, "sample_rate is 44100, must be 16000"),
        ({"qualities": integers(0, 1)}, "qualities are not 10"),
        ({"qualities": integers(*[2] * 10)}, "qualities are not 10"),
        ({"audio": floats([0.0] * 7)}, "has 7 samples, must have 8"),
        ({"audio": floats([np.nan] * 8)}, "not finite"),
        ({"audio": floats([1.5] * 8)}, "beyond full scale"),
        ({"note_str": texts("../../etc/passwd")}, "is not <family>_<source>"),
        ({"note_str": texts("flute_acoustic_002-200-100"), "pitch": integers(200)}, "not MIDI's"),
        ({"note_str": texts("flute_acoustic_002-069-000"), "velocity": integers(0)}, "not MIDI's"),
    ],
)
def test_a_note_that_cannot_be_is_named_and_left_out(short_notes, tmp_path, changed, reason):
    path = write(tmp_path, record(example(features(**changed))), record(example(features(NAMES[1]))))
    examples, reports = read(path)
    assert [found.note_str for found in examples] == [NAMES[1]]
    assert len(reports) == 1
    assert "notes.tfrecord: record 0: " in reports[0] and reason in reports[0]


def test_a_length_beyond_reason_is_not_read(short_notes, tmp_path):
    length = (MAX_RECORD + 1).to_bytes(8, "little")
    examples, reports = read(write(tmp_path, record(example(features())), length, checksum(length)))
    assert len(examples) == 1
    assert "record 1 has 16777217 bytes" in reports[0]


def test_every_flipped_byte_costs_its_record_and_is_named(short_notes, tmp_path):
    path = short_file(tmp_path)
    whole = path.read_bytes()
    size = len(record(example(features(NAMES[0]))))
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x11]) + whole[at + 1 :])
        examples, reports = read(path)
        damaged, place = divmod(at, size) if at < size else (1, at - size)
        kept = [NAMES[0]] if damaged else [NAMES[1]] if place >= 12 else []  # a damaged length ends the file
        assert [found.note_str for found in examples] == kept
        assert len(reports) == 1 and f"record {damaged}" in reports[0]


def test_every_truncation_keeps_the_records_before_it(short_notes, tmp_path):
    path = short_file(tmp_path)
    whole = path.read_bytes()
    size = len(record(example(features(NAMES[0]))))
    for at in range(len(whole)):
        path.write_bytes(whole[:at])
        examples, reports = read(path)
        assert [found.note_str for found in examples] == list(NAMES[: at // size])
        assert len(reports) == int(at not in (0, size))
        assert all(f"record {at // size} is cut off" in report for report in reports)


@pytest.mark.parametrize("flip", [0x01, 0x08, 0x80, 0xFF])
def test_a_damaged_message_under_a_right_checksum_never_crashes(short_notes, tmp_path, flip):
    content = example(features())
    damaged = [content[:at] + bytes([content[at] ^ flip]) + content[at + 1 :] for at in range(len(content))]
    examples, reports = read(write(tmp_path, *map(record, damaged)))
    assert len(examples) + len(reports) == len(content)
    assert len(reports) > len(content) / 4
    for found in examples:
        assert found.audio.shape == (SHORT,) and np.abs(found.audio).max() <= 1.0


@given(st.binary(max_size=200))
def test_any_bytes_are_a_tf_example_or_a_value_error(content):
    try:
        assert isinstance(parse_example(content), dict)
    except ValueError as error:
        assert str(error)


def test_a_missing_file_is_one_clear_line(tmp_path):
    with pytest.raises(ModelError, match="nowhere.tfrecord: cannot be read"):
        read(tmp_path / "nowhere.tfrecord")
