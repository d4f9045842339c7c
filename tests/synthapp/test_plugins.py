"""Plug-ins in the window: found, picked by keyboard, turned by knobs with their names and units."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.commands import SetEffect, SetEffects, ShowEditor
from engine.plugins.folders import stamp
from engine.plugins.messages import Description, Parameter
from engine.plugins.scan import Finding, Shelf
from engine.telemetry import Edited, EffectState, Telemetry
from presets.effects import PLUGIN, STATE_BYTES, Plugin, Slot
from presets.file import read_preset
from synthapp import chain

TUBE = Description(
    "Warm Tube", "", "2.1", "Somebody", "Fx", latency=64,
    parameters=(
        Parameter("drive", "Drive", "dB", 0.0, 24.0, 6.0),
        Parameter("kind", "Kind", "", 0.0, 1.0, 0.0, ("Soft", "Hard")),
    ),
)  # fmt: skip
HALL = Description("Wide Hall", "", "1", "Somebody else", "Fx|Reverb")
SYNTH = Description("Loud Synth", "", effect=False)


@pytest.fixture
def plugins(tmp_path, monkeypatch):
    """Three plug-ins that are known, and one that does not load."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("engine.plugins.folders.usual_folders", lambda: ())
    monkeypatch.setenv("VST3_PATH", str(tmp_path / "vst3"))
    (tmp_path / "vst3").mkdir()
    shelf = Shelf()
    for name, found in (("Tube", TUBE), ("Hall", HALL), ("Synth", SYNTH), ("Broken", None)):
        place = tmp_path / "vst3" / f"{name}.vst3"
        place.touch()
        shelf._findings[str(place)] = Finding(stamp(place), name, found, "" if found else "it crashed (SIGSEGV)")
    shelf._write()
    chain._scanned_rows.cache_clear()
    yield tmp_path
    chain._scanned_rows.cache_clear()


def pick(window):
    window.effects.add.menu().actions()[-1].trigger()
    return window.picker


def shown(picker):
    return [item.text() for item in picker._items() if not item.isHidden()]


def test_the_list_names_effects_and_says_what_does_not_load(window, plugins):
    picker = pick(window)
    assert shown(picker) == [
        "Warm Tube · Somebody · 64 frames late", "Wide Hall · Somebody else", "Broken · it crashed (SIGSEGV)",
    ]  # fmt: skip
    assert picker.state.text() == "2 plug-ins" and picker.scan.isEnabled()
    picker.reject()


def test_picked_by_keyboard(window, client, plugins):
    picker = pick(window)
    QTest.keyClicks(picker.search, "hall")
    assert shown(picker) == ["Wide Hall · Somebody else"]
    picker.search.clear()
    QTest.keyClick(picker.search, Qt.Key.Key_Down)
    QTest.keyClick(picker.search, Qt.Key.Key_Up)
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    slots = window.session.effects
    assert slots == (Slot(1, PLUGIN, plugin=Plugin("VST3", "Warm Tube", "2.1", "")),)
    assert client.commands[-1] == SetEffects(slots) and not picker.isVisible()
    window.undo()
    assert not window.session.effects


def test_a_preset_is_saved_with_the_state_that_the_engine_tells(window, plugins):
    picker = pick(window)
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    opened = Plugin("VST3", "Warm Tube", "2.1", "here", b"state")
    window._show_telemetry(Telemetry(plugins=((1, opened),)), 0.05)
    assert window.session.effects[0].plugin.state == b""
    window.control.save()
    saved = read_preset(window.session.path).effects
    assert saved[0].plugin == opened and window.session.effects == saved and not window.session.changed


def test_a_state_is_kept_as_it_was_and_has_to_fit():
    old = Slot(1, PLUGIN, plugin=Plugin("VST3", "A", "1", state=b"old"))
    new = Slot(2, PLUGIN, plugin=Plugin("VST3", "B"))
    told = {1: Plugin("VST3", "A", "2", state=b"new"), 2: Plugin("VST3", "B", "1", state=b"x" * STATE_BYTES)}
    assert chain.with_states((old, new), told) == (old, new)
    told[2] = Plugin("VST3", "B", "1", state=b"x" * (STATE_BYTES - 3))
    assert chain.with_states((old, new), told) == (old, replace(new, plugin=told[2]))
    told[2] = Plugin("VST3", "Another", "1", state=b"x")
    assert chain.with_states((old, new), told) == (old, new)


