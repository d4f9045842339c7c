"""The way from an instrument to its table, and what is written of it."""

import json

import pytest

from common.errors import ModelError
from engine.decoder.measure import bench
from models.evaluation import sound
from models.evaluation.findings import Finding
from models.evaluation.recordings import Recordings
from models.evaluation.sound import Row
from models.pretrained import DEFAULT
from presets.file import write_preset
from presets.preset import Preset
from synthapp import docs
from synthapp.audition import cost, pictures, report, reproduce
from synthapp.audition.extent import Extent
from tests.conftest import TINY
from tests.fakes import fake_sound
from tests.models.evaluation.made_up import INSTRUMENTS, broken, play, recorded, write_recordings

FEW_NOTES = 20  # that the classifiers of these tests learn from


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    return Recordings(write_recordings(tmp_path_factory.mktemp("notes")))


@pytest.fixture(scope="module")
def measured(tmp_path_factory, recordings, instrument):
    """measured(voice) -> Measures."""

    def measure(voice):
        played = play(tmp_path_factory.mktemp("played"), instrument.weights, voice)
        return sound.measure(played, recordings, instrument.weights)

    return measure


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


def test_what_falls_short_comes_first_and_all_else_keeps_its_order():
    rows = [Row(name, "", {"": Finding("", met, 0.0)} if met is not None else {}) for name, met in
            (("a", True), ("b", False), ("c", None), ("d", False), ("e", True))]  # fmt: skip
    assert "".join(row.measure for row in report.shortcomings_first(rows)) == "bdace"


def test_the_cost_is_what_the_benchmark_counts(instrument, monkeypatch):
    for voices, met in ((7, False), (8, True)):
        monkeypatch.setattr(bench, "measure", lambda *_, voices=voices: {"voices": {"float32 x 1": voices}})
        row = cost.cost(instrument.weights)
        assert (row.findings[""].text, row.met) == (str(voices), met)
    monkeypatch.setattr(bench, "VOICES", (1, 2))
    assert cost.cost(DEFAULT).findings[""].value >= 1  # no WaveNet: its one decoder, measured


def test_a_failed_benchmark_fails_the_evaluation(instrument, monkeypatch):
    def fail(checkpoint):
        raise ModelError("broken")

    monkeypatch.setattr(bench, "measure", fail)
    with pytest.raises(ModelError, match="broken"):
        cost.cost(instrument.weights)


def test_an_instrument_is_played_measured_and_written_into_the_document(
    manifold, instrument, recordings, tmp_path, monkeypatch
):
    """All of it, with a few notes, into a document that has a place for the table."""
    sounds = tuple(fake_sound(name, 0.1, 0.2, TINY) for name in ("cello", "flute", "marimba", "church organ"))
    (tmp_path / "presets").mkdir()
    write_preset(Preset("Four", sounds, pad=(0.0, 0.0)), tmp_path / "presets" / "four.manifold")
    monkeypatch.setattr("synthapp.commands.evaluate.QUICK", Extent(48, 2, 2, 2, 0.2, 1))
    monkeypatch.setattr(sound, "TRAINED_NOTES", FEW_NOTES)
    monkeypatch.setattr(bench, "measure", lambda *_: {"voices": {"float32 x 1": 7}})
    document = tmp_path / "sound.md"
    document.write_text(f"Before\n\n{docs.BEGIN}\nwhat stood here\n{docs.END}\n\nAfter\n")
    where = ("--weights", instrument.weights, "--presets", tmp_path / "presets", "--notes", recordings.folder)
    outcome = manifold("evaluate", "sound", "-o", tmp_path / "out", "--quick", *where, "--docs", document)
    assert outcome.status == 0, outcome.err
    text = document.read_text()
    assert text.startswith(f"Before\n\n{docs.BEGIN}\n") and text.endswith(f"\n{docs.END}\n\nAfter\n")
    assert (
        "what stood here" not in text
        and "`app.py evaluate sound " in text
        and "| voices in real time on one core | 8 |" in text
    )
    met = [line.split(" | ")[-1] for line in text.splitlines() if line.startswith("| ")][2:]
    assert met == sorted(met, key=lambda word: word != "**no** |") and "**no** |" in met
    assert "voices in real time on one core" in (tmp_path / "out" / "report.md").read_text()


@pytest.mark.parametrize("text", ["", docs.BEGIN, docs.END + docs.BEGIN, 2 * (docs.BEGIN + docs.END)])
def test_a_document_without_one_place_for_the_table_is_refused_before_anything_is_measured(manifold, tmp_path, text):
    document = tmp_path / "sound.md"
    document.write_text(text)
    for command in (("evaluate", "sound", "-o", tmp_path / "out", "--notes", tmp_path / "none"), ("bench",)):
        outcome = manifold(*command, "--docs", document)
        assert outcome.status == 1 and "no one place for the table" in outcome.err and outcome.err.count("\n") == 1
        assert document.read_text() == text


def test_the_benchmark_is_written_into_the_document(manifold, instrument, tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "TURNS", 2)
    monkeypatch.setattr(bench, "VOICES", (1,))
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    document = tmp_path / "speed.md"
    document.write_text(f"{docs.BEGIN}\n{docs.END}\n")
    outcome = manifold("bench", "--weights", instrument.weights, "--json", "--docs", document)
    assert outcome.status == 0
    found, text = json.loads(outcome.out), document.read_text()
    assert found["processor"] in text and found["model"] in text and "`app.py bench " in text
    for row in found["rows"]:
        us = row["us"]["float32 x 1"]
        assert f"\n| {row['voices']} | {us:.1f} |" in text or f"\n| {row['voices']} | {us:.0f} |" in text
    for name, count in found["voices"].items():
        assert f"\n| {name} | {count} | {found['voices_with_headroom'][name]} |" in text


def test_notes_of_other_weights_are_refused(tmp_path, manifold, recordings, instrument):
    play(tmp_path, instrument.weights, recorded)
    where = ("--played", tmp_path, "--notes", recordings.folder)
    outcome = manifold("evaluate", "sound", "-o", tmp_path / "out", *where)
    assert outcome.status == 1 and outcome.err.startswith("manifold: ") and "other weights" in outcome.err


def test_missing_recordings_are_one_line(tmp_path, manifold):
    outcome = manifold("evaluate", "sound", "-o", tmp_path, "--notes", tmp_path / "none")
    assert outcome.status == 1 and outcome.err.count("\n") == 1
    assert outcome.err.startswith("manifold: notes ") and "none: no train, valid, test" in outcome.err


def test_held_out_notes_are_encoded_and_played_again(recordings, instrument, tmp_path, monkeypatch):
    monkeypatch.setattr(reproduce, "SECONDS", 1.0)
    table = reproduce.reproduce(instrument.weights, recordings.folder, 3, 0.8, tmp_path).splitlines()
    assert len(table) == 5 and table[2].startswith("| recordings | 3 of 3 | ") and "+0.0 dB (0.0 off)" in table[2]
    assert table[3].startswith("| played | ") and table[4].startswith("| played, each with another's embedding | ")
    files = {path.parent.name for path in tmp_path.glob("*/*.wav")}
    assert len(files) == 3 and len(list(tmp_path.glob("played/*.wav"))) == 3
