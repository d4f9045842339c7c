"""The envelope: its handles are dragged, and its release says what is heard."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from engine.parameters import TABLE, Param
from synthapp.views.panel.envelope import EnvelopeView

LEFT, SHIFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier
PEAK, DECAYED, LET_GO, END = range(4)


@pytest.fixture
def view(qtbot):
    view = EnvelopeView()
    qtbot.addWidget(view)
    view.resize(340, 260)
    for param, value in ((Param.ATTACK_MS, 50.0), (Param.SUSTAIN, 0.5)):
        view.set_value(param, value)
    with qtbot.waitExposed(view):
        view.show()
    view.asked = {}
    view.changed.connect(view.asked.__setitem__)
    return view


def drag(view, handle, right=0, down=0, modifiers=NONE):
    start = view.curve.handles()[handle].toPoint()
    QTest.mousePress(view.curve, LEFT, modifiers, start)
    QTest.mouseMove(view.curve, start + QPoint(right, down))
    QTest.mouseRelease(view.curve, LEFT, modifiers, start + QPoint(right, down))


@pytest.mark.parametrize(
    ("handle", "param", "way"),
    [
        (PEAK, Param.ATTACK_MS, (25, 0)),
        (DECAYED, Param.DECAY_MS, (25, 0)),
        (LET_GO, Param.SUSTAIN, (0, -15)),
        (END, Param.RELEASE_MS, (25, 0)),
    ],
)
def test_a_handle_sets_its_parameter_both_ways(view, handle, param, way):
    before = view.knobs[param].value
    drag(view, handle, *way)
    more = view.asked.pop(param)
    assert more > before and view.knobs[param].value == more and not view.asked
    drag(view, handle, -2 * way[0], -2 * way[1])
    assert view.asked[param] < more


def test_the_second_handle_is_decay_and_sustain_at_once(view):
    drag(view, DECAYED, 20, 10)
    assert set(view.asked) == {Param.DECAY_MS, Param.SUSTAIN} and view.asked[Param.SUSTAIN] < 0.5


def test_a_handle_far_outside_is_at_the_end_of_its_range(view):
    drag(view, END, 5000)
    assert view.asked[Param.RELEASE_MS] == pytest.approx(TABLE[Param.RELEASE_MS].maximum)
    drag(view, LET_GO, 0, -5000)
    assert view.asked[Param.SUSTAIN] == 1.0


def test_a_press_beside_the_handles_changes_nothing(view):
    place = view.curve.handles()[LET_GO].toPoint() + QPoint(0, -25)
    QTest.mousePress(view.curve, LEFT, NONE, place)
    QTest.mouseMove(view.curve, place + QPoint(30, 0))
    assert not view.asked


def test_a_release_beyond_the_recorded_one_says_so_and_is_drawn_no_longer(view):
    view.set_value(Param.RELEASE_MS, 10000.0)
    free = view.curve.corners()
    view.set_recorded(480.0)
    knob = view.knobs[Param.RELEASE_MS]
    assert knob.field.text() == "recorded" and "480 ms" in knob.dial.toolTip() and knob.value == 10000.0
    view.set_value(Param.RELEASE_MS, 480.0)
    assert view.curve.corners() != free and knob.field.text() == "recorded"
    view.set_value(Param.RELEASE_MS, 200.0)
    assert knob.field.text() == "200 ms"
    view.set_recorded(0.0)
    view.set_value(Param.RELEASE_MS, 10000.0)
    assert knob.field.text() == "10.00 s" and "by themselves" not in knob.dial.toolTip()


def test_dragging_a_recorded_release_starts_where_it_is_drawn(view):
    view.set_value(Param.RELEASE_MS, 10000.0)
    view.set_recorded(480.0)
    drag(view, END, -20)
    assert 100 < view.asked[Param.RELEASE_MS] < 480