def test_what_does_not_load_cannot_be_picked(window, plugins):
    picker = pick(window)
    QTest.keyClicks(picker.search, "broken")
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    assert picker.isVisible() and not window.session.effects
    picker.reject()


def test_its_parameters_are_knobs_with_units_and_texts(window, client, plugins):
    picker = pick(window)
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    QTest.keyClick(window.effects.cards[1].name, Qt.Key.Key_Return)
    knobs = window.effects.details.knobs
    assert list(knobs) == ["drive", "kind", "wet"]
    assert (knobs["drive"].row.unit, knobs["drive"].row.maximum) == ("dB", 24.0)
    assert knobs["drive"].dial.accessibleName() == "Warm Tube: Drive" and knobs["kind"].row.choices == ("Soft", "Hard")
    QTest.keyClick(knobs["drive"].dial, Qt.Key.Key_Up)
    last = client.commands[-1]
    assert isinstance(last, SetEffect) and (last.slot, last.param) == (1, "drive") and last.value > 6.0
    assert window.session.effects[0].parameters == {"drive": last.value}


def test_its_own_window_is_opened_by_keyboard_and_what_is_turned_there_is_a_step_of_its_own(window, client, plugins):
    picker = pick(window)
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    QTest.keyClick(window.effects.cards[1].name, Qt.Key.Key_Return)
    details = window.effects.details
    assert details.editor.accessibleName() == "Warm Tube: its own window"
    QTest.keyClick(details.editor, Qt.Key.Key_Space)
    assert client.commands[-1] == ShowEditor(1, True)
    window._show_telemetry(Telemetry(effects=(EffectState(1, editing=True),)), 0.05)
    assert details.editor.isChecked() and details.editor.accessibleDescription() == "open"
    told, turns = len(client.commands), [(1, 7.0), (1, 8.0), (2, 9.0)]
    for gesture, value in turns:
        window._show_telemetry(Telemetry(edited=(Edited(1, gesture, {"drive": value}),)), 0.05)
    assert details.knobs["drive"].value == 9.0 and window.session.changed
    left = Plugin("VST3", "Warm Tube", "2.1", state=b"another tube")
    window._show_telemetry(Telemetry(edited=(Edited(1, 0, {}, left),)), 0.05)
    assert client.commands[told:] == [SetEffects(window.session.effects)]
    assert window.session.effects[0].plugin == left
    for value in (9.0, 8.0, 6.0):
        window.undo()
        assert details.knobs["drive"].value == value and window.session.effects[0].plugin.state == b""
    assert window.status.again.accessibleName() == "Redo Warm Tube: its editor"
    big = Plugin("VST3", "Warm Tube", "2.1", state=b"x" * (STATE_BYTES + 1))
    window._show_telemetry(Telemetry(edited=(Edited(1, 0, {}, big), Edited(9, 1, {"drive": 1.0}))), 0.05)
    assert "KiB" in window.notice.text and window.session.effects[0].plugin.state == b""


def test_a_plug_in_that_is_not_known_here_keeps_its_parameters(window, plugins):
    slot = Slot(1, PLUGIN, plugin=Plugin("VST3", "Gone"), parameters={"drive": 3.0})
    assert list(chain.rows(slot)) == ["wet", "on"] and chain.value(slot, "drive") == 3.0


@pytest.mark.slow
def test_where_none_is_known_they_are_looked_for(window, qtbot, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("engine.plugins.folders.usual_folders", lambda: ())
    monkeypatch.setenv("VST3_PATH", str(tmp_path))
    (tmp_path / "Broken.vst3").touch()
    picker = pick(window)
    assert picker.state.text() == "looking …" and not picker.scan.isEnabled()
    qtbot.waitUntil(lambda: picker.scan.isEnabled(), timeout=60000)
    assert any(text.startswith("Broken · ") for text in shown(picker))
    picker.reject()
