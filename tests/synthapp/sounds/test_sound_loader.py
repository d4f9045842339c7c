"""A sound file becomes a corner of the preset that is played: the command in its own process, the pad, the window."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest

from engine.commands import LoadPreset
from models.checkpoints.source import DEFAULT_SOURCE, Source
from presets.file import read_preset
from synthapp.sounds import sound_loader
from synthapp.sounds.sound_loader import SoundLoader
from synthapp.views.pad.pad import PadView
from synthapp.views.panel import dialogs, notices
from synthapp.window import Window

WAIT_MS = 60000


@pytest.fixture
def loader(qtbot):
    loader = SoundLoader()
    yield loader
    loader.cancel()
    loader.close()


@pytest.fixture
def stand_in(monkeypatch):
    """The loader's process is encode_stand_in.py, which is quick."""
    monkeypatch.setattr(sound_loader, "PROGRAM", [str(Path(__file__).parent / "encode_stand_in.py")])


@pytest.fixture
def dawn(library):
    """Path of a preset of four sounds."""
    return library.find("Dawn").path


def outcome(qtbot, loader, *arguments, **options):
    """(name of the signal that ended the loading, its arguments, what was told)."""
    told, ended = [], []
    loader.told.connect(told.append)
    for name in ("loaded", "unpitched", "failed"):
        getattr(loader, name).connect(lambda *values, name=name: ended.append((name, values)))
    with qtbot.waitSignal(loader.stopped, timeout=WAIT_MS):
        loader.load(*arguments, **({"source": DEFAULT_SOURCE} | options))
        assert loader.busy
    qtbot.waitUntil(lambda: bool(ended))
    assert not loader.busy and len(ended) == 1
    return *ended[0], told


@pytest.mark.slow
def test_the_command_delivers_a_sound_and_what_it_has_found(instrument, tmp_path, qtbot):
    t = np.arange(44100) / 44100
    audio = np.concatenate([np.zeros(9000), sum(np.sin(2 * np.pi * 220 * k * t) / k for k in range(1, 6)) / 10])
    soundfile.write(tmp_path / "My organ.wav", np.stack([audio, audio], 1), 44100)
    loader = SoundLoader()
    path, source = str(tmp_path / "My organ.wav"), Source(str(instrument.weights))
    name, (corner, sound, found), told = outcome(qtbot, loader, path, 2, instrument.preset, source=source)
    assert (name, corner, sound.name, sound.pitches) == ("loaded", 2, "My organ", (57,))
    assert found.startswith("My organ.wav: A3 +0 cents (220.0 Hz)")
    assert told == ["Reading My organ.wav …", f"{found} …"]


def test_a_note_without_pitch_must_be_named(loader, stand_in, dawn, qtbot):
    assert outcome(qtbot, loader, "/sounds/hiss.wav", 1, dawn)[:2] == ("unpitched", (1, "/sounds/hiss.wav"))
    name, (_, sound, found), _ = outcome(qtbot, loader, "/sounds/hiss.wav", 1, dawn, note="Bb2")
    assert (name, sound.name, found) == ("loaded", "hiss", "hiss.wav: Bb2 +0 cents")


def test_a_failure_is_one_line(loader, stand_in, dawn, qtbot):
    expected = ("failed", ("/sounds/broken.wav: not a readable sound file",))
    assert outcome(qtbot, loader, "/sounds/broken.wav", 0, dawn)[:2] == expected


def test_a_process_that_ends_is_told_and_the_next_sound_has_another(loader, stand_in, dawn, qtbot):
    assert outcome(qtbot, loader, "/sounds/crash.wav", 0, dawn)[:2] == ("failed", ("no memory",))
    assert outcome(qtbot, loader, "/sounds/Harp.wav", 0, dawn)[0] == "loaded"


def test_one_process_serves_all_sounds_and_may_be_there_before_the_first(loader, stand_in, dawn, qtbot):
    loader.warm()
    process = loader._process
    assert not loader.busy and process is not None
    for path, how in (("/sounds/Harp.wav", "loaded"), ("/sounds/broken.wav", "failed"), ("/sounds/Oud.wav", "loaded")):
        assert outcome(qtbot, loader, path, 0, dawn)[0] == how
    assert loader._process is process


