"""Rendering a small sound font: what is written, what each split holds, going on after a kill, every wrong input."""

import json
import subprocess
import sys
import time

import numpy as np
import pytest

from common.errors import ModelError
from models.data import soundfont
from models.data.notes import read_notes
from models.data.nsynth import RATE, read_examples
from models.data.programs import HELD_OUT, PROGRAMS, find_program
from models.data.soundfont import FontPlayer, plan, render_notes
from tests.models.data.font_writer import write_font
from tests.paths import ROOT

pytestmark = pytest.mark.slow

INSTRUMENTS = FLUTE, PIANO, VIOLA = tuple(map(find_program, ("flute", "grand piano", "viola")))
STEP, VELOCITIES = 6, (40, 120)


@pytest.fixture(scope="module")
def font(tmp_path_factory):
    return write_font(tmp_path_factory.mktemp("font") / "sine.sf2", (0, 41, 73))


@pytest.fixture(scope="module")
def rendered(font, tmp_path_factory):
    """One folder of two instruments and a held-out one, and what render_notes returned."""
    folder = tmp_path_factory.mktemp("rendered")
    return folder, render_notes(font, folder, INSTRUMENTS, STEP, VELOCITIES)


def content(folder):
    """{path: bytes} of all that is in the folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_split_can_be_read(rendered):
    folder, counts = rendered
    assert counts == {"train": 2 * (7 + 13), "valid": 7, "test": 3 + 7}
    for split, count in counts.items():
        assert len(list(read_examples(folder / split, pytest.fail))) == count
    assert read_notes(folder / "valid").names == ("string_acoustic_041",)


def test_a_note_has_the_pitch_and_the_length_of_its_key(rendered):
    notes = {note.note_str: note.audio for note in read_examples(rendered[0] / "train", pytest.fail)}
    loud, soft = notes["flute_acoustic_073-078-120"], notes["flute_acoustic_073-078-040"]
    spectrum = np.abs(np.fft.rfft(loud[:48000] * np.hanning(48000), 1 << 20))
    f0_hz = spectrum.argmax() * 16000 / (1 << 20)
    assert abs(1200 * np.log2(f0_hz / (440 * 2 ** (9 / 12)))) < 1.0
    assert np.abs(loud[47000:48000]).max() > 0.9 * np.abs(loud).max()
    assert np.abs(loud[50000:]).max() < 0.01 * np.abs(loud).max()
    assert 3 < np.abs(loud).max() / np.abs(soft).max() < 30


def test_a_note_is_the_same_whatever_was_played_before(font):
    first, second = FontPlayer(font), FontPlayer(font)
    a = first.play(FLUTE, 72, 100)
    second.play(PIANO, 30, 127)
    second.play(FLUTE, 90, 20)
    np.testing.assert_array_equal(a, second.play(FLUTE, 72, 100))


def test_what_is_there_is_kept_and_what_is_missing_is_made(rendered, font):
    folder, counts = rendered
    whole = content(folder)
    for name in sorted(whole)[::3]:
        (folder / name).unlink()
    kept = sorted((folder / "train" / "audio").glob("*.wav"))[0]
    stamp = kept.stat().st_mtime_ns
    assert render_notes(font, folder, INSTRUMENTS, STEP, VELOCITIES) == counts
    assert content(folder) == whole
    assert kept.stat().st_mtime_ns == stamp


def test_a_killed_rendering_leaves_whole_files_and_goes_on(rendered, font, tmp_path):
    names = [program.name for program in INSTRUMENTS]
    options = ["--step", str(STEP), "--velocities", ",".join(map(str, VELOCITIES)), "--programs", ",".join(names)]
    command = [sys.executable, "app.py", "notes", "render", font, *options, "-o", tmp_path]
    process = subprocess.Popen(command, cwd=ROOT)
    while not wavs(tmp_path) and process.poll() is None:
        time.sleep(0.005)
    process.kill()
    process.wait()
    _wait_until_still(tmp_path)
    assert all(path.stat().st_size == 44 + 2 * 64000 for path in wavs(tmp_path))
    assert not list(tmp_path.rglob("examples.json"))
    render_notes(font, tmp_path, INSTRUMENTS, STEP, VELOCITIES)
    assert content(tmp_path) == content(rendered[0])


def wavs(folder):
    """The finished ones."""
    return list(folder.rglob("[!.]*.wav"))


def _wait_until_still(folder):
    """Until the workers of the killed process have noticed."""
    before = None
    while before != (before := len(list(folder.rglob("*")))):
        time.sleep(0.3)


def test_silent_notes_are_left_out(font, tmp_path, monkeypatch):
    monkeypatch.setattr(soundfont.FontPlayer, "play", lambda self, program, pitch, velocity: _silence_above_60(pitch))
    monkeypatch.setattr(soundfont, "_player", FontPlayer(font), raising=False)
    parts = plan((PIANO,), 12, (100,), tmp_path)["train"]
    (tmp_path / "train" / "audio").mkdir(parents=True)
    soundfont._render_part(parts[0])
    soundfont._write_examples(tmp_path / "train", parts, RATE)
    entries = json.loads((tmp_path / "train" / "examples.json").read_text())
    assert [entry["pitch"] for entry in entries.values()] == [24, 36, 48, 60]
    assert [entry["note"] for entry in entries.values()] == [0, 1, 2, 3]


def _silence_above_60(pitch):
    return np.full(64000, 100 if pitch <= 60 else 1, np.int16)


@pytest.mark.parametrize(("step", "velocities"), [(3, (45, 85, 125)), (1, (45, 85, 125)), (2, (100,)), (12, (1, 127))])
def test_no_note_and_no_held_out_instrument_is_in_two_splits(step, velocities):
    splits = {
        split: {(part.program.number, *key) for part in parts for key in part.keys}
        for split, parts in plan(PROGRAMS, step, velocities).items()
    }
    trained = {number for number, *_ in splits["train"]}
    assert {number for number, *_ in splits["valid"]} == HELD_OUT
    assert not trained & HELD_OUT
    assert {number for number, *_ in splits["test"]} == trained
    assert not splits["train"] & splits["test"]


def test_the_default_test_notes_have_pitches_and_velocities_never_trained_on():
    splits = plan((FLUTE,), soundfont.STEP, soundfont.VELOCITIES)
    (trained,), (tested,) = splits["train"], splits["test"]
    for of_trained, of_tested in zip(zip(*trained.keys, strict=True), zip(*tested.keys, strict=True), strict=True):
        assert not set(of_trained) & set(of_tested)


def test_another_rendering_does_not_mix_with_the_first(rendered, font):
    with pytest.raises(ModelError, match="holds notes of another rendering"):
        render_notes(font, rendered[0], (FLUTE,), STEP, VELOCITIES)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda font: b"", "not an SF2 file"),
        (lambda font: b"RIFF\x04\0\0\0WAVE", "not an SF2 file"),
        (lambda font: font[:1000], "cut short"),
        (lambda font: font[:4] + (100).to_bytes(4, "little") + font[8:108], "fluidsynth cannot read it"),
    ],
    ids=["empty", "a WAV", "cut short", "without samples"],
)
def test_a_damaged_font_is_one_clear_line(font, tmp_path, damage, reason):
    path = tmp_path / "damaged.sf2"
    path.write_bytes(damage(font.read_bytes()))
    with pytest.raises(ModelError, match=f"damaged.sf2: {reason}"):
        render_notes(path, tmp_path / "notes")


def test_missing_font_is_named(tmp_path):
    with pytest.raises(ModelError, match="nowhere.sf2.*fluid-soundfont-gm"):
        render_notes(tmp_path / "nowhere.sf2", tmp_path)


def test_a_folder_that_cannot_be_made_is_one_clear_line(font, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="cannot be written"):
        render_notes(font, tmp_path / "file")


def test_notes_at_twice_the_rate_are_the_same_notes_with_the_octave_above(font, tmp_path):
    counts = render_notes(font, tmp_path, (FLUTE,), 36, (100,), rate=32000)
    notes = read_notes(tmp_path / "train")
    assert notes.rate == 32000 and notes.audio.shape == (counts["train"], 4 * 32000)
    with pytest.raises(ModelError, match="another rendering"):
        render_notes(font, tmp_path, (FLUTE,), 36, (100,))
