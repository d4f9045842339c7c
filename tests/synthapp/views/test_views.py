"""Status line, meter, notice, connections, preset list, computer keyboard."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from engine.telemetry import Sounding, Telemetry
from presets.library import Entry
from synthapp.views.keys.computer_keyboard import ComputerKeyboard
from synthapp.views.library.preset_list import PresetList
from synthapp.views.library.preset_row import ENTRY
from synthapp.views.panel.connections import ConnectionsView
from synthapp.views.panel.meter import MeterView
from synthapp.views.panel.notices import MOST, Notices
from synthapp.views.panel.status import StatusLine


@pytest.fixture
def shown(qtbot):
    """Make a widget live as long as the test."""

    def show(widget):
        qtbot.addWidget(widget)
        return widget

    return show


def test_the_status_line_says_how_the_engine_is_doing(shown):
    line = shown(StatusLine())
    voices = (Sounding(60, 1.0, True), Sounding(64, 0.5, False))
    line.show_telemetry(Telemetry(voices=voices, polyphony=8, load=0.42, latency_ms=9.62, xruns=3, audio_device="x"))
    texts = [readout.value.text() for readout in (line.voices, line.load, line.latency, line.xruns)]
    assert texts == ["2/8", "42 %", "9.6 ms", "3"] and line.bar.load == 0.42
    line.show_telemetry(Telemetry())
    assert line.latency.value.text() == "–"


def test_the_meter_says_over_at_full_scale(shown):
    meter = shown(MeterView())
    assert meter.text == "−∞ dB"
    meter.advance((0.5, 0.25), 0.02)
    assert meter.text == "−6.0 dB"
    meter.advance((0.5, 1.0), 0.02)
    assert meter.text == "over" and meter.accessibleDescription() == "over"


@pytest.fixture
def notices(shown, qtbot, monkeypatch):
    monkeypatch.setattr("synthapp.views.panel.notices.SHOWN_MS", 200)
    pad = shown(QWidget())
    pad.resize(600, 500)
    notices = Notices(pad)
    with qtbot.waitExposed(pad):
        pad.show()
    yield notices
    pad.hide()


def test_the_notice_is_there_only_while_there_is_something_to_say(notices, qtbot):
    assert not notices.isVisible()
    notices.show_engine("no audio device")
    notices.report("disk full")
    assert notices.text == "disk full\nno audio device" and notices.isVisible()
    notices.report("")
    assert notices.text == "no audio device"
    notices.findChild(QPushButton).click()
    assert notices.text == "" and not notices.isVisible()
    notices.show_engine("no audio device")
    assert notices.text == ""  # hidden as long as it is the same
    notices.repeat_engine()
    assert notices.text == "no audio device"
    notices.show_engine("")
    assert notices.text == ""
    notices.show_engine("no audio device")
    assert notices.text == "no audio device"
    qtbot.waitUntil(lambda: notices.text == "" and not notices.isVisible())


def test_notices_lie_on_the_pad_the_newest_on_top_and_never_too_many(notices):
    for number in range(10):
        notices.report(f"<b>notice</b> {number}")
    assert notices.text.splitlines() == [f"<b>notice</b> {number}" for number in range(10 - MOST, 10)]
    labels = notices.findChildren(QLabel)
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in labels)
    assert notices.parentWidget().rect().contains(notices.geometry())
    tops = {label.text()[-1]: label.mapTo(notices, label.rect().topLeft()).y() for label in labels if label.isVisible()}
    assert sorted(tops, key=tops.get) == ["9", "8", "7", "6", "5"]


def test_a_click_on_a_notice_is_none_on_what_lies_below(notices, monkeypatch):
    clicks = []
    notices.parentWidget().mousePressEvent = clicks.append
    notices.report("disk full")
    QApplication.processEvents()
    QTest.mouseClick(notices.findChild(QLabel), Qt.MouseButton.LeftButton)
    assert clicks == []


def test_what_the_engine_complains_of_can_be_read_again(shown, qtbot):
    line = shown(StatusLine())
    line.resize(1000, 40)
    line.show()
    width = line.preset.width()
    line.show_telemetry(Telemetry(notice="no <b>audio</b> device"))
    assert line.trouble.isVisible() and "no &lt;b&gt;audio" in line.trouble.toolTip() and line.preset.width() == width
    with qtbot.waitSignal(line.trouble_wanted):
        line.trouble.click()
    line.show_telemetry(Telemetry())
    assert not line.trouble.isVisible()


@pytest.fixture
def connections(shown):
    view = shown(ConnectionsView())
    view.asked = []
    view.audio_chosen.connect(lambda name: view.asked.append(("audio", name)))
    view.midi_chosen.connect(lambda name: view.asked.append(("midi", name)))
    return view


def test_what_is_missing_is_said_and_cannot_be_chosen(connections):
    connections.show_telemetry(Telemetry())
    assert connections.audio.currentText() == "No audio device" and not connections.audio.isEnabled()
    assert connections.midi.currentText() == "No MIDI port" and not connections.midi.isEnabled()


def test_a_device_that_appears_can_be_chosen(connections):
    connections.show_telemetry(Telemetry(audio_devices=("A", "B"), audio_device="B", available_midi_ports=("M",)))
    assert connections.audio.currentText() == "B" and connections.midi.currentText() == "Every keyboard"
    assert connections.asked == []  # following the engine is no request
    QTest.keyClick(connections.audio, Qt.Key.Key_Up)
    QTest.keyClick(connections.audio, Qt.Key.Key_Up)
    QTest.keyClick(connections.midi, Qt.Key.Key_Down)
    assert connections.asked == [("audio", "A"), ("audio", None), ("midi", "M")]


def test_without_a_wish_every_keyboard_is_heard_however_few_there_are(connections):
    connections.show_telemetry(Telemetry(available_midi_ports=("M", "program:out"), midi_ports=("M",)))
    assert connections.midi.currentText() == "Every keyboard"
    assert connections.midi.toolTip() == "Every keyboard. Heard now: M"
    assert connections.midi.findText("program:out") > 0  # programs' ports can be chosen, too


def test_the_wish_is_shown_and_so_is_the_port_that_it_means(connections):
    connections.show_wishes(None, "kEYs")
    connections.show_telemetry(Telemetry(available_midi_ports=("M", "Big Keys 20:0")))
    assert connections.midi.currentText() == "Big Keys 20:0"


@pytest.mark.parametrize("others", [(), ("M",)])
def test_a_chosen_port_that_vanished_stays_on_show_and_can_be_withdrawn(connections, others):
    connections.show_telemetry(Telemetry(available_midi_ports=("Keys", *others)))
    QTest.keyClick(connections.midi, Qt.Key.Key_Down)
    connections.show_telemetry(Telemetry(available_midi_ports=others))
    assert connections.midi.currentText() == "Keys (not there)" and connections.midi.isEnabled()
    QTest.keyClick(connections.midi, Qt.Key.Key_Home)
    assert connections.asked == [("midi", "Keys"), ("midi", None)]
    connections.show_telemetry(Telemetry(available_midi_ports=others))
    assert connections.midi.currentText() == ("Every keyboard" if others else "No MIDI port")
    connections.show_telemetry(Telemetry(available_midi_ports=("Keys",)))
    assert connections.midi.currentText() == "Every keyboard"  # it was withdrawn


def test_a_device_that_vanished_stays_on_show_until_it_is_back(connections):
    connections.show_wishes("USB", None)
    connections.show_telemetry(Telemetry(audio_devices=("HDMI",), audio_device="HDMI"))
    assert connections.audio.currentText() == "USB (not there)"
    connections.show_telemetry(Telemetry(audio_devices=("HDMI", "USB Audio"), audio_device="USB Audio"))
    assert connections.audio.currentText() == "USB Audio"


ENTRIES = (
    Entry("Dawn", ("calm",), ("Flute", "Bass", "Bell", "Voice"), Path("dawn"), False),
    Entry("broken", (), (), Path("broken"), False, "it is truncated"),
    Entry("Four winds", (), ("Oboe", "Clarinet", "Horn", "Flute"), Path("winds"), True),
)


@pytest.fixture
def presets(shown):
    presets = shown(PresetList())
    presets.show_entries(ENTRIES)
    presets.resize(250, 500)
    presets.show()
    return presets


def lines(presets):
    return [presets.rows.item(row).text() for row in range(presets.rows.count())]


def click(presets, name):
    item = next(presets.rows.item(row) for row in range(presets.rows.count()) if presets.rows.item(row).text() == name)
    place = presets.rows.visualItemRect(item).center()
    QTest.mouseClick(presets.rows.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)


def test_presets_are_listed_in_groups_and_searched_by_name_tag_and_sound(presets):
    assert lines(presets) == ["Yours", "Dawn", "broken", "Factory", "Four winds"]
    for words, found in (("flute", ["Dawn", "Four winds"]), ("CALM fl", ["Dawn"]), ("wind horn", ["Four winds"])):
        presets.search.setText(words)
        rows = [presets.rows.item(row) for row in range(presets.rows.count())]
        assert [item.text() for item in rows if item.data(ENTRY)] == found
    presets.search.setText("zzz")
    assert lines(presets) == ["Nothing found"]
    presets.search.clear()
    presets.show_entries(())
    assert lines(presets) == ["No presets yet"]


def test_a_click_loads_but_not_what_cannot_be_read_nor_a_title(presets):
    loads = []
    presets.load_wanted.connect(loads.append)
    for name in ("broken", "Factory", "Four winds", "Dawn"):
        click(presets, name)
    assert [entry.name for entry in loads] == ["Four winds", "Dawn"]


def test_enter_loads_the_row_that_the_arrow_keys_reached(presets):
    loads = []
    presets.load_wanted.connect(loads.append)
    click(presets, "Dawn")
    QTest.keyClick(presets.rows, Qt.Key.Key_Down)
    QTest.keyClick(presets.rows, Qt.Key.Key_Return)
    assert [entry.name for entry in loads] == ["Dawn", "Four winds"]


def test_the_menu_offers_what_is_possible(presets):
    def possible(entry):
        return [action.text() for action in presets.menu(entry).actions() if action.isEnabled()]

    assert possible(ENTRIES[0]) == ["Load", "Favourite", "Duplicate", "Rename …", "Delete …"]
    assert possible(ENTRIES[1]) == ["Delete …"]
    assert possible(ENTRIES[2]) == ["Load", "Favourite", "Duplicate"]


def test_saving_needs_a_preset(presets):
    assert not presets.save.isEnabled() and not presets.save_as.isEnabled() and not presets.more.isEnabled()
    presets.allow_saving(True)
    presets.show_playing(Path("dawn"))
    assert presets.save.isEnabled() and presets.save_as.isEnabled() and presets.more.isEnabled()


@pytest.fixture
def keyboard(shown):
    """A computer keyboard in front of a widget, and what it played."""
    keyboard = ComputerKeyboard()
    keyboard.events = []
    keyboard.pressed.connect(lambda note, velocity: keyboard.events.append(("on", note)))
    keyboard.released.connect(lambda note: keyboard.events.append(("off", note)))
    keyboard.widget = shown(QWidget())
    keyboard.widget.installEventFilter(keyboard)
    return keyboard


def test_letters_play_and_z_and_x_move_by_an_octave(keyboard):
    QTest.keyClick(keyboard.widget, Qt.Key.Key_A)
    QTest.keyClick(keyboard.widget, Qt.Key.Key_X)
    QTest.keyClick(keyboard.widget, Qt.Key.Key_W)
    QTest.keyClick(keyboard.widget, Qt.Key.Key_Z)
    QTest.keyClick(keyboard.widget, Qt.Key.Key_K)
    QTest.keyClick(keyboard.widget, Qt.Key.Key_Q)
    assert keyboard.events == [("on", 60), ("off", 60), ("on", 73), ("off", 73), ("on", 72), ("off", 72)]


def test_a_held_key_that_repeats_itself_is_one_note(keyboard):
    for repeats in (False, True, True):
        for kind in (QEvent.Type.KeyRelease, QEvent.Type.KeyPress):
            if kind == QEvent.Type.KeyRelease and not repeats:
                continue
            event = QKeyEvent(kind, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, "a", repeats)
            QApplication.sendEvent(keyboard.widget, event)
    assert keyboard.events == [("on", 60)]


def test_shortcuts_do_not_play_and_losing_the_window_lets_go(keyboard):
    QTest.keyClick(keyboard.widget, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert keyboard.events == []
    QTest.keyPress(keyboard.widget, Qt.Key.Key_A)
    QTest.keyPress(keyboard.widget, Qt.Key.Key_D)
    QApplication.sendEvent(keyboard.widget, QEvent(QEvent.Type.WindowDeactivate))
    QTest.keyRelease(keyboard.widget, Qt.Key.Key_A)
    assert keyboard.events == [("on", 60), ("on", 64), ("off", 60), ("off", 64)]
