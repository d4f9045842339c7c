"""The whole window: what a player does reaches the engine and the disk, what the engine says is seen."""

import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QWidget

from common.errors import PresetError
from engine.commands import LoadPreset, NoteOff, NoteOn, OpenAudio, OpenMidi, Panic, SetPad, SetParameter
from engine.parameters import Param
from engine.telemetry import Sounding, Telemetry
from models.checkpoints.source import DEFAULT_SOURCE, Source
from presets.file import encode, read_preset
from presets.library import FACTORY
from synthapp.views import theme
from synthapp.views.keys.piano_layout import KEYS
from synthapp.views.layout import column_widths
from synthapp.views.panel import dialogs
from synthapp.window import Window
from tests.paths import ROOT
from tests.synthapp.fakes import four_sounds

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def played(client):
    """What the engine was told to play last, and what a new one would play."""
    last = next(command for command in reversed(client.commands) if isinstance(command, LoadPreset))
    return read_preset(last.path)


def answer(monkeypatch, name):
    monkeypatch.setattr(dialogs, "ask_name", lambda *_: name)
    monkeypatch.setattr(dialogs, "confirm", lambda *_: name is not None)


def test_a_click_on_a_key_plays_it(window, client):
    key = next(key for key in KEYS if key.note == 60)
    piano = window.piano
    point = piano.rect().topLeft()
    point.setX(round((key.left + key.right) / 2 * piano.width()))
    point.setY(piano.height() - 3)
    QTest.mouseClick(piano, LEFT, NONE, point)
    pressed, released = client.commands
    assert isinstance(pressed, NoteOn) and pressed.note == 60 and pressed.velocity > 115
    assert released == NoteOff(60)


def test_a_drag_on_the_pad_arrives_in_the_engine(window, client):
    pad = window.pad
    QTest.mousePress(pad, LEFT, NONE, pad.to_point(0.2, 0.3).toPoint())
    QTest.mouseMove(pad, pad.to_point(0.7, 0.9).toPoint())
    QTest.mouseRelease(pad, LEFT, NONE, pad.to_point(0.7, 0.9).toPoint())
    assert [type(command) for command in client.commands] == [SetPad, SetPad]
    last = client.commands[-1]
    assert (last.x, last.y) == pytest.approx((0.7, 0.9), abs=0.003)
    assert window.status.preset.text() == "Dawn*"


def test_computer_keys_play_wherever_the_focus_is_but_not_in_a_text(window, client):
    window.activateWindow()
    for place in (window.pad, window.presets.rows, window.voice.knobs[Param.GAIN_DB].dial):
        place.setFocus()
        QTest.keyClick(place, Qt.Key.Key_S)
    assert client.commands == [NoteOn(62, 100), NoteOff(62)] * 3
    client.commands.clear()
    window.presets.search.setFocus()
    QTest.keyClicks(window.presets.search, "asdf")
    assert client.commands == [] and window.presets.search.text() == "asdf"


def test_octave_keys_move_the_letters_on_the_piano(window):
    QTest.keyClick(window.pad, Qt.Key.Key_X)
    assert window.piano._letters[72] == "A"


def test_a_knob_sets_its_parameter(window, client):
    QTest.keyClick(window.envelope.knobs[Param.SUSTAIN].dial, Qt.Key.Key_Down)
    assert client.commands == [SetParameter(Param.SUSTAIN, pytest.approx(0.98))]
    assert window.windowTitle().startswith("Dawn*")


@pytest.mark.parametrize("how", ["button", "key"])
def test_panic_lets_everything_go(window, client, how, qtbot):
    QTest.keyPress(window.pad, Qt.Key.Key_A)
    client.commands.clear()
    if how == "button":
        window.status.panic.emit()
    else:
        QTest.keyClick(window.pad, Qt.Key.Key_Escape)
    assert client.commands == [NoteOff(60), Panic()]
    QTest.keyRelease(window.pad, Qt.Key.Key_A)
    assert len(client.commands) == 2


def test_devices_are_opened(window, client):
    window.connections.audio.chosen.emit("USB")
    window.connections.midi.chosen.emit(None)
    assert client.commands == [OpenAudio("USB"), OpenMidi(None)]


