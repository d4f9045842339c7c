"""The timbre pad: four sounds at its corners, and the place between them that is heard."""

import time

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QFont, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from engine.telemetry import Sounding
from presets.pad import CORNERS, corner_weights
from synthapp.views import theme
from synthapp.views.hues import corner_hues
from synthapp.views.pad import note_painting, pad_painting
from synthapp.views.pad.blend import describe, whole_percents
from synthapp.views.pad.corner_button import CornerButton
from synthapp.views.pad.dropping import dropped_files, judge
from synthapp.views.pad.trail import Trail

APART = 0.015  # of the pad's side, from which on a note has a dot where it sounds itself
STEP, FINE = 0.02, 0.2  # one arrow key; how much less everything moves with shift
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Down: (0, -1),
    Qt.Key.Key_Up: (0, 1),
}


def _near(place, other):
    """Whether two places on the pad are drawn as one."""
    return abs(place[0] - other[0]) < APART and abs(place[1] - other[1]) < APART


class PadView(QWidget):
    """A square that is pressed, dragged and moved by the arrow keys; shift is fine. Sounds are dropped on its corners.

    Signals
    moved(x, y) : the player asks for this place, 0..1, y upwards
    sound_wanted(corner) : the player wants to choose a sound file for the corner, 0 to 3
    sound_dropped(corner, path) : and has dropped one there; of several the others go to the corners that follow
    preset_dropped(path) : or a preset, anywhere
    drop_refused(text) : or what is neither, or has no room; one line
    menu_wanted(menu) : about to be shown, to be filled by others, too

    Attributes
    target : (x, y), where the player asked to be: the ghost
    sounding : (x, y), where the engine says the sound is: the cursor
    """

    moved = Signal(float, float)
    sound_wanted = Signal(int)
    sound_dropped = Signal(int, str)
    preset_dropped = Signal(str)
    drop_refused = Signal(str)
    menu_wanted = Signal(object)

    def __init__(self, parent=None):
        super().__init__(parent)
        self.target = self.sounding = (0.5, 0.5)
        self.voices: tuple[Sounding, ...] = ()
        self._names: tuple[str, ...] = ("",) * 4
        self._hues: tuple[float, ...] = ()
        self._trail = Trail()
        self._trail_shown = False
        self._grip: tuple[QPointF, tuple[float, float]] | None = None  # of a fine drag: where and from which target
        self._dragging = False
        self._drop_corner: int | None = None  # over which a sound file is being dragged
        self._field, self._field_key = QPixmap(), None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(220, 220)
        self.setAccessibleName("Timbre pad")
        self.buttons = tuple(CornerButton(corner, self) for corner in range(CORNERS))
        for button in self.buttons:
            button.clicked.connect(lambda checked=False, corner=button.corner: self.sound_wanted.emit(corner))
        self.allow_sounds(False)
        self._describe()

    def set_corners(self, names) -> None:
        """Four names, bottom left, bottom right, top left, top right; empty ones where no preset is loaded."""
        self._names = tuple(names)
        self._hues = corner_hues(names) if any(names) else ()
        self._describe()
        self.update()

    def allow_sounds(self, possible: bool) -> None:
        """While one is being loaded, or without a preset, no other sound can be."""
        self.setAcceptDrops(possible)
        for button in self.buttons:
            button.setEnabled(possible)

    def set_target(self, x: float, y: float) -> None:
        """Move the ghost, as when a preset is loaded."""
        self.target = (x, y)
        self._describe()
        self.update()

    def show_sound(self, pad, voices, now_s: float | None = None) -> None:
        """Where the engine says the sound is, and what sounds. Repaints only where something moves."""
        now_s = time.monotonic() if now_s is None else now_s
        changed = pad != self.sounding or voices != self.voices
        self.sounding, self.voices = pad, voices
        self._trail.add(now_s, *pad)
        fading = len(self._trail.points(now_s)) > 1
        if changed or fading or self._trail_shown:
            self.update()
        self._trail_shown = fading

    @property
    def square(self) -> QRectF:
        """The pad inside the widget: as large as fits, in the middle."""
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def to_point(self, x: float, y: float) -> QPointF:
        """Position on the pad -> point of the widget."""
        square = self.square
        return QPointF(square.left() + x * square.width(), square.bottom() - y * square.height())

    def to_position(self, point: QPointF) -> tuple[float, float]:
        """Point of the widget -> the nearest position on the pad."""
        square = self.square
        x = (point.x() - square.left()) / square.width()
        y = (square.bottom() - point.y()) / square.height()
        return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)

    def _move(self, x, y):
        self.set_target(min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0))
        self.moved.emit(*self.target)

    def _describe(self):
        text = describe(self._names, corner_weights(*self.target)) if self._hues else "No preset"
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
            self.setToolTip(theme.verbatim(text) if self._hues else "")
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    # Gestures

    def mousePressEvent(self, event):
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._dragging = True
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._grip = event.position(), self.target
        else:
            self._move(*self.to_position(event.position()))

    def mouseMoveEvent(self, event):
        if not self._dragging:
            return
        if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._grip = None
            self._move(*self.to_position(event.position()))
            return
        if self._grip is None:
            self._grip = event.position(), self.target
        start, (x, y) = self._grip
        way, side = event.position() - start, self.square.width()
        self._move(x + FINE * way.x() / side, y - FINE * way.y() / side)

    def mouseReleaseEvent(self, event):
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragging, self._grip = False, None
            self.update()

    def keyPressEvent(self, event):
        if event.key() not in _ARROWS:
            super().keyPressEvent(event)
            return
        right, up = _ARROWS[event.key()]
        step = STEP * (FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        self._move(self.target[0] + right * step, self.target[1] + up * step)

    def corner_at(self, point: QPointF) -> int:
        """The corner, 0 to 3, that is nearest to a point of the widget."""
        x, y = self.to_position(point)
        return int(x > 0.5) + 2 * int(y > 0.5)

    def contextMenuEvent(self, event):
        corner, menu = self.corner_at(QPointF(event.pos())), QMenu(self)
        if self.acceptDrops():
            name = self._names[corner].replace("&", "&&")  # one alone would underline the next letter
            action = menu.addAction(f"Load a sound in place of “{name}” …")
            action.triggered.connect(lambda: self.sound_wanted.emit(corner))
        self.menu_wanted.emit(menu)
        menu.exec(event.globalPos())

    def dragEnterEvent(self, event):
        if dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event):
        self._show_drop(self.corner_at(event.position()))

    def dragLeaveEvent(self, event):
        self._show_drop(None)

    def dropEvent(self, event):
        self._show_drop(None)
        event.acceptProposedAction()
        dropped = judge(dropped_files(event.mimeData()))
        first = self.corner_at(event.position())
        for place, path in enumerate(dropped.sounds):
            self.sound_dropped.emit((first + place) % CORNERS, path)
        if dropped.preset:
            self.preset_dropped.emit(dropped.preset)
        if dropped.refusal:
            self.drop_refused.emit(dropped.refusal)

    def _show_drop(self, corner):
        if corner != self._drop_corner:
            self._drop_corner = corner
            self.update()

    # Painting

    def resizeEvent(self, event):
        for button in self.buttons:
            button.place(self.square)

    def sizeHint(self):
        return QSize(640, 640)

    def paintEvent(self, event):
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        square = self.square
        painter.drawPixmap(square.topLeft(), self._background(square.width()))
        painter.setClipRect(square.adjusted(1, 1, -1, -1))
        if self._drop_corner is not None:
            pad_painting.paint_quarter(painter, square, self._drop_corner)
        self._paint_sound(painter, square)
        self._paint_names(painter, square)

    def _background(self, side):
        """All that stands still, painted once for each size, preset and focus."""
        key = round(side * self.devicePixelRatioF()), self.devicePixelRatioF(), self._hues, self.hasFocus()
        if key != self._field_key:
            self._field_key, self._field = key, pad_painting.background(*key)
        return self._field

    def _paint_sound(self, painter, square):
        cursor = self.to_point(*self.sounding)
        color = pad_painting.bright(*self.sounding, self._hues)
        corners = [self.to_point(x, y) for y in (0.01, 0.99) for x in (0.01, 0.99)]  # inside the rounding
        if self._hues:
            pad_painting.paint_rays(painter, cursor, corners, corner_weights(*self.sounding))
        trail = [(self.to_point(x, y), strength) for x, y, strength in self._trail.points(time.monotonic())]
        pad_painting.paint_trail(painter, trail, color)
        loudness = max((voice.level for voice in self.voices), default=0.0)
        pad_painting.paint_cursor(painter, cursor, color, square.width() * (0.09 + 0.09 * loudness))
        apart = tuple(voice for voice in self.voices if not _near(voice.place, self.sounding))
        together = tuple(voice for voice in self.voices if voice not in apart)
        note_painting.paint_notes(painter, cursor, together, square, color)
        for voice in apart:
            hue = pad_painting.bright(*voice.place, self._hues)
            note_painting.paint_note(painter, self.to_point(*voice.place), voice, square, hue)
        if self._dragging or self.target != self.sounding:
            pad_painting.paint_ghost(painter, self.to_point(*self.target))

    def _paint_names(self, painter, square):
        if not self._hues:
            return
        inner = square.adjusted(20, 16, -20, -16)
        percents = whole_percents(corner_weights(*self.sounding))
        flags = [
            vertical | horizontal
            for vertical in (Qt.AlignmentFlag.AlignBottom, Qt.AlignmentFlag.AlignTop)
            for horizontal in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
        ]
        for name, percent, flag in zip(self._names, percents, flags, strict=True):
            self._paint_name(painter, inner, name, percent, flag)

    def _paint_name(self, painter, inner, name, percent, flag):
        painter.setFont(theme.font(15, QFont.Weight.DemiBold))
        painter.setPen(theme.WHITE)
        shown = painter.fontMetrics().elidedText(
            name[:1].upper() + name[1:], Qt.TextElideMode.ElideRight, int(inner.width() * 0.46)
        )
        at_top = bool(flag & Qt.AlignmentFlag.AlignTop)
        pad_painting.draw_on_shade(painter, inner.adjusted(0, 0, 0, 0 if at_top else -20), flag, shown)
        painter.setFont(theme.font(theme.NORMAL))
        pad_painting.draw_on_shade(painter, inner.adjusted(0, 22 if at_top else 0, 0, 0), flag, f"{percent} %")
