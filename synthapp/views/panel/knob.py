"""One parameter: its name, a dial and the value as text."""

import math
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QDial, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from engine.parameters import TABLE, Parameter
from synthapp.views import theme
from synthapp.views.scales import from_fraction, from_text, is_bipolar, to_fraction, to_text

_HOW_TO_TURN = "drag up or down, shift is fine, double click for the default"
_DRAG_PIXELS = 180  # for the whole range
_FINE = 0.1
_STEPS = 1000  # of the whole way, for assistive technology
_WHEEL_STEP = 0.02  # a notch, 1/8 of 120 degrees
_START, _SWEEP = 225.0, 270.0  # degrees, counter-clockwise from three o'clock as Qt has it


class Dial(QDial):
    """Drag up or down; shift is fine; double click is the default; wheel and arrow keys step.

    A QDial by what it tells assistive technology, which may set its value, too; everything else is its own.

    Signals
    turned(fraction) : 0..1, by the player
    reset() : back to the default
    """

    turned = Signal(float)
    reset = Signal()

    def __init__(self, origin: float, default: float, parent=None):
        super().__init__(parent)
        self.fraction = default
        self._origin, self._default = origin, default
        self._last_y: float | None = None
        self._wanted = default  # the fraction before it is rounded to whole steps
        self.setRange(0, _STEPS)
        self.setValue(round(default * _STEPS))
        self.valueChanged.connect(lambda value: self.turned.emit(value / _STEPS))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.SizeVerCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(24)
        self.setMaximumHeight(58)

    def sizeHint(self):
        return QSize(50, 42)

    def minimumSizeHint(self):
        return QSize(0, 0)

    def set_fraction(self, fraction: float) -> None:
        self.fraction = fraction
        self.blockSignals(True)  # following is no request
        self.setValue(round(fraction * _STEPS))
        self.blockSignals(False)
        if self._last_y is None:
            self._wanted = fraction
        self.update()

    def _turn(self, step, modifiers):
        fine = _FINE if modifiers & Qt.KeyboardModifier.ShiftModifier else 1.0
        self._wanted = min(max(self._wanted + step * fine, 0.0), 1.0)
        self.turned.emit(self._wanted)

    def mousePressEvent(self, event):
        if event.button() == Qt.MouseButton.LeftButton:
            self._last_y, self._wanted = event.position().y(), self.fraction
            self.update()

    def mouseMoveEvent(self, event):
        if self._last_y is not None:
            step = (self._last_y - event.position().y()) / _DRAG_PIXELS
            self._last_y = event.position().y()
            self._turn(step, event.modifiers())

    def mouseReleaseEvent(self, event):
        self._last_y = None
        self.update()

    def mouseDoubleClickEvent(self, event):
        self.reset.emit()

    def wheelEvent(self, event):
        turn = event.angleDelta().y() or event.angleDelta().x()  # with shift some systems scroll sideways
        self._turn(_WHEEL_STEP * turn / 120, event.modifiers())
        event.accept()

    def keyPressEvent(self, event):
        up = event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Right)
        if up or event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Left):
            self._turn(_WHEEL_STEP if up else -_WHEEL_STEP, event.modifiers())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.reset.emit()
        else:
            event.ignore()

    def paintEvent(self, event):
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QPointF(self.width() / 2, self.height() / 2 + 1.5)
        radius = min(self.width(), self.height()) / 2 - 4.5
        ring = QRectF(middle.x() - radius, middle.y() - radius, 2 * radius, 2 * radius)
        active = self._last_y is not None or self.underMouse() or self.hasFocus()
        self._arc(painter, ring, theme.TRACK, 0.0, 1.0)
        self._arc(painter, ring, theme.ACCENT, self._origin, self.fraction)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.HOVER if active else theme.RAISED)
        painter.drawEllipse(middle, radius - 5, radius - 5)
        if self.fraction != self._default:
            self._tick(painter, middle, self._default, radius + 3, radius + 5, theme.DIM)
        self._tick(painter, middle, self.fraction, 0.35 * radius, radius - 6.5, theme.TEXT)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.ACCENT, 1))
            painter.drawEllipse(middle, radius - 5, radius - 5)

    def _arc(self, painter, ring, color, start, end):
        pen = QPen(color, 3)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if start != end or color is theme.TRACK:
            painter.drawArc(ring, round(16 * (_START - _SWEEP * start)), round(-16 * _SWEEP * (end - start)))

    def _tick(self, painter, middle, fraction, inner, outer, color):
        angle = math.radians(_START - _SWEEP * fraction)
        way = QPointF(math.cos(angle), -math.sin(angle))
        pen = QPen(color, 2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(middle + way * inner, middle + way * outer)


class Knob(QWidget):
    """Label, dial and a field to type in.

    Signals
    changed(param, value) : by the player, in the parameter's unit

    Attributes
    param : of the parameter table; of an effect: its name, and then `row` says what it is
    value : as shown
    recorded : from this value on the sounds bring their own, and no more of it is heard; 0: there is no such value
    """

    changed = Signal(object, float)

    def __init__(self, param: Any, row: Parameter | None = None, parent=None):
        super().__init__(parent)
        self.param, self.row = param, row or TABLE[param]
        self.value, self.recorded = self.row.default, 0.0
        start = to_fraction(self.row, self.row.default)
        self.dial = Dial(0.5 if is_bipolar(self.row) else 0.0, start)
        self.field = theme.styled(QLineEdit(alignment=Qt.AlignmentFlag.AlignCenter), "knob")
        label = theme.styled(QLabel(self.row.label, alignment=Qt.AlignmentFlag.AlignCenter), "knobLabel")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addStretch()
        for widget, stretch in ((label, 0), (self.dial, 100), (self.field, 0)):
            layout.addWidget(widget, stretch)
        layout.addStretch()
        self.field.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.dial.setAccessibleName(self.row.label)
        self.dial.setToolTip(f"{self.row.label}: {_HOW_TO_TURN}")
        self.dial.turned.connect(lambda fraction: self._change(from_fraction(self.row, fraction)))
        self.dial.reset.connect(lambda: self._change(self.row.default))
        self.field.editingFinished.connect(self._typed)
        self.set_value(self.value)

    def set_value(self, value: float) -> None:
        """Show a value without telling anyone."""
        self.value = value
        self.dial.set_fraction(to_fraction(self.row, value))
        text = self.text
        self.dial.setAccessibleDescription(text)
        if not self.field.hasFocus():
            self.field.setText(text)

    @property
    def text(self) -> str:
        """The value with its unit, or that it is as recorded."""
        return "recorded" if 0 < self.recorded <= self.value else to_text(self.row, self.value)

    def set_recorded(self, value: float) -> None:
        """Show what the sounds bring themselves."""
        if value != self.recorded:
            self.recorded = value
            own = f"; the sounds end by themselves after {to_text(self.row, value)}" if value else ""
            self.dial.setToolTip(f"{self.row.label}: {_HOW_TO_TURN}{own}")
            self.set_value(self.value)

    def _change(self, value):
        if value != self.value:
            self.set_value(value)
            self.changed.emit(self.param, value)

    def _typed(self):
        value = from_text(self.row, self.field.text())
        self.field.clearFocus()
        if value is not None and self.field.isModified():
            self._change(value)
        self.set_value(self.value)
