"""Every control of the whole window is reached by Tab, and tells assistive technology its name, role and value."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QListWidget

from engine.commands import NoteOff, NoteOn
from engine.parameters import Param
from synthapp.views.keys.piano import PianoView
from synthapp.views.pad.pad import PadView
from synthapp.views.panel.knob import Dial

CONTROLS = (QAbstractButton, QComboBox, QLineEdit, QListWidget, Dial, PadView, PianoView)
ROLE = QAccessible.Role


def controls(window):
    found = [widget for kind in CONTROLS for widget in window.findChildren(kind)]
    return [each for each in found if each.isVisible() and each.isEnabled() and each.focusPolicy() & Qt.TabFocus]


def name_of(widget):
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def test_tab_goes_round_all_controls(window):
    window.activateWindow()
    window.pad.setFocus()
    reached = []
    for _ in range(100):
        reached.append(QApplication.focusWidget())
        QTest.keyClick(reached[-1], Qt.Key.Key_Tab)
        if QApplication.focusWidget() is window.pad:
            break
    missed = {name_of(each) for each in controls(window)} - {name_of(each) for each in reached}
    assert not missed and len(reached) == len(set(map(id, reached)))


def test_every_control_has_a_name_and_a_role(window):
    assert len(controls(window)) >= 24
    for widget in controls(window):
        told = QAccessible.queryAccessibleInterface(widget)
        assert told.text(QAccessible.Text.Name), widget
        assert told.role() != ROLE.Client or widget in (window.pad, window.piano), told.text(QAccessible.Text.Name)


@pytest.mark.parametrize("param", Param)
def test_a_dial_is_one_and_its_value_can_be_read_and_set(window, client, param):
    knob = next(view.knobs[param] for view in window.knob_views if param in view.knobs)
    told = QAccessible.queryAccessibleInterface(knob.dial)
    assert told.role() == ROLE.Dial and told.text(QAccessible.Text.Name) == knob.row.label
    assert told.text(QAccessible.Text.Description) == knob.text
    value = told.valueInterface()
    assert (value.minimumValue(), value.maximumValue()) == (0, 1000)
    value.setCurrentValue(700)
    near = 1000 if knob.row.choices else 25  # whole semitones
    assert client.commands[-1].param == param and value.currentValue() == pytest.approx(700, abs=near)
    assert value.currentValue() == pytest.approx(1000 * knob.row.share(client.commands[-1].value), abs=1)


def test_what_has_a_value_tells_it(window):
    pad, piano = (QAccessible.queryAccessibleInterface(each) for each in (window.pad, window.piano))
    assert "% Flute" in pad.text(QAccessible.Text.Description)
    assert piano.text(QAccessible.Text.Description) == "C4"


def test_the_drawn_keyboard_is_played_by_keys(window, client):
    window.activateWindow()
    window.piano.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Return):
        QTest.keyClick(window.piano, key)
    assert client.commands == [NoteOn(73, 100), NoteOff(73)]
    assert window.piano.accessibleDescription() == "C♯5"
    for _ in range(20):
        QTest.keyClick(window.piano, Qt.Key.Key_Up)
    assert window.piano.accessibleDescription() == "C8"
