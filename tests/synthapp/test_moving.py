"""Controllers that are learnt, the orbit, gestures: asked for in the window, kept in the session, undone."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.commands import LiftPad, SetMovement, SetPad, SetParameter, SetRoutes
from engine.parameters import Param
from engine.telemetry import Telemetry
from presets.movement import USUAL, Movement, Path, Route
from synthapp import moving
from synthapp.moving import Gesture, Orbit


def hear(window, source, count=1, **fields):
    """What the engine tells once a controller was moved."""
    window._show_telemetry(Telemetry(heard=(window.moving._heard + count, source), **fields), 0.03)


def last(client, kind):
    return [command for command in client.commands if isinstance(command, kind)][-1]


def test_a_knob_learns_the_controller_that_is_moved_next(window, client):
    window.moving.learn("release_ms")
    hear(window, "cc20", 0)
    assert window.settings.now.routes == USUAL  # nothing has spoken yet
    hear(window, "cc20")
    route = Route("cc20", "release_ms", sets=True, take_over=True)
    assert last(client, SetRoutes).routes == window.settings.now.routes == (*USUAL, route)
    assert window.envelope.knobs[Param.RELEASE_MS].dial._led
    assert window.modulation.chips.chips[route].text() == "CC20 → Release"
    hear(window, "cc21")
    assert window.settings.now.routes == (*USUAL, route)  # one is enough


def test_a_route_of_the_preset_alone_is_saved_with_it_and_undone(window, client):
    window.moving.learn("release_ms", for_preset=True)
    hear(window, "cc20")
    route = Route("cc20", "release_ms", sets=True, take_over=True)
    assert last(client, SetMovement).movement.routes == window.session.movement.routes == (route,)
    assert window.settings.now.routes == USUAL
    assert window.modulation.chips.chips[route].text() == "CC20 → Release (preset)"
    assert window.control.history.undoable.what == "a route"
    window.gestures.number += 1
    window.moving._forget("release_ms")
    assert window.session.movement == Movement()
    window.undo()
    assert window.session.movement.routes == (route,)
    window.undo()
    window.undo()
    assert not window.session.changed


def test_an_effects_knob_learns_and_shows_it(window, client):
    window._add_effect("delay")
    window.effects.open_details(window.session.effects[0])
    knobs = window.effects.details.knobs
    asked = []
    window.moving._show_menu = lambda target, point: asked.append(target)
    knobs["time_ms"].dial.menu_wanted.emit(QPoint())
    assert asked == ["1.time_ms"] and not knobs["time_ms"].dial._led
    window.moving.learn("1.time_ms")
    hear(window, "cc21")
    assert last(client, SetRoutes).routes[-1] == Route("cc21", "1.time_ms", sets=True, take_over=True)
    assert knobs["time_ms"].dial._led and not knobs["wet"].dial._led
    window.moving.learn("1.wet")
    hear(window, "cc22")
    assert window.effects.cards[1].knobs["wet"].dial._led


def test_escape_learns_nothing(window, client):
    window.moving.learn("speed")
    window.panic_key.activated.emit()
    hear(window, "cc20")
    assert window.settings.now.routes == USUAL
    assert client.commands == []  # and no note is silenced


def test_a_chip_takes_its_route_away(window, client):
    window.modulation.chips.chips[USUAL[0]].click()
    assert last(client, SetRoutes).routes == USUAL[1:]
    window.moving._route(moving.forgotten(window.settings.now.routes, "pad_y"))
    assert last(client, SetRoutes).routes == USUAL[2:]


def test_the_menu_comes_by_the_mouse_and_by_patience(window, qtbot):
    knob, asked = window.voice.knobs[Param.SPEED], []
    knob.menu_wanted.disconnect()
    knob.menu_wanted.connect(lambda param, point: asked.append(param))
    middle = knob.dial.rect().center()
    QApplication.sendEvent(knob.dial, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, middle, QPoint(5, 5)))
    assert asked == [Param.SPEED]
    QTest.mousePress(knob.dial, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(asked) == 2)


def test_what_a_controller_sets_is_the_sessions_and_can_be_undone(window):
    before = window.session.pad
    hear(window, "cc1", turned={"pad_x": 0.9, "release_ms": 50.0})
    assert window.session.pad == (0.9, before[1])
    assert window.pad.target == (0.9, before[1])
    assert window.envelope.knobs[Param.RELEASE_MS].value == 50.0
    assert window.session.changed
    hear(window, "cc1", turned={"pad_x": 0.9, "release_ms": 50.0})
    window.undo()
    window.undo()
    assert (window.session.pad, window.session.changed) == (before, False)


def test_an_orbit_is_two_lfos_a_quarter_apart(window, client):
    for name, fraction in (("size", 0.5), ("rate_hz", 0.5), ("spread", 0.25)):
        window.modulation.knobs[name].dial.turned.emit(fraction)
    movement = last(client, SetMovement).movement
    assert movement == window.session.movement
    assert {(route.source, route.target): route.depth for route in movement.routes} == {
        ("lfo1", "pad_x"): 0.25, ("lfo2", "pad_y"): 0.25,
    }  # fmt: skip
    assert [lfo.phase for lfo in movement.lfos] == [0.0, 0.25]
    assert Orbit.of(movement) == Orbit(pytest.approx(movement.lfos[0].rate_hz), 0.5, 0.25)
    window.undo()
    assert last(client, SetMovement).movement == window.session.movement


def test_a_gesture_is_drawn_and_kept(window, client):
    window.modulation.record.click()
    for second, place in ((0.0, (0.2, 0.2)), (0.5, (0.8, 0.2)), (1.0, (0.8, 0.9))):
        window.moving._gesture.add(second, *place)
    window.moving._gesture.path = lambda _: Path(((0.0, 0.2, 0.2), (0.5, 0.8, 0.2), (1.0, 0.8, 0.9)), loop=True)
    window.modulation.record.click()
    assert window.session.movement.path.points[-1] == (1.0, 0.8, 0.9)
    assert window.session.pad == (0.2, 0.2)
    window.modulation.per_note.click()
    assert last(client, SetMovement).movement.path == window.session.movement.path
    assert window.session.movement.path.per_note
    window.modulation.forget.click()
    assert window.session.movement == Movement()


def test_a_gestures_points_are_as_far_apart_as_is_of_use():
    gesture = Gesture()
    assert gesture.path(1.0) is None
    for step in range(100):
        gesture.add(10.0 + 0.005 * step, step / 100, 0.5)
    path = gesture.path(11.0)
    assert path.points[0] == (0.0, 0.0, 0.5)
    assert path.points[-1][0] == pytest.approx(1.0)
    assert 20 < len(path.points) < 30


def test_it_is_saved_with_the_preset_and_comes_back(window):
    window.moving._move("the orbit", Orbit(1.0, 0.5, 0.0).put_into(window.session.movement))
    window.save_key.activated.emit()
    saved = window.session.movement
    window.load(next(entry for entry in window.control.library.entries() if entry.name == "Dusk"))
    assert window.session.movement == Movement()
    window.load(next(entry for entry in window.control.library.entries() if entry.name == "Dawn"))
    assert window.session.movement == saved


def test_a_pad_with_a_spring_is_touched_and_lifted(window, client):
    """By the mouse and by the arrow keys; the session does not move, what the knob says is its own and undone."""
    window.lifting.knobs[Param.PAD_MODE].dial.turned.emit(1.0)
    assert last(client, SetParameter) == SetParameter(Param.PAD_MODE, 1.0)
    home, history, pad = window.session.pad, window.control.history.undoable, window.pad
    client.commands.clear()
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, pad.to_point(0.8, 0.2).toPoint())
    assert last(client, SetPad).touch
    assert pad.target == pytest.approx((0.8, 0.2), abs=0.01)
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton)
    assert client.commands[-1] == LiftPad()
    assert (window.session.pad, pad.target, window.control.history.undoable) == (home, home, history)
    QTest.keyPress(pad, Qt.Key.Key_Right)
    QTest.keyPress(pad, Qt.Key.Key_Up)
    QTest.keyRelease(pad, Qt.Key.Key_Right)
    assert client.commands[-1] == SetPad(*pad.target, touch=True)
    QTest.keyRelease(pad, Qt.Key.Key_Up)
    assert client.commands[-1] == LiftPad()
    assert pad.target == home
    window.undo()
    assert not window.control.springs
    QTest.keyClick(pad, Qt.Key.Key_Right)
    assert client.commands[-1] == SetPad(*window.session.pad)
    assert window.session.pad[0] > home[0]
