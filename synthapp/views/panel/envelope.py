"""Attack, decay, sustain and release: a curve and four knobs."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QLinearGradient, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.parameters import TABLE, Param
from synthapp.views import theme
from synthapp.views.panel.knob import Knob

PARAMS = (Param.ATTACK_MS, Param.DECAY_MS, Param.SUSTAIN, Param.RELEASE_MS)
_TIMES = (Param.ATTACK_MS, Param.DECAY_MS, Param.RELEASE_MS)
_EDGE = 6.0  # pixels that the curve keeps to the edges, so that its circles are whole
_REACH = 10.0  # pixels from a circle's middle where it can still be taken
_FINE = 0.2  # how much less a handle moves with shift
_HOLD = 0.35  # how long the key is drawn down after the decay, on the scale of the knobs


@dataclass(frozen=True)
class _Handle:
    """What a circle sets. time : by its way sideways; level : by its way up and down"""

    time: Param | None
    level: Param | None


_HANDLES = (
    _Handle(Param.ATTACK_MS, None),
    _Handle(Param.DECAY_MS, Param.SUSTAIN),
    _Handle(None, Param.SUSTAIN),
    _Handle(Param.RELEASE_MS, None),
)


class EnvelopeCurve(QWidget):
    """The envelope drawn: level over time, times on the knobs' scale so that short ones stay visible.

    Its four handles are dragged: sideways a time, up and down the sustain; shift is fine.

    Signals
    dragged(param, value) : by the player, in the parameter's unit
    """

    dragged = Signal(object, float)

    def __init__(self, parent=None):
        super().__init__(parent)
        self._values = {param: TABLE[param].default for param in PARAMS}
        self._recorded_ms = 0.0  # release that the sounds bring; see Knob.recorded
        self._grip: tuple[_Handle, QPointF] | None = None  # the handle in hand, and where the pointer was last
        self._wanted: dict[Param, float] = {}  # ways of the knobs, before they are held inside their ranges
        self.setMouseTracking(True)
        self.setAccessibleName("Envelope")
        self.setToolTip("Drag the circles; shift is fine")
        self.setMinimumHeight(32)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self):
        return QSize(300, 96)

    def set_value(self, param: Param, value: float) -> None:
        self._values[param] = value
        self.update()

    def set_recorded(self, milliseconds: float) -> None:
        """Draw no longer release than is heard."""
        if milliseconds != self._recorded_ms:
            self._recorded_ms = milliseconds
            self.update()

    def corners(self) -> list[tuple[float, float]]:
        """(time, level) of the five breakpoints, both 0..1; the whole fills the width."""
        sustain, spans = self._values[Param.SUSTAIN], self._spans()
        times = [sum(spans[:i]) / sum(spans) for i in range(5)]
        return list(zip(times, (0.0, 1.0, sustain, sustain, 0.0), strict=True))

    def _spans(self):
        """Attack, decay, hold and release, on the scale of the knobs."""
        release = min(self._values[Param.RELEASE_MS], self._recorded_ms or math.inf)
        values = (self._values[Param.ATTACK_MS], self._values[Param.DECAY_MS], release)
        attack, decay, release = (TABLE[param].share(value) for param, value in zip(_TIMES, values, strict=True))
        return attack, decay, _HOLD, release

    def handles(self) -> list[QPointF]:
        """Middles of the four circles: peak, end of the decay, release of the key, end."""
        width, height = self.width() - 2 * _EDGE, self.height() - 2 * _EDGE
        return [QPointF(_EDGE + time * width, _EDGE + (1 - level) * height) for time, level in self.corners()][1:]

    # Gestures

    def mousePressEvent(self, event):
        handle = self._handle_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton or handle is None:
            return
        self._grip = handle, event.position()
        self._wanted = {param: TABLE[param].share(self._values[param]) for param in PARAMS}
        if self._recorded_ms:  # from where the handle is drawn
            self._wanted[Param.RELEASE_MS] = self._spans()[3]

    def mouseMoveEvent(self, event):
        if self._grip is None:
            over = self._handle_at(event.position()) is not None
            self.setCursor(Qt.CursorShape.SizeAllCursor if over else Qt.CursorShape.ArrowCursor)
            return
        handle, before = self._grip
        way = event.position() - before
        self._grip = handle, event.position()
        fine = _FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        if handle.time is not None:
            self._drag(handle.time, fine * sum(self._spans()) * way.x() / max(self.width() - 2 * _EDGE, 1))
        if handle.level is not None:
            self._drag(handle.level, -fine * way.y() / max(self.height() - 2 * _EDGE, 1))

    def mouseReleaseEvent(self, event):
        self._grip = None

    def _handle_at(self, point):
        """The handle under a point; of several the last, which alone can be pulled away to the right."""
        near = [i for i, middle in enumerate(self.handles()) if QLineF(middle, point).length() <= _REACH]
        return _HANDLES[near[-1]] if near else None

    def _drag(self, param, step):
        if not step:
            return
        self._wanted[param] = min(max(self._wanted[param] + step, 0.0), 1.0)
        value = TABLE[param].at(self._wanted[param])
        if value != self._values[param]:
            self.set_value(param, value)
            self.dragged.emit(param, value)

    # Painting

    def paintEvent(self, event):
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        floor = self.height() - _EDGE
        points = [QPointF(_EDGE, floor), *self.handles()]
        painter.setPen(QPen(theme.LINE, 1))
        painter.drawLine(QPointF(_EDGE, floor), QPointF(self.width() - _EDGE, floor))
        curve = _curve(points)
        self._fill(painter, curve, points)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.ACCENT, 1.8))
        painter.drawPath(curve)
        painter.setBrush(theme.PANEL)
        for point in points[1:]:
            painter.drawEllipse(point, _EDGE - 1.5, _EDGE - 1.5)

    def _fill(self, painter, curve, points):
        area = QPainterPath(curve)
        area.lineTo(points[0])
        shade = QLinearGradient(0, 0, 0, self.height())
        shade.setColorAt(0.0, theme.alpha(theme.ACCENT, 0.30))
        shade.setColorAt(1.0, theme.alpha(theme.ACCENT, 0.02))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(shade))
        painter.drawPath(area)


def _curve(points):
    """Straight attack and sustain; decay and release fall fast at first, as exponentials do."""
    start, peak, decayed, let_go, end = points
    path = QPainterPath(start)
    path.lineTo(peak)
    for before, after in ((peak, decayed), (let_go, end)):
        path.lineTo(before)
        path.quadTo(QPointF(before.x() + 0.25 * (after.x() - before.x()), after.y()), after)
    return path


class EnvelopeView(QWidget):
    """Curve above, knobs below.

    Signals
    changed(param, value) : by the player
    """

    changed = Signal(object, float)

    def __init__(self, parent=None):
        super().__init__(parent)
        self.curve = EnvelopeCurve()
        self.knobs = {param: Knob(param) for param in PARAMS}
        layout, row = QVBoxLayout(self), QHBoxLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.curve, 3)
        layout.addLayout(row, 2)
        row.setSpacing(2)
        for knob in self.knobs.values():
            row.addWidget(knob)
            knob.changed.connect(self.curve.set_value)
            knob.changed.connect(self.changed)
        self.curve.dragged.connect(lambda param, value: self.knobs[param].set_value(value))
        self.curve.dragged.connect(self.changed)

    def set_recorded(self, milliseconds: float) -> None:
        """How long a release the sounds bring themselves; 0: none."""
        self.knobs[Param.RELEASE_MS].set_recorded(milliseconds)
        self.curve.set_recorded(milliseconds)

    def set_value(self, param: Param, value: float) -> None:
        """Show a value without telling anyone."""
        self.knobs[param].set_value(value)
        self.curve.set_value(param, value)
