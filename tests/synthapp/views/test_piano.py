"""The on-screen keyboard."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from engine.telemetry import Sounding
from synthapp.views import theme
from synthapp.views.keys.piano import PianoView
from synthapp.views.keys.piano_layout import KEYS

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def piano(qtbot):
    piano = PianoView()
    qtbot.addWidget(piano)
    piano.resize(1250, 100)
    with qtbot.waitExposed(piano):
        piano.show()
    return piano


@pytest.fixture
def events(piano):
    events = []
    piano.pressed.connect(lambda note, velocity: events.append(("on", note, velocity)))
    piano.released.connect(lambda note: events.append(("off", note)))
    return events


def front(piano, note, depth=0.9):
    key = next(key for key in KEYS if key.note == note)
    return QPoint(round((key.left + key.right) / 2 * piano.width()), round(key.bottom * depth * piano.height()))


def test_a_click_is_a_note_louder_towards_the_front(piano, events):
    for depth in (0.1, 0.95):
        QTest.mousePress(piano, LEFT, NONE, front(piano, 61, depth))
        QTest.mouseRelease(piano, LEFT, NONE, front(piano, 61, depth))
    assert [event[:2] for event in events] == [("on", 61), ("off", 61)] * 2
    assert events[0][2] < 50 and events[2][2] > 115


def test_a_slide_plays_every_key_once_and_leaves_none_down(piano, events):
    QTest.mousePress(piano, LEFT, NONE, front(piano, 60))
    for note in (60, 62, 64):
        QTest.mouseMove(piano, front(piano, note))
    QTest.mouseMove(piano, QPoint(500, -200))
    QTest.mouseRelease(piano, LEFT, NONE, QPoint(500, -200))
    notes = [event[:2] for event in events]
    assert notes == [("on", 60), ("off", 60), ("on", 62), ("off", 62), ("on", 64), ("off", 64)]


def test_letting_go_ends_the_note_once(piano, events):
    QTest.mousePress(piano, LEFT, NONE, front(piano, 60))
    piano.let_go()
    QTest.mouseRelease(piano, LEFT, NONE, front(piano, 60))
    assert [event[0] for event in events] == ["on", "off"]


def test_lit_keys_have_the_accent_and_a_dot(piano):
    def colors(note):
        image = piano.grab().toImage()
        point = front(piano, note, 0.5 if note != 61 else 0.85)
        return image.pixelColor(point), image.pixelColor(front(piano, note, (piano.height() - 26) / piano.height()))

    plain, _ = colors(65)
    piano.show_voices([Sounding(65, 1.0, True)])
    lit, dot = colors(65)
    assert plain.saturation() < 40 < lit.saturation()
    assert dot.lightness() < 60 < theme.ACCENT.lightness()


def test_keys_of_notes_that_a_pedal_holds_are_outlined_and_not_lit(piano):
    at = [front(piano, note, 0.5) for note in (65, 67)]
    plain = piano.grab().toImage()
    piano.show_voices([Sounding(65, 1.0, True, pedal=True), Sounding(67, 0.5, False)])
    assert piano.pedalled == {65} and not piano.lit
    shown = piano.grab().toImage()
    assert [shown.pixelColor(point) == plain.pixelColor(point) for point in at] == [True, True]
    key = next(key for key in KEYS if key.note == 65)
    row = range(round(key.left * piano.width()), round(key.right * piano.width()))
    assert any(shown.pixelColor(x, at[0].y()).saturation() > 150 for x in row)
    piano.show_voices([Sounding(65, 1.0, True, pedal=True), Sounding(65, 1.0, True)])
    assert piano.lit == {65} and not piano.pedalled  # the key of another channel is down
