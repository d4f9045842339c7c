"""The timbre pad: sounds at its corners or anywhere on it, and the place between them that is heard."""

import time
from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QContextMenuEvent, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from engine.telemetry import Sounding
from presets.pad import CORNERS, MOST_POINTS, POINTS, Layout, Place, Spot
from synthapp.views import theme
from synthapp.views.hues import corner_hues
from synthapp.views.pad import note_painting, pad_painting
from synthapp.views.pad.blend import describe, whole_percents
from synthapp.views.pad.dropping import dropped_files, judge
from synthapp.views.pad.names import paint_corner_names, paint_point_names
from synthapp.views.pad.point_button import FINE, PointButton, PointButtons, way_of
from synthapp.views.pad.trail import Trail

APART = 0.015  # of the pad's side, from which on a note has a dot where it sounds itself
_BESIDE = 0.1  # of the pad's side, between sounds that were dropped together
REACH = 22.0  # widget points, within which a point is taken hold of


def _near(place, other):
    """Whether two places on the pad are drawn as one."""
    return abs(place[0] - other[0]) < APART and abs(place[1] - other[1]) < APART


def _edits(event):
    """Whether the sounds are meant, not the cursor."""
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)


class PadView(QWidget):
    """A square that is pressed, dragged and moved by the arrow keys; shift is fine. With Ctrl its sounds are moved, and
    a double click adds one.

    Signals
    moved(x, y) : the player asks for this place, 0..1, y upwards
    lifted() : and has let go: of the button, or of the last arrow key
    sound_wanted(spot) : the player wants to choose a sound file for a Spot
    sound_dropped(spot, path) : and has dropped one there; of several the others go to those that follow
    known_wanted(place) : the player wants a sound of another preset there
    sum_wanted(corner, less) : one of the three others' sum there, of which one, `less`, is taken away
    sound_moved(row, place) : a sound is to stand elsewhere
    sound_unwanted(row) : a sound is to go
    preset_dropped(path) : or a preset, anywhere
    drop_refused(text) : or what is neither, or has no room; one line
    menu_wanted(menu) : about to be shown, to be filled by others, too

    Attributes
    target : (x, y), where the player asked to be: the ghost
    sounding : (x, y), where the engine says the sound is: the cursor
    """

    moved = Signal(float, float)
    lifted = Signal()
    sound_wanted = Signal(object)
    sound_dropped = Signal(object, str)
    known_wanted = Signal(object)
    sum_wanted = Signal(int, int)
    sound_moved = Signal(int, object)
    sound_unwanted = Signal(int)
    preset_dropped = Signal(str)
    drop_refused = Signal(str)
    menu_wanted = Signal(object)

    def __init__(self, parent=None):
        super().__init__(parent)
        self.target = self.sounding = (0.5, 0.5)
        self.voices: tuple[Sounding, ...] = ()
        self._names: tuple[str, ...] = ()
        self._layout = Layout()
        self._hues: tuple[float, ...] = ()
        self._trail = Trail()
        self._trail_shown = False
        self._grip: tuple[QPointF, tuple[float, float]] | None = None  # of a fine drag: where and from which target
        self._dragging = False
        self._arrows: set[int] = set()  # that are down
        self._held: int | None = None  # the sound that is being moved
        self._drop: Spot | None = None  # over which a sound file is being dragged
        self._field, self._field_key = QPixmap(), None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(220, 220)
        self.setAccessibleName("Timbre pad")
        self._points = PointButtons(self)
        self._points.wanted.connect(self.sound_wanted)
        self._points.led.connect(self._lead)
        self._points.unwanted.connect(self.sound_unwanted)
        self.allow_sounds(False)
        self.set_sounds(("",) * len(POINTS))

    def set_sounds(self, names, places=POINTS) -> None:
        """The sounds' names, empty ones where no preset is loaded, and where they stand."""
        self._names = tuple(names)
        self._hues = corner_hues(names) if any(names) else ()
        if self._layout.places != places:
            self._layout = Layout(places)
        self._points.show_sounds(self._names, self._layout, self.square)
        self._describe()
        self.update()

    @property
    def buttons(self) -> list[PointButton]:
        """One for each sound."""
        return self._points.buttons

    def _lead(self, row, right, up):
        x, y = self._layout.places[row]
        self._move_sound(row, (x + right, y + up))

    def _move_sound(self, row, place):
        if self._hues:
            x, y = (min(max(position, 0.0), 1.0) for position in place)
            self.sound_moved.emit(row, (x, y))

    def allow_sounds(self, possible: bool) -> None:
        """While one is being loaded, or without a preset, no other sound can be."""
        self.setAcceptDrops(possible)
        self._points.allow(possible)

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
        text = describe(self._names, self._layout.weights(*self.target).tolist()) if self._hues else "No preset"
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
            self.setToolTip(theme.verbatim(text) if self._hues else "")
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    # Gestures

    def mousePressEvent(self, event):
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if _edits(event):
            self._held = self._sound_at(event.position())
            return
        self._dragging = True
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._grip = event.position(), self.target
        else:
            self._move(*self.to_position(event.position()))

    def mouseMoveEvent(self, event):
        if self._held is not None:
            self._move_sound(self._held, self.to_position(event.position()))
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
            moved, self._dragging, self._grip, self._held = self._dragging, False, None, None
            if moved:
                self.lifted.emit()
            self.update()

    def mouseDoubleClickEvent(self, event):
        if _edits(event) and self._may_add() and self._sound_at(event.position()) is None:
            self.sound_wanted.emit(self.to_position(event.position()))
        else:
            self.mousePressEvent(event)

    def keyPressEvent(self, event):
        way = way_of(event)
        if way is not None:
            self._arrows.add(event.key())
            self._move(self.target[0] + way[0], self.target[1] + way[1])
        elif event.key() == Qt.Key.Key_Insert and self._may_add():
            self.sound_wanted.emit(self.target)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event):
        if event.key() not in self._arrows:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self._let_go({event.key()})

    def focusOutEvent(self, event):
        self._let_go(set(self._arrows))  # who holds one lets go of it elsewhere
        super().focusOutEvent(event)

    def _let_go(self, arrows):
        held, self._arrows = self._arrows, self._arrows - arrows
        if held and not self._arrows:
            self.lifted.emit()

    def _sound_at(self, point) -> int | None:
        """The sound that is taken hold of at a point of the widget."""
        x, y = self.to_position(point)
        row = self._layout.nearest(x, y)
        way = self.to_point(*self._layout.places[row]) - point
        return row if self._hues and way.manhattanLength() < 2 * REACH else None

    def spot_at(self, point: QPointF, adds: bool = False) -> Spot:
        """Whose place a sound takes that is dropped there, or its own. adds : it takes none's place"""
        place = self.to_position(point)
        row = self._sound_at(point)
        if self._may_add() and (adds or not self._layout.at_corners and row is None):
            return place
        return self._layout.nearest(*place)

    def _may_add(self):
        return self.acceptDrops() and len(self._names) < MOST_POINTS

    def contextMenuEvent(self, event):
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        menu, place = QMenu(self), self._chosen_place() if by_key else self.to_position(QPointF(event.pos()))
        if self.acceptDrops():
            self._fill_menu(menu, place)
        self.menu_wanted.emit(menu)
        menu.exec(self.mapToGlobal(self.to_point(*place).toPoint()) if by_key else event.globalPos())

    def _chosen_place(self):
        """Of the sound that has the keys, else of the cursor."""
        chosen = (place for button, place in zip(self.buttons, self._layout.places, strict=True) if button.hasFocus())
        return next(chosen, self.target)

    def _fill_menu(self, menu, place: Place):
        row = self._layout.nearest(*place)
        name = self._names[row].replace("&", "&&")  # one alone would underline the next letter
        menu.addAction(f"Load a sound in place of “{name}” …", lambda: self.sound_wanted.emit(row))
        if self._may_add():
            menu.addAction("Add a sound here …", lambda: self.sound_wanted.emit(place))
            menu.addAction("Add a sound of another preset here …", lambda: self.known_wanted.emit(place))
        for less in (other for other in range(CORNERS) if other != row and len(self._names) == CORNERS):
            menu.addAction(f"Make it of {self._sum_text(row, less)}", partial(self.sum_wanted.emit, row, less))
        if len(self._names) > 1:
            menu.addAction(f"Take “{name}” away", lambda: self.sound_unwanted.emit(row))
        menu.addSeparator()

    def _sum_text(self, corner, less):
        """'“Flute” + “Cello” − “Oboe”'"""
        first, second = (f"“{self._names[other]}”" for other in range(CORNERS) if other not in (corner, less))
        return f"{first} + {second} − “{self._names[less]}”".replace("&", "&&")

    def dragEnterEvent(self, event):
        if dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event):
        self._show_drop(self.spot_at(event.position(), _edits(event)))

    def dragLeaveEvent(self, event):
        self._show_drop(None)

    def dropEvent(self, event):
        self._show_drop(None)
        event.acceptProposedAction()
        dropped = judge(dropped_files(event.mimeData()))
        first = self.spot_at(event.position(), _edits(event))
        for number, path in enumerate(dropped.sounds):
            self.sound_dropped.emit(self._spot_after(first, number), path)
        if dropped.preset:
            self.preset_dropped.emit(dropped.preset)
        if dropped.refusal:
            self.drop_refused.emit(dropped.refusal)

    def _spot_after(self, spot: Spot, number: int) -> Spot:
        """Of sounds that are dropped together: those after the first stand in the next ones' places, or beside it."""
        if isinstance(spot, int):
            return (spot + number) % len(self._names)
        right, down = spot[0] + _BESIDE * number, spot[1] - _BESIDE * number
        return min(right, 1.0), max(down, 0.0)

    def _show_drop(self, spot):
        if spot != self._drop:
            self._drop = spot
            self.update()

    # Painting

    def resizeEvent(self, event):
        self._points.lie(self._layout, self.square)

    def sizeHint(self):
        return QSize(640, 640)

    def paintEvent(self, event):
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        square = self.square
        painter.drawPixmap(square.topLeft(), self._background(square.width()))
        painter.setClipRect(square.adjusted(1, 1, -1, -1))
        if self._drop is not None:
            self._paint_drop(painter, square)
        self._paint_sound(painter, square)
        self._paint_names(painter, square)

    def _background(self, side):
        """All that stands still, painted once for each size, preset and focus."""
        ratio = self.devicePixelRatioF()
        key = round(side * ratio), ratio, self._hues, self._layout, self.hasFocus()
        if key != self._field_key:
            self._field_key, self._field = key, pad_painting.background(*key)
        return self._field

    def _paint_drop(self, painter, square):
        if self._layout.at_corners and isinstance(self._drop, int):
            pad_painting.paint_quarter(painter, square, self._drop)
        else:
            place = self._layout.places[self._drop] if isinstance(self._drop, int) else self._drop
            pad_painting.paint_spot(painter, self.to_point(*place), REACH)

    def _paint_sound(self, painter, square):
        cursor = self.to_point(*self.sounding)
        color = pad_painting.bright(*self.sounding, self._hues, self._layout)
        if self._hues:
            inside = (self.to_point(0.01 + 0.98 * x, 0.01 + 0.98 * y) for x, y in self._layout.places)  # the rounding
            pad_painting.paint_rays(painter, cursor, inside, self._layout.weights(*self.sounding))
        trail = [(self.to_point(x, y), strength) for x, y, strength in self._trail.points(time.monotonic())]
        pad_painting.paint_trail(painter, trail, color)
        loudness = max((voice.level for voice in self.voices), default=0.0)
        pad_painting.paint_cursor(painter, cursor, color, square.width() * (0.09 + 0.09 * loudness))
        apart = tuple(voice for voice in self.voices if not _near(voice.place, self.sounding))
        together = tuple(voice for voice in self.voices if voice not in apart)
        note_painting.paint_notes(painter, cursor, together, square, color)
        for voice in apart:
            hue = pad_painting.bright(*voice.place, self._hues, self._layout)
            note_painting.paint_note(painter, self.to_point(*voice.place), voice, square, hue)
        if self._dragging or self.target != self.sounding:
            pad_painting.paint_ghost(painter, self.to_point(*self.target))

    def _paint_names(self, painter, square):
        if not self._hues:
            return
        percents = whole_percents(self._layout.weights(*self.sounding).tolist())
        if self._layout.at_corners:
            paint_corner_names(painter, square, self._names, percents)
        else:
            points = [self.to_point(*place) for place in self._layout.places]
            paint_point_names(painter, square, points, self._names, percents)
