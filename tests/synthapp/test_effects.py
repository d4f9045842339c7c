"""The chain in the window: what a player does reaches the engine, can be undone, and is saved with the preset."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.commands import LoadPreset, SetEffect, SetEffects, SetTempo
from engine.effects.kinds import KINDS
from engine.telemetry import EffectState, Telemetry
from presets.effects import PLUGIN, Plugin, Slot
from presets.file import read_preset
from presets.library import Library
from presets.space import SPACES
from synthapp.autosave import Autosave
from synthapp.views.layout import SMALL
from synthapp.window import Window
from tests.synthapp.fakes import four_sounds

CHAIN = (Slot(1, "reverb", wet=0.3), Slot(2, "delay", wet=0.2), Slot(5, "drive", on=False))
LEFT, NONE, ALT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def wet(window, client, library):
    """The window with a preset that has a chain, its strip open."""
    window._list_presets()
    window.load(library.save(four_sounds("Wet", effects=CHAIN)))
    window.strip.set_open(True)
    QApplication.processEvents()
    window.activateWindow()
    client.commands.clear()
    return window


def order(window):
    """As it is in the session, and as it is seen."""
    QApplication.processEvents()
    slots = [slot.id for slot in window.session.effects]
    assert slots == sorted(window.effects.cards, key=lambda id: window.effects.cards[id].x())
    return slots


def test_a_light_bypasses_and_a_knob_sets(wet, client):
    card = wet.effects.cards[1]
    QTest.mouseClick(card.light, LEFT)
    QTest.keyClick(card.knobs["wet"].dial, Qt.Key.Key_Up)
    QTest.keyClick(card.knobs["size"].dial, Qt.Key.Key_Down)
    assert client.commands == [
        SetEffect(1, "on", 0.0), SetEffect(1, "wet", pytest.approx(0.32)), SetEffect(1, "size", pytest.approx(0.48)),
    ]  # fmt: skip
    now = wet.session.effects[0]
    assert (now.on, now.wet, now.parameters["size"]) == (False, pytest.approx(0.32), pytest.approx(0.48))
    assert wet.status.preset.text() == "Wet*"


def test_a_turn_is_undone_as_one_and_the_engine_hears_it(wet, client):
    dial = wet.effects.cards[2].knobs["feedback"].dial
    QTest.mousePress(dial, LEFT, NONE, QPoint(10, 30))
    for y in (25, 20, 10):
        QTest.mouseMove(dial, QPoint(10, y))
    QTest.mouseRelease(dial, LEFT, NONE, QPoint(10, 10))
    assert wet.control.history.undoable.what == "Delay: Repeats"
    wet.undo()
    assert client.commands[-1] == SetEffects(CHAIN) and wet.session.effects == CHAIN and not wet.session.changed
    wet.redo()
    assert client.commands[-1] == SetEffects(wet.session.effects) != SetEffects(CHAIN)


def test_slots_are_moved_and_taken_out_by_keys(wet, client):
    QTest.keyClick(wet.effects.cards[1].name, Qt.Key.Key_Right, ALT)
    assert order(wet) == [2, 1, 5]
    assert client.commands == [SetEffects((CHAIN[1], CHAIN[0], CHAIN[2]))]
    QTest.keyClick(wet.effects.cards[5].name, Qt.Key.Key_Right, ALT)
    assert order(wet) == [2, 1, 5]
    QTest.keyClick(wet.effects.cards[2].name, Qt.Key.Key_Delete)
    assert order(wet) == [1, 5]
    wet.undo()
    wet.undo()
    assert order(wet) == [1, 2, 5] and client.commands[-1] == SetEffects(CHAIN)


def test_a_drag_moves_a_slot_and_opens_nothing(wet):
    name = wet.effects.cards[1].name
    QTest.mousePress(name, LEFT, NONE, QPoint(10, 10))
    QTest.mouseMove(name, QPoint(110, 10))
    QTest.mouseRelease(name, LEFT, NONE, QPoint(110, 10))
    assert order(wet) == [2, 1, 5] and wet.effects.details is None


def test_each_kind_can_be_added(wet, client):
    actions = wet.effects.add.menu().actions()[: len(KINDS)]
    assert [action.text() for action in actions] == [row.label for row in KINDS.values()]
    for action, (kind, row) in zip(actions, KINDS.items(), strict=True):
        action.trigger()
        assert client.commands[-1] == SetEffects((*CHAIN, Slot(6, kind, wet=row.wet)))
        assert order(wet) == [1, 2, 5, 6] and set(wet.effects.cards[6].knobs) == {row.macro, "wet"}
        wet.undo()


def test_there_is_room_for_eight(wet):
    for _ in range(5):
        wet.effects.add_wanted.emit("eq")
    assert not wet.effects.add.isEnabled() and len(wet.session.effects) == 8
    wet.effects.add_wanted.emit("eq")
    assert len(wet.session.effects) == 8 and "9 effects; 8 may be" in wet.notice.text


def test_details_by_keyboard(wet, client):
    QTest.keyClick(wet.effects.cards[2].name, Qt.Key.Key_Return)
    details = wet.effects.details
    assert details is not None and QApplication.focusWidget() is details.back
    assert set(details.knobs) == {*KINDS["delay"].rows, "wet"}
    QTest.keyClick(details.knobs["time_ms"].dial, Qt.Key.Key_Up)
    assert client.commands[-1].param == "time_ms" and wet.session.effects[1].parameters["time_ms"] > 375
    details.knobs["sync"].field.setFocus()
    details.knobs["sync"].field.setText("1/8.")
    details.knobs["sync"].field.setModified(True)
    QTest.keyClick(details.knobs["sync"].field, Qt.Key.Key_Return)
    assert client.commands[-1] == SetEffect(2, "sync", 6.0) and details.knobs["sync"].text == "1/8."
    QTest.keyClick(details.back, Qt.Key.Key_Backspace)
    assert wet.effects.details is None and QApplication.focusWidget() is wet.effects.cards[2].name


def test_details_close_with_their_slot(wet):
    wet.effects.open_details(CHAIN[1])
    wet.effects.details.removed.emit()
    assert wet.effects.details is None and order(wet) == [1, 5]


def test_details_close_where_another_preset_has_another_effect_in_that_slot(wet, library):
    entry = library.save(four_sounds("Another", effects=(Slot(1, "reverb"), Slot(2, "eq"))))
    wet.effects.open_details(CHAIN[0])
    wet.load(entry)
    assert wet.effects.details.knobs["wet"].value == 1.0  # the same kind: the details stay, as this preset has them
    wet.undo()
    wet.effects.open_details(CHAIN[1])
    wet.load(entry)
    assert wet.effects.details is None and set(wet.effects.cards[2].knobs) == {"mid_db", "wet"}


def test_every_control_of_the_chain_has_a_name_a_role_and_is_reached(wet):
    wet.effects.open_details(CHAIN[0])
    details = wet.effects.details
    controls = [
        details.light,
        details.back,
        *(knob.dial for knob in details.knobs.values()),
        wet.tempo,
        *wet.strip.tabs,
    ]
    for card in wet.effects.cards.values():
        controls += [card.light, card.name, *(knob.dial for knob in card.knobs.values())]
    for control in controls:
        told = QAccessible.queryAccessibleInterface(control)
        assert told.text(QAccessible.Text.Name) and told.role() != QAccessible.Role.Client
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
    names = [QAccessible.queryAccessibleInterface(each).text(QAccessible.Text.Name) for each in controls[7:]]
    assert "Delay: Repeats" in names and "Drive: off" in names


def test_what_is_missing_is_told_calmly_and_kept(window, client, library):
    missing = Slot(3, PLUGIN, wet=0.5, parameters={"mix": 0.2}, plugin=Plugin("VST3", "Zam", state=b"\0\xff"))
    future = Slot(4, "granulator", parameters={"grains": 12.0})
    window.load(library.save(four_sounds("Far", effects=(missing, future))))
    client.state = Telemetry(polyphony=8, effects=(EffectState(3, problem="Zam is not here"), EffectState(4)))
    window.poller.poll()
    light = window.effects.cards[3].light
    assert light.problem == light.accessibleDescription() == "Zam is not here"
    assert not window.effects.cards[4].light.problem
    window.effects.open_details(missing)
    assert window.effects.details.problem.text() == "Zam is not here"
    QTest.keyClick(window.effects.cards[4].knobs["wet"].dial, Qt.Key.Key_Down)
    window.control.save()
    assert read_preset(window.session.path).effects == (
        missing,
        Slot(4, "granulator", wet=0.98, parameters={"grains": 12.0}),
    )
    client.state = Telemetry(polyphony=8, effects=(EffectState(3), EffectState(4)))
    window.poller.poll()
    assert not light.problem


def test_a_factory_preset_has_its_space_and_an_own_one_keeps_it(window, client, library):
    factory = Library(library.factory)
    entry = factory.save(four_sounds("Neon"))
    window.load(next(each for each in library.entries() if each.path == entry.path))
    assert window.session.effects == SPACES["Neon"] and not window.session.changed
    assert read_preset(client.commands[-1].path).effects == SPACES["Neon"] and read_preset(entry.path).effects is None
    window.control.save_as("Mine")
    assert read_preset(window.session.path).effects == SPACES["Neon"]
    window.effects.remove_wanted.emit(1)
    window.effects.remove_wanted.emit(2)
    window.control.save()
    assert read_preset(window.session.path).effects == ()  # dry by choice


def test_a_factory_preset_that_was_played_last_is_as_it_was(window, qtbot, client, library, autosave):
    entry = Library(library.factory).save(four_sounds("Neon"))
    window.load(next(each for each in library.entries() if each.path == entry.path))
    window._keep_state()
    later = Window(client, library, Autosave(autosave.path.parent))
    qtbot.addWidget(later)
    later.control.autosave._undo, later.control.autosave.path = autosave._undo, autosave.path  # the first is open still
    later.open_first(None)
    assert later.session.effects == SPACES["Neon"] and not later.session.changed


def test_tab_goes_along_the_chain(wet):
    QTest.keyClick(wet.effects.cards[1].name, Qt.Key.Key_Right, ALT)
    order(wet)
    wet.effects.cards[2].light.setFocus()
    reached = []
    for _ in range(13):
        reached.append(QApplication.focusWidget())
        QTest.keyClick(reached[-1], Qt.Key.Key_Tab)
    cards = [wet.effects.cards[id] for id in (2, 1, 5)]
    expected = [widget for card in cards for widget in (card.light, card.name, *(k.dial for k in card.knobs.values()))]
    assert reached == [*expected, wet.effects.add]


def test_a_preset_of_before_stays_dry_and_opens_in_programs_of_before(window):
    assert window.session.effects is None and not window.effects.cards
    window.control.save()
    assert b'"schema_version\\":1,' in window.session.path.read_bytes()


def test_chain_and_its_undo_come_back_at_the_next_start(wet, qtbot, client, library, autosave):
    wet.effects.move_wanted.emit(1, 1)
    QTest.keyClick(wet.effects.cards[1].knobs["wet"].dial, Qt.Key.Key_Up)
    kept = wet.session.effects
    wet._keep_state()
    later = Window(client, library, Autosave(autosave.path.parent))
    qtbot.addWidget(later)
    later.control.autosave._undo, later.control.autosave.path = autosave._undo, autosave.path  # the first is open still
    later.open_first(None)
    assert later.session.effects == kept
    assert (
        read_preset(next(each for each in reversed(client.commands) if isinstance(each, LoadPreset)).path).effects
        == kept
    )
    later.undo()
    later.undo()
    assert later.session.effects == CHAIN


def test_the_tempo_is_told_and_kept(window, client):
    window.tempo.setFocus()
    window.tempo.setText("97.5")
    QTest.keyClick(window.tempo, Qt.Key.Key_Return)
    assert client.commands == [SetTempo(97.5)] and window.settings.now.tempo == 97.5
    assert window.tempo.text() == "97.5 bpm" and not window.tempo.hasFocus()
    QTest.keyClick(window.tempo, Qt.Key.Key_Up)
    assert client.commands[-1] == SetTempo(98.5)


def test_the_strip_is_folded_away_in_a_small_window(window, qtbot):
    window.resize(880, 500)
    assert not window.strip.is_open and window.height() < SMALL
    window.resize(1000, 1000)
    assert window.strip.is_open  # the pad still has half of the width
    window.strip.tabs[0].click()
    window.resize(1000, 1010)
    assert not window.strip.is_open and window.settings.now.strip is False


def test_nothing_else_moves_when_the_chain_changes(wet):
    def places():
        QApplication.processEvents()
        others = (wet.pad, wet.presets, wet.envelope, wet.voice, wet.meter, wet.piano, wet.status, wet.connections)
        return [other.mapToGlobal(QPoint(0, 0)) for other in others], [other.size() for other in others]

    before = places()
    for _ in range(5):
        wet.effects.add_wanted.emit("compressor")
    assert places() == before
    wet.effects.open_details(CHAIN[0])
    assert places() == before
    wet.strip.set_open(False)
    wet._fit()
    assert wet.piano.mapToGlobal(QPoint(0, 0)) == before[0][5]
