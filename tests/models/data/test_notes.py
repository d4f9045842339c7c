"""Notes in memory: either form gives the same, corrupt ones are left out and counted."""

import json
import logging

import numpy as np
import pytest
import soundfile

from common.errors import ModelError
from models.data.notes import PEAK_LEVEL, read_notes
from tests.models.data.record_writer import example, note_features, record

TONES = {
    "flute_acoustic_002-069-100": 0.1,
    "bass_synthetic_011-028-127": 0.8,
    "flute_acoustic_002-072-050": 0.02,
}


def tone(name, peak):
    """float32 (64000,), as 16-bit PCM holds it."""
    wave = np.sin(2 * np.pi * int(name[-7:-4]) * np.arange(64000) / 1000)
    return np.round(peak * wave * 32767).astype(np.float32) / 32768


def write_tfrecord(folder):
    path = folder / "nsynth-train.tfrecord"
    path.write_bytes(b"".join(record(example(note_features(name, tone(name, peak)))) for name, peak in TONES.items()))
    return path


def write_jsonwav(folder):
    (folder / "audio").mkdir()
    entries = {}
    for name, peak in TONES.items():
        instrument_str, pitch, velocity = name.rsplit("-", 2)
        family, source = (2, 0) if name.startswith("flute") else (0, 2)
        entries[name] = {"note_str": name, "pitch": int(pitch), "velocity": int(velocity), "sample_rate": 16000}
        entries[name] |= {"instrument_family": family, "instrument_source": source, "qualities": [0] * 10}
        soundfile.write(folder / "audio" / f"{name}.wav", tone(name, peak), 16000, subtype="PCM_16")
    (folder / "examples.json").write_text(json.dumps(entries))
    return folder


def test_both_forms_give_the_same_notes(tmp_path):
    a, b = read_notes(write_tfrecord(tmp_path)), read_notes(write_jsonwav(tmp_path))
    assert a.names == b.names == ("bass_synthetic_011", "flute_acoustic_002")
    for notes in (a, b):
        assert notes.instrument.tolist() == [1, 0, 1]
        assert notes.pitch.tolist() == [69, 28, 72]
        assert notes.velocity.tolist() == [100, 127, 50]
        assert notes.f0_hz[0] == pytest.approx(440.0)
    np.testing.assert_array_equal(a.audio, b.audio)
    np.testing.assert_array_equal(a.audio[1], np.round(tone("bass_synthetic_011-028-127", 0.8) * 32768))


def test_an_instrument_is_scaled_as_a_whole(tmp_path):
    notes = read_notes(write_tfrecord(tmp_path))
    assert np.abs(notes.sound(1)).max() == pytest.approx(PEAK_LEVEL, rel=1e-3)
    loud, soft = np.abs(notes.sound(0)).max(), np.abs(notes.sound(2)).max()
    assert loud == pytest.approx(PEAK_LEVEL, rel=0.05)
    assert loud / soft == pytest.approx(5.0, rel=0.01)


def test_corrupt_notes_are_named_and_counted(tmp_path, caplog):
    folder = write_jsonwav(tmp_path)
    (folder / "audio" / "flute_acoustic_002-072-050.wav").write_bytes(b"no sound")
    with caplog.at_level(logging.WARNING):
        notes = read_notes(folder)
    assert len(notes.audio) == 2
    assert "flute_acoustic_002-072-050.wav cannot be read" in caplog.messages[0]
    assert "1 corrupt notes left out, 2 read" in caplog.messages[1]


def test_a_set_without_a_sound_note_is_one_clear_line(tmp_path):
    path = tmp_path / "nsynth-train.tfrecord"
    path.write_bytes(b"\0" * 1000)
    with pytest.raises(ModelError, match="nsynth-train.tfrecord: holds no note that can be used"):
        read_notes(path)