def test_cancelling_ends_the_process_and_delivers_nothing(loader, stand_in, dawn, qtbot):
    ended = []
    for signal in (loader.loaded, loader.unpitched, loader.failed):
        signal.connect(lambda *values: ended.append(values))
    with qtbot.waitSignal(loader.stopped):
        loader.load("/sounds/slow.wav", 0, dawn, DEFAULT_SOURCE)
        loader.cancel()
    qtbot.wait(50)
    assert not loader.busy and not ended


def until_loaded(window, qtbot):
    qtbot.waitUntil(lambda: not window.loader.busy, timeout=WAIT_MS)


def test_a_sound_from_a_file_is_played_and_unsaved(window, client, library, autosave, stand_in, qtbot, monkeypatch):
    monkeypatch.setattr(dialogs, "ask_sound", lambda parent, place: "/Harp.wav" if place == "top left" else None)
    window.pad.moved.emit(0.1, 0.8)
    client.commands.clear()
    window.pad.buttons[2].click()
    assert window.loading.text == "Reading Harp.wav …" and window.loading.isVisible()
    assert not window.pad.buttons[0].isEnabled() and not window.pad.acceptDrops()
    until_loaded(window, qtbot)
    (command,) = client.commands
    assert isinstance(command, LoadPreset)
    played = read_preset(command.path)
    assert [corner.name for corner in played.corners] == ["Flute", "Double bass", "Harp", "Violin"]
    assert played.pad == (0.1, 0.8)
    assert window.status.preset.text() == "Dawn*" and window.pad._names[2] == "Harp"
    assert window.notice.text == "Harp.wav: A3 +0 cents" and not window.loading.isVisible()
    window.presets.save.click()
    assert read_preset(library.find("Dawn").path).corners[2].name == "Harp"
    assert window.status.preset.text() == "Dawn" and window.pad.buttons[0].isEnabled()


def test_the_player_names_the_note_where_none_is_heard(window, stand_in, qtbot, monkeypatch):
    monkeypatch.setattr(dialogs, "ask_note", lambda parent, name: "D4" if name == "hiss.wav" else None)
    window.pad.sound_dropped.emit(3, "/sounds/hiss.wav")
    qtbot.waitUntil(lambda: window.session.corners[3].name == "hiss", timeout=WAIT_MS)
    assert window.notice.text == "hiss.wav: D4 +0 cents"


def test_a_bad_file_is_told_and_changes_nothing(window, client, stand_in, qtbot):
    window.pad.sound_dropped.emit(0, "/sounds/broken.wav")
    until_loaded(window, qtbot)
    assert "not a readable sound file" in window.notice.text and not window.session.changed
    assert client.commands == [] and window.pad.buttons[0].isEnabled()


def test_cancel_and_another_preset_end_the_loading(window, library, stand_in):
    for stop in (window.loading.cancelled.emit, lambda: window.load(library.find("Dusk"))):
        window.pad.sound_dropped.emit(0, "/sounds/slow.wav")
        assert window.loader.busy
        stop()
        assert not window.loader.busy and not window.loading.isVisible() and window.pad.acceptDrops()


def test_the_last_state_brings_back_a_loaded_sound(window, client, library, autosave, qtbot):
    window.control.put_sound(0, window.session.corners[1])
    window.close()
    again = Window(client, library, autosave)
    qtbot.addWidget(again)
    again.open_first(None)
    assert again.session.corner_names == ("Double bass", "Double bass", "Vibraphone", "Violin")
    assert again.status.preset.text() == "Dawn*"


@pytest.fixture
def pad(qtbot):
    pad = PadView()
    qtbot.addWidget(pad)
    pad.set_sounds(("Flute", "Bass", "Bell", "Voice"))
    pad.allow_sounds(True)
    pad.resize(500, 400)
    with qtbot.waitExposed(pad):
        pad.show()
    return pad


def mime(*paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in paths])
    return data


def drag(pad, data, place):
    """(entering was accepted, deliver the drop)."""
    point = pad.to_point(*place)
    rest = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(point.toPoint(), *rest)
    enter.ignore()
    pad.dragEnterEvent(enter)
    pad.dragMoveEvent(QDragMoveEvent(point.toPoint(), *rest))
    return enter.isAccepted(), lambda: pad.dropEvent(QDropEvent(QPointF(point), *rest))