def test_telemetry_is_seen(window, client):
    voices = (Sounding(60, 0.8, True), Sounding(64, 0.3, False))
    client.state = Telemetry(pad=(0.2, 0.7), voices=voices, polyphony=6, peak=(0.5, 0.5), notice="no MIDI port")
    window.poller.poll()
    assert window.pad.sounding == (0.2, 0.7) and window.pad.voices == voices
    assert window.piano.lit == {60}  # the other key is not held any more
    assert window.status.voices.value.text() == "2/6"
    assert window.meter.text == "−6.0 dB"
    assert window.notice.text == "no MIDI port"


def test_the_poller_asks_again_and_again(window, client, qtbot):
    window.start()
    client.state = Telemetry(polyphony=3)
    qtbot.waitUntil(lambda: window.status.voices.value.text() == "0/3")


def test_loading_shows_all_of_a_preset_and_tells_the_engine(window, client, library):
    entry = library.find("Dusk")
    window.presets.load_wanted.emit(entry)
    (command,) = client.commands
    assert command.path != str(entry.path)  # which may be deleted while it plays
    sent = played(client)
    assert sent.pad == (0.1, 0.9) and [corner.name for corner in sent.corners] == ["Choir", "Organ", "Cello", "Harp"]
    assert sent.parameters["gain_db"] == -6.0
    assert window.pad.target == (0.1, 0.9)
    assert window.voice.knobs[Param.GAIN_DB].value == -6.0
    assert window.status.preset.text() == "Dusk" and window.presets.current() == entry


def test_a_preset_that_cannot_be_read_changes_nothing(window, client, library):
    entry = library.find("Dusk")
    entry.path.write_bytes(b"nothing")
    window.presets.load_wanted.emit(entry)
    assert client.commands == [] and window.status.preset.text() == "Dawn"
    assert str(entry.path) in window.notice.text
    window.presets.load_wanted.emit(library.find("Four winds"))
    assert window.notice.text == ""


def test_save_writes_pad_and_parameters(window, library):
    window.pad.moved.emit(0.9, 0.1)
    window.envelope.changed.emit(Param.ATTACK_MS, 80.0)
    assert window.session.changed
    window.presets.save.click()
    saved = read_preset(library.find("Dawn").path)
    assert saved.pad == (0.9, 0.1) and saved.parameters["attack_ms"] == 80.0
    assert window.status.preset.text() == "Dawn" and not window.session.changed


def test_saving_a_factory_preset_makes_it_the_players(window, library):
    winds = library.find("Four winds")
    window.presets.load_wanted.emit(winds)
    before = winds.path.read_bytes()
    window.pad.moved.emit(0.9, 0.1)
    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert not library.find("Four winds").factory and winds.path.read_bytes() == before
    assert window.presets.current() == library.find("Four winds")


def test_save_as(window, library, monkeypatch):
    answer(monkeypatch, "Noon")
    window.presets.save_as.click()
    assert window.status.preset.text() == "Noon" and library.find("Noon").path == window.session.path
    asked, answers = [], iter(["Dusk", None])
    monkeypatch.setattr(dialogs, "ask_name", lambda parent, *question: asked.append(question) or next(answers))
    window.presets.save_as.click()
    assert asked[0] == ("Save as", "Noon", "") and asked[1][:2] == ("Save as", "Dusk")  # what was typed is kept
    assert "already a preset 'Dusk'" in asked[1][2] and window.status.preset.text() == "Noon"
    answer(monkeypatch, None)
    window.presets.save_as.click()
    assert window.status.preset.text() == "Noon"


def test_renaming_what_plays_keeps_unsaved_changes(window, client, library, autosave, monkeypatch):
    window.pad.moved.emit(0.9, 0.1)
    client.commands.clear()
    answer(monkeypatch, "Daybreak")
    window.presets.rename_wanted.emit(library.find("Dawn"))
    assert window.status.preset.text() == "Daybreak*" and window.session.pad == (0.9, 0.1)
    assert window.session.path == library.find("Daybreak").path
    assert client.commands == []  # it sounds as before
    kept = read_preset(autosave.path)
    assert kept.name == "Daybreak" and kept.pad == (0.9, 0.1)


