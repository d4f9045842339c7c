"""The on-screen keyboard: 88 keys for the mouse, and a mirror of what sounds."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QBrush, QColor, QLinearGradient, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from synthapp.views import theme
from synthapp.views.keys.piano_layout import BLACKS, HIGHEST, IVORIES, LOWEST, key_at, note_name, velocity_at

_IVORY, _IVORY_SHADE = QColor("#d5d8e0"), QColor("#b4b8c4")
_EBONY, _EBONY_SHADE = QColor("#1b1e26"), QColor("#2a2e39")
_FOCUS = QColor("#3a6fd8")  # seen on ivory and on ebony
_ARROWS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: -12, Qt.Key.Key_Up: 12}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
VELOCITY = 100  # of a key that is played by enter
_PEDAL = QColor("#8a4b00")  # the accent, dark enough to be seen on ivory


class PianoView(QWidget):
    """Press a key, slide over the others; lower on the key is louder. With the focus, arrow keys choose a key and
    enter plays it.

    Signals
    pressed(note, velocity), released(note) : MIDI numbers

    Attributes
    lit : notes whose keys are held, from any source, as the engine reports them
    pedalled : notes that a pedal alone holds
    """

    pressed = Signal(int, int)
    released = Signal(int)

    def __init__(self, parent=None):
        super().__init__(parent)
        self.lit: frozenset[int] = frozenset()
        self.pedalled: frozenset[int] = frozenset()
        self._letters: dict[int, str] = {}
        self._down: int | None = None
        self.setMinimumHeight(56)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Keyboard")
        self._chosen = 60
        self._choose(60)
        self.setToolTip("Click or slide; lower on a key is louder. The letters are computer keys")

    def show_voices(self, voices) -> None:
        """Light the keys that are held, and outline those whose notes a pedal holds. voices : of the telemetry"""
        held = [voice for voice in voices if voice.held]
        lit = frozenset(voice.note for voice in held if not voice.pedal)
        pedalled = frozenset(voice.note for voice in held if voice.pedal) - lit
        if (lit, pedalled) != (self.lit, self.pedalled):
            self.lit, self.pedalled = lit, pedalled
            self.update()

    def set_letters(self, letters) -> None:
        """note -> computer key, written on the keys."""
        self._letters = dict(letters)
        self.update()

    def let_go(self) -> None:
        """End the note under the mouse, if there is one."""
        if self._down is not None:
            self.released.emit(self._down)
            self._down = None
            self.update()

    # Gestures

    def mousePressEvent(self, event):
        if event.button() == Qt.MouseButton.LeftButton:
            self._play(event.position())

    def mouseMoveEvent(self, event):
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._play(event.position())

    def mouseReleaseEvent(self, event):
        if event.button() == Qt.MouseButton.LeftButton:
            self.let_go()

    def keyPressEvent(self, event):
        if event.key() in _ARROWS:
            self._choose(self._chosen + _ARROWS[event.key()])
        elif event.key() not in _ENTER:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat() and self._down is None:
            self._down = self._chosen
            self.pressed.emit(self._chosen, VELOCITY)
            self.update()

    def keyReleaseEvent(self, event):
        if event.key() in _ENTER and not event.isAutoRepeat():
            self.let_go()

    def focusOutEvent(self, event):
        self.let_go()
        self.update()

    def _choose(self, note):
        self._chosen = min(max(note, LOWEST), HIGHEST)
        self.setAccessibleDescription(note_name(self._chosen))
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self.update()

    def _play(self, point):
        y = point.y() / self.height()
        key = key_at(point.x() / self.width(), y)
        if key is not None and key.note == self._down:
            return
        self.let_go()
        if key is not None:
            self._down = key.note
            self.pressed.emit(key.note, velocity_at(key, y))
            self.update()

    # Painting

    def sizeHint(self):
        return QSize(1240, 92)

    def paintEvent(self, event):
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(self.rect()).adjusted(0, -8, 0, 0), 8, 8)
        painter.setClipPath(outline)
        painter.fillRect(self.rect(), theme.BACKGROUND)
        painter.setFont(theme.font(10))
        for key in (*IVORIES, *BLACKS):
            self._paint_key(painter, key)
        shadow = QLinearGradient(0, 0, 0, 9)
        shadow.setColorAt(0.0, theme.alpha(theme.BACKGROUND, 0.75))
        shadow.setColorAt(1.0, theme.alpha(theme.BACKGROUND, 0.0))
        painter.fillRect(0, 0, self.width(), 9, shadow)

    def _paint_key(self, painter, key):
        width, height = self.width(), self.height()
        gap = 0.0 if key.black else 0.6
        box = QRectF(key.left * width + gap, -6, (key.right - key.left) * width - 2 * gap, key.bottom * height + 6)
        if key.note == self._down:
            box.setBottom(box.bottom() - 2)
        painter.setPen(QPen(theme.BACKGROUND, 1.2) if key.black else Qt.PenStyle.NoPen)
        painter.setBrush(self._brush(key, box))
        painter.drawRoundedRect(box, 3.5, 3.5)
        if key.note in self.pedalled:
            painter.setPen(QPen(_PEDAL if not key.black else theme.ACCENT, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(2, 2, -2, -2), 2.5, 2.5)
        if key.note == self._chosen and self.hasFocus():
            painter.setPen(QPen(_FOCUS, 2, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 3, 3)
        self._paint_marks(painter, key, box)

    def _brush(self, key, box):
        top, bottom = (_EBONY_SHADE, _EBONY) if key.black else (_IVORY_SHADE, _IVORY)
        if key.note in self.lit:
            top, bottom = theme.ACCENT.darker(150 if key.black else 125), theme.ACCENT
        elif key.note == self._down:
            top, bottom = top.darker(115), bottom.darker(115)
        shade = QLinearGradient(box.topLeft(), box.bottomLeft())
        shade.setColorAt(0.0, top)
        shade.setColorAt(1.0, bottom)
        return QBrush(shade)

    def _paint_marks(self, painter, key, box):
        """The computer key, the name of every C, and a dot on lit keys, so that colour is not the only cue."""
        dark = not key.black or key.note in self.lit
        painter.setPen(theme.BACKGROUND if dark else theme.DIM)
        label = self._letters.get(key.note, "")
        if not label and key.note % 12 == 0:
            label = note_name(key.note)
            painter.setPen(QColor("#3d4250"))
        if label:
            painter.drawText(
                QRectF(box.left() - 4, box.bottom() - 18, box.width() + 8, 14), Qt.AlignmentFlag.AlignCenter, label
            )
        if key.note in self.lit:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.BACKGROUND)
            painter.drawEllipse(QPointF(box.center().x(), box.bottom() - 26), 3, 3)
