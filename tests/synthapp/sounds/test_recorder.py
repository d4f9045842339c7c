"""Recording in the window: a take in the middle of playing, and the last minute, the same again bit for bit."""

from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.client import EngineClient
from engine.commands import ControlChange, NoteOff, NoteOn, Record, SaveTake
from engine.parameters import Param
from engine.performance import Heard, read_take
from engine.telemetry import Telemetry
from models.checkpoints.source import Source
from presets.file import read_preset
from presets.library import Library
from synthapp.autosave import Autosave
from synthapp.sounds.recorder import Recorder
from synthapp.window import Window
from tests.synthapp.sounds.taping_engine import HEAD

WAIT_MS = 180000  # for a hung test


@pytest.fixture(autouse=True)
def own_data(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def show(window, **telemetry):
    window._show_telemetry(Telemetry(**telemetry), 0.05)


def test_recorded_and_ended_by_button_or_keyboard_with_the_time_running(window, client):
    view = window.taking
    assert (view.record.text(), view.record.accessibleName()) == ("● Record", "Record")
    before = view.record.geometry(), view.minute.geometry()
    QTest.keyClick(view.record, Qt.Key.Key_Space)
    path = client.commands[-1].path
    assert client.commands[-1] == Record(path) and path.endswith(".take")
    for seconds, text in ((0.0, "■ 0:00"), (83.4, "■ 1:23"), (3723.0, "■ 62:03")):
        show(window, recorded_s=seconds)
        assert view.record.text() == text and (view.record.geometry(), view.minute.geometry()) == before
    assert view.record.accessibleName() == "Stop recording" and "62:03" in view.record.accessibleDescription()
    QTest.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert client.commands[-1] == SaveTake(path)
    show(window)
    assert view.record.text() == "● Record" and not window.notice.text
    QTest.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    minute = client.commands[-1]
    assert minute.seconds == 60.0 and minute.path not in ("", path)


def test_a_recording_that_the_engine_loses_is_told_and_one_that_it_ends_is_kept(window, client, monkeypatch):
    written = []
    monkeypatch.setattr(Recorder, "_write", lambda self, path: written.append(path))
    window.recorder.toggle()
    path = client.commands[-1].path
    show(window, recorded_s=1.0)
    show(window, taken=(1, path))  # other weights play now
    assert written == [Path(path)] and not window.notice.text
    window.recorder.toggle()
    show(window, recorded_s=1.0, taken=(1, path))
    show(window)  # another process
    assert "the recording was lost" in window.notice.text and written == [Path(path)]


def test_where_no_folder_can_be_made_it_is_one_line(window, client, tmp_path):
    (tmp_path / "data").write_text("a file")
    window.recorder.keep_minute()
    assert "takes cannot be kept in" in window.notice.text and not client.commands


class Stage:
    """The window and a real engine with tiny weights, whose blocks are kept."""

    def __init__(self, qtbot, instrument, tmp_path):
        library = Library(tmp_path / "presets", tmp_path / "factory")
        tiny = read_preset(instrument.preset)
        for name, pad in (("First", (0.2, 0.3)), ("Second", (0.9, 0.8))):
            library.save(replace(tiny, name=name, pad=pad))
        self.qtbot, self.source = qtbot, Source(str(instrument.weights))
        self.client = EngineClient(
            self.source, audio="no such device", midi="no such port", program="tests.synthapp.sounds.taping_engine"
        )
        self.client.start()
        self.window = Window(self.client, library, Autosave(tmp_path / "state"), self.source, lambda _: self.source)
        qtbot.addWidget(self.window)
        self.window.open_first("First")
        self.window.start()
        self.until(lambda now: now.preset == "First" and now.samples > 0)
        self.told = []
        self.window.recorder.told.connect(self.told.append)

    def until(self, condition):
        def met():
            now = self.client.telemetry()
            assert condition(now), now.notice

        self.qtbot.waitUntil(met, timeout=WAIT_MS)

    def play(self, seconds, *commands):
        for command in commands:
            self.client.send(command)
        samples = self.client.telemetry().samples + round(16000 * seconds)
        self.until(lambda now: now.samples >= samples)

    def kept(self):
        """Path of the take that was written out last."""
        self.qtbot.waitUntil(lambda: bool(self.told) and "beside it" in self.told[-1], timeout=WAIT_MS)
        return Path(self.told.pop().removeprefix("kept: ").removesuffix(", with a WAV and a MIDI file beside it"))


def heard(path, start, end):
    """What the engine played between two model samples."""
    data, at, blocks = path.read_bytes(), 0, []
    while at < len(data):
        sample, frames = HEAD.unpack_from(data, at)
        block = np.frombuffer(data, np.float32, 2 * frames, at + HEAD.size).reshape(-1, 2)
        at += HEAD.size + block.nbytes
        blocks += [block] if start <= sample < end else []
    return np.concatenate(blocks)


@pytest.mark.slow
def test_what_the_window_keeps_is_what_was_played_bit_for_bit(qtbot, instrument, tmp_path, monkeypatch):
    monkeypatch.setenv("PLAYED", str(tmp_path / "played"))
    stage = Stage(qtbot, instrument, tmp_path)
    window = stage.window
    try:
        stage.play(0.2, NoteOn(48, 100), NoteOn(55, 90))
        stage.until(lambda now: len(now.voices) == 2)
        QTest.mouseClick(window.taking.record, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: window.taking.record.text().startswith("■"), timeout=WAIT_MS)
        stage.play(0.1, NoteOn(64, 110), ControlChange(1, 80))
        window._move_pad(0.8, 0.6)
        window._set_parameter(Param.ATTACK_MS, 40.0)
        stage.play(0.1, NoteOff(48))
        window.load(window.control.library.find("Second"))
        stage.until(lambda now: now.preset == "Second")
        stage.play(0.2, NoteOn(72, 127), NoteOff(64))
        QTest.mouseClick(window.taking.record, Qt.MouseButton.LeftButton)
        takes = [stage.kept()]
        stage.play(0.1, NoteOff(72), NoteOff(55))
        QTest.mouseClick(window.taking.minute, Qt.MouseButton.LeftButton)
        takes.append(stage.kept())
    finally:
        window.close()
        stage.client.stop()
    for path in takes:
        assert path.parent == tmp_path / "data" / "manifold" / "takes"
        take = read_take(path)
        wav, rate = soundfile.read(path.with_suffix(".wav"), dtype="float32")
        wanted = heard(tmp_path / "played", take.start, take.end)
        assert rate == take.rate and np.abs(wanted).max() > 0.001
        np.testing.assert_array_equal(wav, wanted)
        notes = [message.note for message in mido.MidiFile(path.with_suffix(".mid")) if message.type == "note_on"]
        assert notes == ([64, 72] if path == takes[0] else [48, 55, 64, 72])
    first = read_take(takes[0])
    kinds = [type(what.event).__name__ if isinstance(what, Heard) else type(what).__name__ for at, what in
             first.parts[0].handled if at >= first.start]  # fmt: skip
    assert {"NoteOn", "SetPad", "SetParameter", "Loaded"} <= set(kinds) and len(first.presets) == 2
