"""Sounds anywhere on the pad: moved, added, taken away and undone, by the mouse and by keys."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRectF, Qt, QTimer, QUrl
from PySide6.QtGui import QAccessible, QContextMenuEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.commands import LoadPreset, SetPad, SetPlaces
from presets.file import read_preset
from presets.pad import MOST_POINTS, POINTS, Layout
from synthapp.sounds import sound_loader
from synthapp.views.pad.names import label_box
from synthapp.views.pad.point_button import FINE, STEP
from synthapp.views.panel import dialogs
from synthapp.window import Window
from tests.paths import ROOT

LEFT, CTRL, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
STAND_IN = [str(ROOT / "tests" / "synthapp" / "sounds" / "encode_stand_in.py")]
WAIT_MS = 60000


@pytest.fixture
def session(window):
    return window.session


def at(window, x, y):
    return window.pad.to_point(x, y).toPoint()


def drag(window, start, end):
    """With Ctrl, from place to place."""
    QTest.mousePress(window.pad, LEFT, CTRL, at(window, *start))
    QTest.mouseMove(window.pad, at(window, *end))
    QTest.mouseRelease(window.pad, LEFT, CTRL, at(window, *end))


def add(window, place=(0.4, 0.6)):
    window.control.put_known_sound(place, *window.control.known_sounds()[0][2:])
    window._show_session()


def test_a_drag_with_ctrl_moves_a_sound_and_not_the_cursor_in_one_step(window, client, session):
    drag(window, (0.99, 0.01), (0.7, 0.2))
    assert session.places[1] == pytest.approx((0.7, 0.2), abs=0.01) and session.places[0] == POINTS[0]
    assert {type(command) for command in client.commands} == {SetPlaces}
    assert client.commands[-1].places == session.places and session.changed
    assert window.control.history.undoable.what == "the place of “Double bass”"
    window.undo()
    assert session.places == POINTS and client.commands[-1] == SetPlaces(POINTS) and not session.changed
    window.redo()
    assert session.places[1] == pytest.approx((0.7, 0.2), abs=0.01)


def test_a_press_on_a_point_plays_it(window, client, session):
    drag(window, (0.99, 0.01), (0.7, 0.2))
    client.commands.clear()
    QTest.mouseClick(window.pad, LEFT, NONE, at(window, 0.7, 0.2))
    assert [type(command) for command in client.commands] == [SetPad]


def test_ctrl_beside_all_points_moves_nothing(window, client):
    drag(window, (0.5, 0.5), (0.7, 0.2))
    assert client.commands == []


@pytest.mark.parametrize(("key", "way"), [("Left", (-1, 0)), ("Right", (1, 0)), ("Down", (0, -1)), ("Up", (0, 1))])
def test_arrow_keys_on_a_point_move_it_within_the_pad(window, session, key, way):
    window.control.move_sound(2, (0.5, 0.5))
    window._show_session()
    button = window.pad.buttons[2]
    QTest.keyClick(button, getattr(Qt.Key, f"Key_{key}"))
    assert session.places[2] == pytest.approx((0.5 + STEP * way[0], 0.5 + STEP * way[1]))
    QTest.keyClick(button, getattr(Qt.Key, f"Key_{key}"), Qt.KeyboardModifier.ShiftModifier)
    assert session.places[2] == pytest.approx((0.5 + STEP * (1 + FINE) * way[0], 0.5 + STEP * (1 + FINE) * way[1]))
    for _ in range(60):
        QTest.keyClick(button, getattr(Qt.Key, f"Key_{key}"))
    assert session.places[2] == pytest.approx((0.5 + 0.5 * way[0], 0.5 + 0.5 * way[1]))


def test_a_screen_reader_hears_what_stands_where(window):
    window.control.move_sound(2, (0.25, 0.7))
    window._show_session()
    told = QAccessible.queryAccessibleInterface(window.pad.buttons[2])
    assert told.text(QAccessible.Text.Name) == "Vibraphone, 25% across and 70% up"
    assert "Delete takes it away" in told.text(QAccessible.Text.Description)
    window.pad.set_target(0.25, 0.7)
    pad = QAccessible.queryAccessibleInterface(window.pad)
    assert pad.text(QAccessible.Text.Description) == "100 % Vibraphone"


def test_delete_takes_sounds_away_but_for_the_last(window, session):
    while len(session.corners) > 1:
        count = len(session.corners)
        QTest.keyClick(window.pad.buttons[0], Qt.Key.Key_Delete)
        assert len(session.corners) == count - 1 == len(window.pad.buttons) == len(session.places)
    QTest.keyClick(window.pad.buttons[0], Qt.Key.Key_Delete)
    assert session.corner_names == ("Violin",) and "is the only sound on the pad and stays" in window.notice.text
    for _ in range(3):
        window.undo()
    assert session.corner_names[0] == "Flute" and session.places == POINTS and len(window.pad.buttons) == 4


@pytest.fixture
def harp(window, monkeypatch):
    """A file that the player chooses, and a quick encoder."""
    monkeypatch.setattr(sound_loader, "PROGRAM", STAND_IN)
    asked = []
    monkeypatch.setattr(dialogs, "ask_sound", lambda parent, place: asked.append(place) or "/sounds/Harp.wav")
    return asked


def until_added(window, qtbot):
    qtbot.waitUntil(lambda: not window.loader.busy and len(window.session.corners) == 5, timeout=WAIT_MS)
    assert window.session.corner_names[4] == "Harp"
    return window.session.places[4]


def test_insert_adds_a_sound_where_the_cursor_is_and_it_is_saved(window, session, library, qtbot, harp):
    window.pad.moved.emit(0.3, 0.6)
    window.pad.set_target(0.3, 0.6)
    QTest.keyClick(window.pad, Qt.Key.Key_Insert)
    assert until_added(window, qtbot) == (0.3, 0.6) and harp == ["30% across and 60% up"]
    window.presets.save.click()
    saved = read_preset(library.find("Dawn").path)
    assert saved.places == (*POINTS, (0.3, 0.6)) and saved.corners[4].name == "Harp"


def test_a_double_click_with_ctrl_adds_a_sound_there(window, qtbot, harp):
    QTest.mouseDClick(window.pad, LEFT, CTRL, at(window, 0.3, 0.6))
    assert until_added(window, qtbot) == pytest.approx((0.3, 0.6), abs=0.01)


def drop(window, place, modifiers=NONE):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/sounds/Harp.wav")])
    point = QPointF(at(window, *place))
    window.pad.dropEvent(QDropEvent(point, Qt.DropAction.CopyAction, data, LEFT, modifiers))


def test_a_file_that_is_dropped_with_ctrl_stands_there(window, qtbot, harp):
    drop(window, (0.3, 0.6), CTRL)
    assert until_added(window, qtbot) == pytest.approx((0.3, 0.6), abs=0.01)


def test_among_free_points_a_file_stands_where_it_is_dropped_or_takes_the_place_of_another(window, qtbot, harp):
    drag(window, (0.99, 0.01), (0.7, 0.2))
    drop(window, (0.3, 0.6))
    until_added(window, qtbot)
    drop(window, (0.7, 0.2))
    qtbot.waitUntil(lambda: window.session.corner_names[1] == "Harp", timeout=WAIT_MS)
    assert len(window.session.corners) == 5


def test_the_menu_adds_a_sound_of_another_preset_and_takes_the_nearest_away(window, session, client, monkeypatch):
    def choose(text):
        def click():
            menu = QApplication.activePopupWidget()
            next(action for action in menu.actions() if text in action.text()).trigger()
            menu.close()

        QTimer.singleShot(0, click)
        place = at(window, 0.3, 0.6)
        window.pad.contextMenuEvent(QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, QPoint()))

    monkeypatch.setattr(dialogs, "ask_known", lambda parent, sounds: sounds.index("Oboe · Four winds"))
    choose("of another preset")
    assert session.corner_names[4] == "Oboe" and session.places[4] == pytest.approx((0.3, 0.6), abs=0.01)
    assert isinstance(client.commands[-1], LoadPreset)
    assert len(read_preset(client.commands[-1].path).corners) == 5
    choose("Take “Oboe” away")
    assert session.places == POINTS


def test_a_full_pad_takes_no_more(window, session, harp):
    for row in range(MOST_POINTS - 4):
        add(window, (row / 40, 0.5))
    window.pad.set_target(0.9, 0.5)
    QTest.keyClick(window.pad, Qt.Key.Key_Insert)
    assert harp == [] and len(session.corners) == MOST_POINTS == len(window.pad.buttons)
    assert window.pad.grab().toImage().width() == window.pad.width()


def test_what_was_moved_and_added_comes_back_with_the_way_back(window, client, library, autosave, qtbot):
    add(window)
    drag(window, (0.01, 0.01), (0.2, 0.1))
    places = window.session.places
    window.close()
    again = Window(client, library, autosave)
    qtbot.addWidget(again)
    again.open_first(None)
    assert again.session.places == places and len(again.session.corners) == 5
    again.undo()
    assert again.session.places == (*POINTS, (0.4, 0.6))
    again.undo()
    assert again.session.places == POINTS and not again.session.changed


def test_labels_stand_beside_their_points_inside_the_pad_and_on_no_other():
    square = QRectF(0, 0, 400, 400)
    points = [QPointF(400 * (row % 4) / 3, 400 * (row // 4) / 2) for row in range(12)]
    taken = [QRectF(point.x() - 7, point.y() - 7, 14, 14) for point in points]
    for point in points:
        box = label_box(point, 50, square, taken)
        assert square.contains(box) and not any(box.intersects(other) for other in taken)
        taken.append(box)
    assert label_box(points[5], 500, square, []) is None
    assert label_box(points[5], 90, square, [square]) is None


def test_the_list_shows_the_pad_of_a_preset_with_free_points(window, library):
    add(window)
    window.control.save_as("Five")
    entry = library.find("Five")
    assert entry.places == (*POINTS, (0.4, 0.6)) and len(entry.corners) == 5
    assert Layout(entry.places).weights(0.4, 0.6)[4] == 1.0
