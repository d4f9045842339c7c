"""The notes that sound, drawn where they sound: all at the cursor, a small ring of dots around it, and how many."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from engine.telemetry import Sounding
from synthapp.views import theme
from synthapp.views.keys.piano_layout import note_name

RING = 21.0  # radius, just outside the cursor's own
LARGEST = 6.0  # radius of a dot
_LABEL = (34.0, 18.0)  # width and height of what is written beside the ring


def note_places(cursor: QPointF, count: int, square: QRectF) -> list[QPointF]:
    """Middles of so many dots, from the top clockwise; near an edge the ring moves into the pad as far as it must."""
    room = square.adjusted(RING + LARGEST, RING + LARGEST, -RING - LARGEST, -RING - LARGEST)
    x = min(max(cursor.x(), room.left()), room.right())
    y = min(max(cursor.y(), room.top()), room.bottom())
    turns = (2 * math.pi * i / count for i in range(count))
    return [QPointF(x + RING * math.sin(turn), y - RING * math.cos(turn)) for turn in turns]


def label_of(voices: tuple[Sounding, ...]) -> str:
    """The name of a single note, else how many there are."""
    return note_name(voices[0].note) if len(voices) == 1 else str(len(voices))


def label_box(cursor: QPointF, square: QRectF) -> QRectF:
    """Where the label stands: right of the ring, or left of it where the pad ends; inside the pad."""
    width, height = _LABEL
    beside = RING + LARGEST + 4
    left = cursor.x() + beside
    if left + width > square.right():
        left = min(cursor.x(), square.right() - beside) - beside - width
    left = max(left, square.left() + RING + beside) if left < square.left() else left
    top = min(max(cursor.y() - height / 2, square.top()), square.bottom() - height)
    return QRectF(left, top, width, height)


def paint_notes(painter: QPainter, cursor: QPointF, voices: tuple[Sounding, ...], square: QRectF, color: QColor):
    """A dot while the key is held, a ring while a pedal holds the note, a faint one while it rings out."""
    if not voices:
        return
    largest = min(LARGEST, math.pi * RING / len(voices))
    voices = tuple(sorted(voices, key=lambda voice: voice.note))
    for voice, place in zip(voices, note_places(cursor, len(voices), square), strict=True):
        _paint_dot(painter, place, voice, largest, color)
    box = label_box(cursor, square)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.alpha(theme.BACKGROUND, 0.72))
    painter.drawRoundedRect(box, 5, 5)
    painter.setFont(theme.font(theme.SMALL))
    painter.setPen(theme.TEXT)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, label_of(voices))


def paint_note(painter: QPainter, place: QPointF, voice: Sounding, square: QRectF, color: QColor):
    """One that sounds at a place of its own, with its name."""
    _paint_dot(painter, place, voice, LARGEST + 1.0, color)
    box = QRectF(place.x() + LARGEST + 5, place.y() - _LABEL[1] / 2, *_LABEL)
    if box.right() > square.right():
        box.moveRight(place.x() - LARGEST - 5)
    painter.setFont(theme.font(theme.SMALL))
    painter.setPen(theme.TEXT)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, note_name(voice.note))


def _paint_dot(painter, place, voice, largest, color):
    radius = (0.6 + 0.4 * min(max(voice.level, 0.0), 1.0)) * largest
    if voice.held and not voice.pedal:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
    else:
        painter.setPen(QPen(color if voice.held else theme.alpha(color, 0.35 + 0.5 * voice.level), 1.8))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        radius -= 0.9
    painter.drawEllipse(place, radius, radius)