def test_duplicate_and_delete(window, client, library, autosave, monkeypatch):
    monkeypatch.setattr("send2trash.send2trash", lambda path: Path(path).unlink())
    answer(monkeypatch, "yes")
    window.presets.duplicate_wanted.emit(library.find("Dusk"))
    assert library.find("Dusk copy")
    window.presets.delete_wanted.emit(library.find("Dusk"))
    assert client.commands == []
    with pytest.raises(PresetError):
        library.find("Dusk")
    window.load(library.find("Dawn"))
    window.presets.delete_wanted.emit(library.find("Dawn"))  # plays on, and a new engine would play it too
    assert len(client.commands) == 1 and played(client).name == "Dawn" and read_preset(autosave.path).name == "Dawn"
    assert window.status.preset.text() == "Dawn*"


def test_delete_asks_first(window, library, monkeypatch):
    answer(monkeypatch, None)
    window.presets.delete_wanted.emit(library.find("Dusk"))
    assert library.find("Dusk").path.exists()


def test_the_last_state_comes_back(window, client, library, autosave, qtbot):
    window.pad.moved.emit(0.9, 0.1)
    window.envelope.changed.emit(Param.ATTACK_MS, 80.0)
    window.close()
    client.commands.clear()
    again = Window(client, library, autosave)
    qtbot.addWidget(again)
    again.open_first(None)
    assert again.status.preset.text() == "Dawn*" and again.pad.target == (0.9, 0.1)
    assert again.envelope.knobs[Param.ATTACK_MS].value == 80.0
    assert len(client.commands) == 1 and encode(played(client)) == autosave.path.read_bytes()
    assert read_preset(autosave.path).parameters["attack_ms"] == 80.0


def test_a_broken_last_state_is_told_and_a_preset_is_played_instead(client, library, autosave, qtbot):
    autosave.path.write_bytes(b"nothing")
    window = Window(client, library, autosave)
    qtbot.addWidget(window)
    window.open_first(None)
    assert window.session.preset is not None
    assert str(autosave.path) in window.notice.text


@pytest.fixture
def played_with(client, library, autosave, qtbot):
    """Makes a window whose engine plays the weights with a fingerprint."""

    def make(model):
        find = {model: DEFAULT_SOURCE}.get
        window = Window(client, library, autosave, find_weights=find)
        qtbot.addWidget(window)
        client.commands.clear()
        window.open_first(None)
        return window

    return make


def test_a_last_state_of_other_weights_is_kept_aside_and_its_pad_comes_back(played_with, client, library, autosave):
    library.save(four_sounds("Dawn", ("Flute",) * 4, model="new"), library.find("Dawn").path)
    autosave.keep(four_sounds("Dawn", model="old", pad=(0.9, 0.1), parameters={"gain_db": -6.0}))
    window = played_with("new")
    assert window.session.title == "Dawn*" and window.session.corner_names == ("Flute",) * 4
    assert window.pad.target == (0.9, 0.1) and window.session.parameters[Param.GAIN_DB] == -6.0
    aside = autosave.path.with_name("last of old.manifold")
    assert read_preset(aside).corners[3].name == "Violin" and str(aside) in window.notice.text
    assert len(client.commands) == 1 and played(client).model == "new" and played(client).pad == (0.9, 0.1)


def test_where_no_preset_has_the_name_of_a_state_of_other_weights_the_first_is_played(played_with, library, autosave):
    for name in ("Dawn", "Dusk"):
        library.save(four_sounds(name, model="old"), library.find(name).path)
    autosave.keep(four_sounds("Dawn", model="old"))
    window = played_with("new")
    assert window.session.title == "Four winds" and "last of old" in window.notice.text
    window.close()
    assert read_preset(autosave.path).name == "Four winds"


def test_a_preset_of_other_weights_is_refused_and_what_plays_goes_on(played_with, client, library):
    window = played_with("new")
    client.commands.clear()
    window.load(library.find("Dusk"))
    client.commands.clear()
    window.presets.load_wanted.emit(library.save(four_sounds("Noon", model="old")))
    assert "'Noon' was made with other weights" in window.notice.text
    assert window.session.title == "Dusk" and client.commands == []


