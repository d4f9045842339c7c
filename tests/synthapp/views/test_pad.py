"""The pad: gestures out, sound in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QLineF, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest

from engine.telemetry import Sounding
from synthapp.views.pad.note_painting import LARGEST, RING, label_box, label_of, note_places
from synthapp.views.pad.pad import PadView
from synthapp.views.pad.point_button import FINE, STEP

LEFT, SHIFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def pad(qtbot):
    pad = PadView()
    qtbot.addWidget(pad)
    pad.set_sounds(("Flute", "Bass", "Bell", "Voice"))
    pad.resize(500, 400)  # wider than high: the square is in the middle
    with qtbot.waitExposed(pad):
        pad.show()
    return pad


@pytest.fixture
def moves(pad):
    moves = []
    pad.moved.connect(lambda x, y: moves.append((x, y)))
    return moves


def at(pad, x, y):
    return pad.to_point(x, y).toPoint()


def test_it_is_a_square_and_places_and_points_agree(pad):
    assert pad.square.width() == pad.square.height() == 400
    for place in ((0, 0), (1, 0), (0, 1), (0.25, 0.75)):
        assert pad.to_position(pad.to_point(*place)) == pytest.approx(place)


def test_a_press_jumps_there_and_a_drag_follows(pad, moves):
    QTest.mousePress(pad, LEFT, NONE, at(pad, 0.25, 0.75))
    assert moves[-1] == pytest.approx((0.25, 0.75), abs=0.003) == pad.target
    QTest.mouseMove(pad, at(pad, 0.6, 0.1))
    assert moves[-1] == pytest.approx((0.6, 0.1), abs=0.003)
    QTest.mouseMove(pad, at(pad, 0.6, 0.1) + QPoint(1000, 1000))
    assert moves[-1] == (1.0, 0.0)
    QTest.mouseRelease(pad, LEFT, NONE, at(pad, 0.6, 0.1))
    count = len(moves)
    QTest.mouseMove(pad, at(pad, 0.2, 0.2))
    assert len(moves) == count


def test_with_shift_a_drag_is_fine_and_a_press_does_not_jump(pad, moves, qtbot):
    pad.set_target(0.5, 0.5)
    QTest.mousePress(pad, LEFT, SHIFT, at(pad, 0.1, 0.1))
    assert moves == []
    drag(pad, at(pad, 0.6, 0.1), SHIFT)
    assert moves[-1] == pytest.approx((0.5 + FINE * 0.5, 0.5), abs=0.003)


def drag(pad, point, modifiers):
    """A move with a modifier, which QTest.mouseMove cannot hold."""
    from PySide6.QtCore import QEvent, QPointF
    from PySide6.QtGui import QMouseEvent

    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(point), pad.mapToGlobal(QPointF(point)), LEFT, LEFT, modifiers)
    pad.mouseMoveEvent(event)


@pytest.mark.parametrize(("key", "way"), [("Left", (-1, 0)), ("Right", (1, 0)), ("Down", (0, -1)), ("Up", (0, 1))])
def test_arrow_keys_step(pad, moves, key, way):
    QTest.keyClick(pad, getattr(Qt.Key, f"Key_{key}"))
    assert moves[-1] == pytest.approx((0.5 + STEP * way[0], 0.5 + STEP * way[1]))
    QTest.keyClick(pad, getattr(Qt.Key, f"Key_{key}"), SHIFT)
    assert moves[-1] == pytest.approx((0.5 + STEP * (1 + FINE) * way[0], 0.5 + STEP * (1 + FINE) * way[1]))


def test_a_screen_reader_hears_the_blend(pad):
    interface = QAccessible.queryAccessibleInterface(pad)
    pad.set_target(0.38, 0.0)
    assert interface.text(QAccessible.Text.Description) == "62 % Flute, 38 % Bass"
    pad.set_sounds(("",) * 4)
    assert interface.text(QAccessible.Text.Description) == "No preset"


def white_near(pad, x, y):
    """Pixels of the cursor's core around a place."""
    image, point = pad.grab().toImage(), at(pad, x, y)
    spots = [(point.x() + dx, point.y() + dy) for dx in range(-2, 3) for dy in range(-2, 3)]
    return sum(image.pixelColor(*spot).lightness() > 245 for spot in spots)


def test_the_cursor_is_drawn_where_the_engine_says_the_sound_is(pad):
    pad.set_target(0.8, 0.8)
    pad.show_sound((0.25, 0.25), (), now_s=0.0)
    assert white_near(pad, 0.25, 0.25) > 20
    assert white_near(pad, 0.8, 0.8) == 0


def test_every_sounding_note_has_a_dot(pad):
    empty = pad.grab().toImage()
    pad.show_sound((0.5, 0.5), (Sounding(60, 0.9, True), Sounding(64, 0.5, False)), now_s=0.0)
    filled = pad.grab().toImage()
    held, released = (place.toPoint() for place in note_places(pad.to_point(0.5, 0.5), 2, pad.square))
    for place, brighter in ((held, True), (released, False)):  # a dot, and a ring that is empty
        assert (filled.pixelColor(place).lightness() - empty.pixelColor(place).lightness() > 60) == brighter


def test_a_note_that_a_pedal_holds_is_a_ring(pad):
    place = note_places(pad.to_point(0.5, 0.5), 1, pad.square)[0]
    inside, edge = place.toPoint(), (place + QPointF(LARGEST - 1, 0)).toPoint()
    pad.show_sound((0.5, 0.5), (), now_s=0.0)
    empty = pad.grab().toImage()
    pad.show_sound((0.5, 0.5), (Sounding(60, 1.0, True, pedal=True),), now_s=0.0)
    ring = pad.grab().toImage()
    brighter = [ring.pixelColor(at).lightness() - empty.pixelColor(at).lightness() for at in (inside, edge)]
    assert brighter[0] < 20 and brighter[1] > 60


@pytest.mark.parametrize("count", [1, 2, 24])
@given(x=st.floats(0, 1), y=st.floats(0, 1))
def test_the_dots_of_all_notes_are_at_the_cursor_and_inside_the_pad(count, x, y):
    square = QRectF(10, 5, 400, 400)
    cursor = QPointF(square.left() + x * 400, square.bottom() - y * 400)
    for place in note_places(cursor, count, square):
        reach = QRectF(place.x() - LARGEST, place.y() - LARGEST, 2 * LARGEST, 2 * LARGEST)
        assert square.adjusted(-1e-6, -1e-6, 1e-6, 1e-6).contains(reach)
        assert QLineF(cursor, place).length() <= 2.5 * (RING + LARGEST)
    assert square.contains(label_box(cursor, square))


def test_the_label_names_one_note_and_counts_several():
    voices = (Sounding(60, 0.9, True), Sounding(64, 0.5, False), Sounding(64, 0.2, False))
    assert label_of(voices[:1]) == "C4" and label_of(voices) == "3"


def test_it_repaints_only_while_something_moves(pad, qtbot, monkeypatch):
    updates = []
    monkeypatch.setattr(pad, "update", lambda: updates.append(1))
    pad.show_sound((0.5, 0.5), (), now_s=0.0)
    assert not updates
    pad.show_sound((0.6, 0.5), (), now_s=0.1)
    pad.show_sound((0.6, 0.5), (), now_s=0.2)  # the trail is fading
    assert len(updates) == 2
    for now_s in (5.0, 5.1):  # once to wipe the trail
        pad.show_sound((0.6, 0.5), (), now_s=now_s)
    assert len(updates) == 3
