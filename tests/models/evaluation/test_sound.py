"""The whole table, of a made-up instrument that is right, and of the same one broken in every way."""

import json

import numpy as np
import pytest
import soundfile

from common.errors import ModelError
from models import checkpoints
from models.evaluation import sound
from models.evaluation.pitch import key_hz
from models.evaluation.played import PlayedNotes
from models.evaluation.recordings import Recordings
from synthapp.audition import evaluate as command
from synthapp.audition import pictures, report
from tests.models.evaluation.synthetic import RATE, shaped, tone

pytestmark = pytest.mark.slow

INSTRUMENTS = {"reed_acoustic_001": [1, 0] * 6, "brass_acoustic_002": np.ones(12), "flute_acoustic_003": [1, 0.1, 0.01]}
KEYS = (48, 54, 60, 66)


def recorded(instrument, key, velocity=85):
    audio = shaped(
        tone(key_hz(key), 4.0, INSTRUMENTS[instrument], seed=int(key)),
        0.1,
        3.0,
        held_s=3.0,
        release_db_per_s=60,
    )
    return (audio * (velocity / 127) ** 2).astype(np.float32)


def broken(instrument, key, velocity=85):
    """Another instrument's sound, detuned, with another envelope and much noise that swells."""
    audio = shaped(tone(key_hz(key + 0.3), 4.0, INSTRUMENTS["flute_acoustic_003"]), 0.5, 20.0)
    return (
        audio + np.linspace(0, 0.1, len(audio)) * np.random.default_rng(int(key)).standard_normal(len(audio))
    ) * 0.03


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notes")
    for split, keys in (("train", range(45, 70, 3)), ("test", KEYS)):
        examples = {}
        (folder / split / "audio").mkdir(parents=True)
        for instrument in INSTRUMENTS:
            for key in keys:
                name = f"{instrument}-{key:03d}-085"
                examples[name] = {"note_str": name, "instrument_str": instrument, "pitch": key, "velocity": 85}
                examples[name]["instrument_family_str"] = instrument.split("_")[0]
                soundfile.write(folder / split / "audio" / f"{name}.wav", recorded(instrument, key), RATE)
        (folder / split / "examples.json").write_text(json.dumps(examples))
    return Recordings(folder)


def play(folder, instrument_path, voice, morph=None):
    """A folder as the audition writes it, with `voice` for the instrument."""
    lines = []

    def add(question, name, key, audio, held_s=3.0, velocity=85, other="", recording="", semitones=0.0):
        file = f"{question}-{len(lines)}.wav"
        soundfile.write(folder / file, audio.astype(np.float32), RATE, subtype="FLOAT")
        lines.append(
            {"set": question, "name": name, "key": key, "velocity": velocity, "held_s": held_s, "instrument": name,
             "recording": recording, "other": other, "preset": "", "pad": [0, 0], "bend_semitones": semitones,
             "file": file}
        )  # fmt: skip

    for name in INSTRUMENTS:
        for key in KEYS:
            for question in ("factory", "test"):
                add(question, name, key, voice(name, key), recording=f"{name}-{key:03d}-085")
        add("octaves", name, 54, voice(name, 54))
        add("ends", name, 60, recorded(name, 60))
    for velocity in (1, 64, 127):
        add("velocity", "reed_acoustic_001", 60, voice("reed_acoustic_001", 60, velocity), velocity=velocity)
    add("pad", "somewhere", 60, voice("reed_acoustic_001", 60, 127), velocity=127)
    add("scale", "reed_acoustic_001", 60, voice("reed_acoustic_001", 60.5), semitones=0.5)
    reed, brass = (recorded(name, 60) for name in list(INSTRUMENTS)[:2])
    half = shaped(tone(key_hz(60), 4.0, [1, 0.3] * 6), 0.1, 3.0, held_s=3.0, release_db_per_s=60)
    half *= np.sqrt(np.mean(reed**2) / np.mean(half**2))
    add("morph", "reed_acoustic_001", 60, half if voice is recorded else voice("", 60), other="brass_acoustic_002")
    long = tone(220.0, 12.0) if voice is recorded else shaped(tone(220.0, 12.0), decay_db_per_s=4.0)
    add("hold", "reed_acoustic_001", 57, long, held_s=12.0)
    weights = checkpoints.fingerprint(checkpoints.read(instrument_path)[1])
    (folder / "index.json").write_text(
        json.dumps({"weights": weights, "rate": RATE, "step": 6, "precision": "float32", "played": lines})
    )
    return PlayedNotes(folder)


@pytest.fixture(scope="module")
def measured(tmp_path_factory, recordings, instrument):
    """measured(voice) -> Measures, without the benchmark."""
    patch = pytest.MonkeyPatch()
    patch.setattr(sound, "_cost", lambda weights: [])
    found = {}

    def measure(voice):
        if voice not in found:
            played = play(tmp_path_factory.mktemp("played"), instrument.weights, voice)
            found[voice] = sound.measure(played, recordings, instrument.weights)
        return found[voice]

    yield measure
    patch.undo()


def test_a_perfect_instrument_meets_every_goal_of_its_sound(measured):
    rows = {row.measure: row for row in measured(recorded).rows}
    missed = [name for name, row in rows.items() if row.met is not True and "embedding" not in name]
    assert len(rows) >= 16 and missed == [], [(name, rows[name].findings) for name in missed]


def test_a_broken_one_meets_none(measured):
    rows = {row.measure: row for row in measured(broken).rows}
    kept = [name for name, row in rows.items() if row.met is not False and "embedding" not in name]
    assert kept == [], [(name, rows[name].findings) for name in kept]


def test_the_report_holds_table_instruments_and_figures(measured, tmp_path):
    measures = measured(recorded)
    table = report.write(tmp_path, measures, "today")
    text = (tmp_path / "report.md").read_text()
    assert table in text and all(f"| {name} | 4 |" in text for name in INSTRUMENTS)
    stored = json.loads((tmp_path / "report.json").read_text())
    assert len(stored["notes"]["test"]) == 12 and len(stored["rows"]) == len(measures.rows)
    assert report.table(measured(broken).rows).count("**no**") > 10


def test_every_instrument_and_pair_gets_a_picture(tmp_path, recordings, instrument):
    played = play(tmp_path, instrument.weights, recorded)
    count = pictures.draw_all(tmp_path / "pictures", played, recordings)
    assert count == 3 + 3 + 1 == len(list((tmp_path / "pictures").glob("*.png")))


def run(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["evaluation", "sound", *map(str, arguments)])
    command.main()


def test_notes_of_other_weights_are_refused(tmp_path, monkeypatch, recordings, instrument):
    play(tmp_path, instrument.weights, recorded)
    with pytest.raises(SystemExit, match="^evaluation: .*other weights"):
        run(monkeypatch, "-o", tmp_path / "out", "--played", tmp_path, "--notes", recordings.folder)


def test_missing_recordings_and_a_broken_index_are_one_line(tmp_path, monkeypatch, recordings):
    with pytest.raises(SystemExit, match=r"^evaluation: notes .*none: no train, valid, test"):
        run(monkeypatch, "-o", tmp_path, "--notes", tmp_path / "none")
    (tmp_path / "index.json").write_text("{}")
    with pytest.raises(ModelError, match="no index of played notes"):
        PlayedNotes(tmp_path)