def test_a_state_that_cannot_be_kept_is_told_once_and_tried_again(window, autosave, tmp_path):
    window._keep_state()
    shutil.rmtree(tmp_path / "state")
    (tmp_path / "state").write_text("a file where the folder should be")
    window.pad.moved.emit(0.9, 0.1)
    window._saver.start()
    window._saver.timeout.emit()
    assert "cannot be kept" in window.notice.text and window._saver.isActive()
    window.notice.report("")
    window._saver.timeout.emit()
    assert window.notice.text == ""
    (tmp_path / "state").unlink()
    window._saver.timeout.emit()
    assert read_preset(autosave.path).pad == (0.9, 0.1)


def test_a_preset_may_be_asked_for_by_name_or_by_file(client, library, autosave, qtbot, tmp_path):
    window = Window(client, library, autosave)
    qtbot.addWidget(window)
    window.open_first("dusk")
    assert window.session.title == "Dusk"
    window.open_first(str(library.find("Dawn").path))
    assert window.session.title == "Dawn"
    with pytest.raises(PresetError, match="did you mean Dusk"):
        window.open_first("Dsk")


def test_it_starts_without_any_preset(client, tmp_path, autosave, qtbot):
    from presets.library import Library

    window = Window(client, Library(tmp_path / "none", tmp_path / "no-factory"), autosave)
    qtbot.addWidget(window)
    window.open_first(None)
    assert window.status.preset.text() == "No preset" and "no presets yet" in window.notice.text
    window.pad.moved.emit(0.2, 0.2)
    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    window.close()
    assert not autosave.path.exists()


def test_nothing_moves_whatever_there_is_to_say(window, client, qtbot):
    QApplication.processEvents()
    controls = [widget for widget in window.findChildren(QWidget) if widget.isVisible()]
    places = [(widget.mapTo(window, QPoint()), widget.size()) for widget in controls]
    for number in range(10):
        window.notice.report(f"notice {number}: " + "how to mend it " * number)
        client.state = Telemetry(polyphony=8, notice=f"engine {number}")
        window.poller.poll()
        window.loader.told.emit("Reading Harp.wav …" if number % 2 else "")
        QApplication.processEvents()
        assert [(widget.mapTo(window, QPoint()), widget.size()) for widget in controls] == places
    assert window.notice.isVisible() and window.loading.isVisible()
    assert window.pad.rect().contains(window.notice.geometry())
    name = window.pad.square.toRect().adjusted(0, window.pad.square.toRect().height() - 50, 0, 0)
    assert not window.notice.geometry().intersects(name)  # the lower corner's name and button stay free


def test_names_are_plain_text_everywhere(window, library):
    name = "<b>x</b><img src=a>"
    window.load(library.save(four_sounds(name, (name,) * 4, tags=("<i>",))))
    window._list_presets()
    window.notice.report(f"{name} is told")
    QApplication.processEvents()
    labels = [label for label in window.findChildren(QLabel) if name in label.text()]
    assert len(labels) == 2 and all(label.textFormat() == Qt.TextFormat.PlainText for label in labels)
    rows = window.presets.rows
    tips = [widget.toolTip() for widget in window.findChildren(QWidget)]
    tips += [rows.item(row).toolTip() for row in range(rows.count())]
    marked = [tip for tip in tips if "src=a" in tip]
    assert len(marked) >= 2 and all("<b>" not in tip and tip.startswith("<qt>") for tip in marked)


@pytest.mark.parametrize(("width", "height"), [(1000, 680), (1280, 800)])
def test_the_pad_is_square_the_largest_thing_and_about_half_the_width(window, qtbot, width, height):
    window.resize(width, height)
    qtbot.waitUntil(lambda: window.pad.square.width() >= 0.49 * width)
    assert (window.width(), window.height()) == (width, height)
    others = (window.presets, window.envelope, window.voice, window.piano)
    assert all(other.width() * other.height() < window.pad.square.width() ** 2 for other in others)


def test_columns_take_what_the_pad_leaves_within_bounds():
    assert column_widths(1280, 640) == (258, 342)
    assert column_widths(1000, 640) == (198, 262)
    assert column_widths(4000, 640) == (420, 540)


