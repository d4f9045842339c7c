"""One knob: drag, shift, double click, wheel, arrow keys, typing."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.parameters import TABLE, Param
from synthapp.views.moving.play import ARPEGGIO, KEYS, PAD, TONE, PlayView
from synthapp.views.panel.envelope import EnvelopeView
from synthapp.views.panel.knob import Knob
from synthapp.views.panel.voice_panel import VoiceView

LEFT, SHIFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def knob(qtbot):
    knob = Knob(Param.POSITION)
    qtbot.addWidget(knob)
    knob.set_value(0.5)
    with qtbot.waitExposed(knob):
        knob.show()
    return knob


@pytest.fixture
def changes(knob):
    changes = []
    knob.changed.connect(lambda param, value: changes.append((param, value)))
    return changes


def test_a_drag_up_is_more(knob, changes):
    dial = knob.dial
    QTest.mousePress(dial, LEFT, NONE, QPoint(20, 20))
    QTest.mouseMove(dial, QPoint(20, 2))
    QTest.mouseRelease(dial, LEFT, NONE, QPoint(20, 2))
    assert changes == [(Param.POSITION, pytest.approx(0.6))]
    assert knob.field.text() == "0.60"


def turn_wheel(knob, notches, modifiers=NONE):
    way = QPoint(0, 120 * notches)
    place = QPointF(20, 20)
    phase = Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(place, place, QPoint(), way, Qt.MouseButton.NoButton, modifiers, phase, False)
    QApplication.sendEvent(knob.dial, event)


def test_the_wheel_steps_and_shift_is_fine(knob, changes):
    turn_wheel(knob, 1)
    assert changes[-1][1] == pytest.approx(0.52)
    turn_wheel(knob, -1, SHIFT)
    assert changes[-1][1] == pytest.approx(0.518)


def test_arrow_keys_step(knob, changes):
    QTest.keyClick(knob.dial, Qt.Key.Key_Up)
    QTest.keyClick(knob.dial, Qt.Key.Key_Left, SHIFT)
    assert [value for _, value in changes] == pytest.approx([0.52, 0.518])


def test_a_double_click_is_the_default(knob, changes):
    QTest.mouseDClick(knob.dial, LEFT)
    assert changes[-1] == (Param.POSITION, TABLE[Param.POSITION].default)


def test_a_typed_value_counts_and_nonsense_does_not(knob, changes):
    type_in(knob, "0,25")
    assert changes == [(Param.POSITION, 0.25)] and knob.field.text() == "0.25"
    type_in(knob, "loud")
    assert len(changes) == 1 and knob.field.text() == "0.25"
    type_in(knob, "7")
    assert changes[-1] == (Param.POSITION, 1.0)


def type_in(knob, text):
    knob.field.setFocus()
    knob.field.selectAll()
    QTest.keyClicks(knob.field, text)
    QTest.keyClick(knob.field, Qt.Key.Key_Return)


def test_showing_a_value_tells_no_one(knob, changes):
    knob.set_value(0.9)
    assert changes == [] and knob.value == 0.9 and knob.dial.fraction == pytest.approx(0.9)


def test_semitones_are_whole_even_in_a_slow_drag(qtbot):
    knob = Knob(Param.TRANSPOSE)
    qtbot.addWidget(knob)
    values = []
    knob.changed.connect(lambda param, value: values.append(value))
    QTest.mousePress(knob.dial, LEFT, NONE, QPoint(20, 40))
    for y in range(39, 29, -1):
        QTest.mouseMove(knob.dial, QPoint(20, y))
    assert values == [1.0, 2.0, 3.0]


def test_every_parameter_has_one_knob(qtbot):
    views = EnvelopeView(), VoiceView(), PlayView(KEYS), PlayView(ARPEGGIO), PlayView(TONE), PlayView(PAD)
    for view in views:
        qtbot.addWidget(view)
    assert sorted(param for view in views for param in view.knobs) == sorted(TABLE)


def test_the_curve_follows_the_knobs(qtbot):
    view = EnvelopeView()
    qtbot.addWidget(view)
    view.set_value(Param.SUSTAIN, 0.25)
    times, levels = zip(*view.curve.corners(), strict=True)
    assert levels == (0.0, 1.0, 0.25, 0.25, 0.0)
    assert list(times) == sorted(times) and times[0] == 0 and times[-1] == pytest.approx(1.0)
    attack = times[1]
    view.set_value(Param.ATTACK_MS, 800.0)
    assert view.curve.corners()[1][0] > attack