@pytest.mark.parametrize(("place", "corner"), [((0.1, 0.2), 0), ((0.9, 0.1), 1), ((0.3, 0.8), 2), ((0.6, 0.6), 3)])
def test_a_sound_dropped_on_the_pad_is_for_the_nearest_corner(pad, qtbot, place, corner):
    before = pad.grab().toImage()
    accepted, drop = drag(pad, mime("/sounds/Harp.WAV"), place)
    assert accepted
    spot = pad.to_point(0.25 if corner % 2 == 0 else 0.75, 0.25 if corner < 2 else 0.75).toPoint()
    assert pad.grab().toImage().pixelColor(spot).lightness() > before.pixelColor(spot).lightness() + 15
    with qtbot.waitSignal(pad.sound_dropped) as waiting:
        drop()
    assert waiting.args[0] == corner and Path(waiting.args[1]).name == "Harp.WAV"
    assert pad.grab().toImage() == before


def test_nothing_that_is_no_file_can_be_dropped(pad):
    accepted, _ = drag(pad, mime(), (0.1, 0.1))
    assert not accepted


def test_what_is_neither_sound_nor_preset_says_why_and_a_preset_is_played(window, client, library, tmp_path):
    for paths, why in (
        (("/texts/song.txt",), "/texts/song.txt is neither a sound nor a preset"),
        (("/a.txt", "/b.txt"), "none of 2 is a sound or a preset; /a.txt is neither"),
        ((str(tmp_path),), "is a folder; drop sounds"),
        (("/no/such.manifold",), "/no/such.manifold"),
    ):
        accepted, drop = drag(window.pad, mime(*paths), (0.1, 0.1))
        drop()
        said = window.notice.text.splitlines()[-1]
        assert accepted and why in said
        assert client.commands == [] and not window.loader.busy
    path = library.find("Dusk").path
    drag(window.pad, mime(str(path)), (0.1, 0.1))[1]()
    assert window.session.path == path and window.notice.text == ""
    assert [type(command) for command in client.commands] == [LoadPreset]


def test_several_sounds_fill_the_corners_in_turn_and_what_does_not_fit_is_told(
    window, client, stand_in, qtbot, monkeypatch, library, tmp_path
):
    monkeypatch.setattr(dialogs, "ask_note", lambda parent, name: "D4")
    monkeypatch.setattr(notices, "SHOWN_MS", WAIT_MS)
    names = ("Harp.wav", "broken.wav", "notes.txt", "hiss.flac", "Oud.aif", "Lute.wav")
    dusk = library.find("Dusk").path
    paths = (*(f"/sounds/{name}" for name in names), str(tmp_path), str(dusk))
    before = window.session.corner_names
    client.commands.clear()
    drag(window.pad, mime(*paths), (0.9, 0.9))[1]()
    until_loaded(window, qtbot)
    assert window.session.corner_names == (before[0], "hiss", "Oud", "Harp")
    assert [type(command) for command in client.commands] == [LoadPreset] * 3
    left, *others = window.notice.text.splitlines()
    assert left == (
        f"left out: notes.txt (no sound), Lute.wav (there are 4 corners), {tmp_path.name} (no sound),"
        f" {dusk.name} (drop a preset by itself)"
    )
    assert [line.split(":")[0] for line in others] == ["Harp.wav", "/sounds/broken.wav", "Oud.aif", "hiss.flac"]
    window.undo()
    assert window.session.corner_names == (before[0], before[1], "Oud", "Harp")  # each is a step of its own


def test_of_several_presets_the_first_is_played(window, library):
    dusk, dawn = (library.find(name).path for name in ("Dusk", "Dawn"))
    drag(window.pad, mime(str(dusk), str(dawn)), (0.1, 0.1))[1]()
    assert window.session.path == dusk and window.notice.text == f"left out: {dawn.name} (drop a preset by itself)"


def test_cancel_ends_those_that_wait_too(window, stand_in, qtbot):
    before = window.session.corner_names
    drag(window.pad, mime("/sounds/slow.wav", "/sounds/Harp.wav"), (0.1, 0.1))[1]()
    window.loading.cancelled.emit()
    qtbot.wait(50)
    assert not window.loader.busy and window.session.corner_names == before and window.pad.acceptDrops()


def test_every_corner_has_a_button_inside_the_pad_at_its_corner(pad, qtbot):
    for corner, button in enumerate(pad.buttons):
        assert pad.square.toRect().contains(button.geometry())
        assert pad.spot_at(QPointF(button.geometry().center())) == corner
        with qtbot.waitSignal(pad.sound_wanted) as waiting:
            QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
        assert waiting.args == [corner]
    assert pad.buttons[3].accessibleName() == "Load a sound, top right"