def test_no_text_is_cut_at_the_smallest_size(window, qtbot):
    window.resize(880, 500)
    qtbot.waitUntil(lambda: (window.width(), window.height()) == (880, 500))
    for widget in (*window.findChildren(QLabel), *window.findChildren(QPushButton)):
        if widget.isVisible():
            assert widget.fontMetrics().horizontalAdvance(widget.text()) <= widget.width() + 1, widget.text()


def test_the_factorys_names_have_room_at_the_smallest_size_and_a_long_one_keeps_both_its_ends(window, qtbot):
    window.resize(880, 500)
    qtbot.waitUntil(lambda: (window.width(), window.height()) == (880, 500))
    title = window.status.preset
    names = [f"{path.stem}*" for path in FACTORY.glob("*.manifold")]
    assert max(map(title.fontMetrics().horizontalAdvance, names)) <= title.width()
    images = []
    for name in ("A name of forty letters, and many more*", "B name of forty letters, and many more*",
                 "A name of forty letters, and many more"):  # fmt: skip
        window.status.set_title(name)
        images.append(title.grab().toImage())
        assert title.fontMetrics().horizontalAdvance(name) > title.width() and title.toolTip() == theme.verbatim(name)
    assert images[0] != images[1] and images[0] != images[2]


def test_nothing_lies_over_anything_else_at_the_smallest_size(window, qtbot):
    window.resize(880, 500)
    qtbot.waitUntil(lambda: (window.width(), window.height()) == (880, 500))
    assert window.minimumSizeHint().height() <= 500
    qtbot.waitUntil(lambda: window.pad.square.width() > 300)
    for knob in (*window.envelope.knobs.values(), *window.voice.knobs.values()):
        assert not knob.dial.geometry().intersects(knob.field.geometry()), knob.row.label
        assert knob.dial.height() >= 24
    in_tabs = [child for child in window.strip.children() if isinstance(child, QWidget) and child.isVisible()]
    assert len(in_tabs) == len(window.strip.tabs) + 1  # and the tempo
    for child in in_tabs:
        assert window.strip.rect().contains(child.geometry()), child.accessibleName()
    for one, other in itertools.combinations(in_tabs, 2):
        assert not one.geometry().intersects(other.geometry()), one.accessibleName()


def test_without_a_screen_there_is_one_line_and_no_abort():
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment.pop("QT_QPA_PLATFORM", None)
    code = (
        "from common.errors import DeviceError\nfrom synthapp.window import run_window\n"
        "from engine.protocol import Options\n"
        "try: run_window(Options().source, None, None, None, 8, Options().decoder)\n"
        "except DeviceError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and "no screen" in done.stdout and "./run.sh render" in done.stdout


def test_the_window_is_imported_without_torch_or_numba():
    code = "import sys, synthapp.window; print([name for name in ('torch', 'numba') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_the_window_follows_a_program_change(window, client, library):
    dusk = library.find("Dusk")
    client.state = Telemetry(chosen=1, preset_path=os.fsencode(dusk.path))
    window.poller.poll()
    assert window.session.path == dusk.path and window.status.preset.text() == "Dusk"
    assert client.commands == []  # the engine plays it already
    window.undo()
    assert window.session.title == "Dawn" and type(client.commands[-1]) is LoadPreset
    client.state = Telemetry()  # another engine process, which was told what it has to play
    window.poller.poll()
    assert window.session.title == "Dawn"


def test_a_corner_is_made_of_the_three_others_by_keyboard_and_taken_back(window, client, monkeypatch):
    shown = []

    class Menu(QMenu):
        def exec(self, *_):
            shown.append(self)

    monkeypatch.setattr("synthapp.views.pad.pad.QMenu", Menu)
    button = window.pad.buttons[2]
    button.setFocus()
    QApplication.sendEvent(button, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, button.rect().center()))
    (wanted,) = [each for each in shown[0].actions() if each.text() == "Make it of “Flute” + “Double bass” − “Violin”"]
    before = window.session.corners
    wanted.trigger()
    assert window.session.corner_names[2] == "Flute + Double bass − Violin"
    assert [corner.name for corner in played(client).corners] == list(window.session.corner_names)
    window.undo()
    assert window.session.corners == before
    window.redo()
    window.control.source = Source("nowhere.safetensors")
    window.pad.sum_wanted.emit(0, 1)
    assert "nowhere" in window.notice.text and window.session.corner_names[0] == "Flute"
