"""What stands on the pad for each of its sounds: a button that asks for another; keys move it and take it away."""

from PySide6.QtCore import QObject, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QWidget

from presets.pad import Layout, Place, place_in_words
from synthapp.views import theme

SIDE = 20
STEP, FINE = 0.02, 0.2  # one arrow key; how much less everything moves with shift
_BESIDE, _IN_ROW = 68, 26  # pixels from the pad's edges to the middle: right of the percents, in their row
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Down: (0, -1),
    Qt.Key.Key_Up: (0, 1),
}


def way_of(event: QKeyEvent) -> tuple[float, float] | None:
    """How far an arrow key leads, right and up; None of any other key."""
    key = Qt.Key(event.key())
    if key not in _ARROWS:
        return None
    right, up = _ARROWS[key]
    step = STEP * (FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
    return right * step, up * step


class PointButton(QPushButton):
    """A plus sign beside the percents of a corner; of a free point a ring there, through which the mouse plays the pad.

    Signals
    led(right, up) : an arrow key asks for its sound to be moved so far
    unwanted() : and another key for it to go
    """

    led = Signal(float, float)
    unwanted = Signal()

    def __init__(self, parent=None):
        super().__init__(parent)
        self.setFixedSize(SIDE, SIDE)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_sound(self, name: str, place: Place, at_corner: bool) -> None:
        """What it stands for. at_corner : it lies beside the percents"""
        where = place_in_words(place)
        self.setText("+" if at_corner else "")
        theme.styled(self, "corner" if at_corner else "point")
        self.style().unpolish(self)  # else it keeps the looks of its last name
        self.style().polish(self)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not at_corner)
        self.setAccessibleName(f"Load a sound, {where}" if at_corner else f"{name}, {where}")
        self.setAccessibleDescription("Space loads a sound in its place, arrows move it, Delete takes it away")
        self.setToolTip("Load a sound from a file into this corner, or drop one here" if at_corner else "")

    def lie(self, square: QRectF, place: Place, at_corner: bool) -> None:
        """Where it is in the pad's square."""
        x, y = square.left() + place[0] * square.width(), square.bottom() - place[1] * square.height()
        if at_corner:
            right, top = place
            x = square.right() - _BESIDE if right else square.left() + _BESIDE
            y = square.top() + _IN_ROW + 20 if top else square.bottom() - _IN_ROW
        self.move(QPoint(round(x), round(y)) - self.rect().center())

    def keyPressEvent(self, event):
        way = way_of(event)
        if way is not None:
            self.led.emit(*way)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.unwanted.emit()
        else:
            super().keyPressEvent(event)


class PointButtons(QObject):
    """Those of all sounds of a pad.

    Signals
    wanted(row), led(row, right, up), unwanted(row) : what a button asks for its sound
    """

    wanted = Signal(object)
    led = Signal(int, float, float)
    unwanted = Signal(int)

    def __init__(self, pad: QWidget):
        super().__init__(pad)
        self.buttons: list[PointButton] = []
        self._pad, self._allowed = pad, False

    def show_sounds(self, names, layout: Layout, square: QRectF) -> None:
        """Names of the sounds, and where they stand in the pad's square."""
        for row in range(len(self.buttons), len(names)):
            self.buttons.append(self._made(row))
        for button in self.buttons[len(names) :]:
            button.setParent(None)
            button.deleteLater()
        del self.buttons[len(names) :]
        for button, name, place in zip(self.buttons, names, layout.places, strict=True):
            button.show_sound(name, place, layout.at_corners)
        self.lie(layout, square)

    def lie(self, layout: Layout, square: QRectF) -> None:
        """The pad's square is another."""
        for button, place in zip(self.buttons, layout.places, strict=True):
            button.lie(square, place, layout.at_corners)

    def allow(self, possible: bool) -> None:
        """Whether anything can be asked for."""
        self._allowed = possible
        for button in self.buttons:
            button.setEnabled(possible)

    def _made(self, row):
        button = PointButton(self._pad)
        button.clicked.connect(lambda: self.wanted.emit(row))
        button.led.connect(lambda right, up: self.led.emit(row, right, up))
        button.unwanted.connect(lambda: self.unwanted.emit(row))
        button.setEnabled(self._allowed)
        button.show()
        return button
