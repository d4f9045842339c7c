"""Attack, decay, sustain and release: a curve and four knobs."""

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QLinearGradient, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.parameters import TABLE, Param
from synthapp.views import theme
from synthapp.views.panel.knob import Knob
from synthapp.views.scales import to_fraction

PARAMS = (Param.ATTACK_MS, Param.DECAY_MS, Param.SUSTAIN, Param.RELEASE_MS)
_HOLD = 0.35  # how long the key is drawn down after the decay, on the scale of the knobs


class EnvelopeCurve(QWidget):
    """The envelope drawn: level over time, times on the knobs' scale so that short ones stay visible."""

    def __init__(self, parent=None):
        super().__init__(parent)
        self._values = {param: TABLE[param].default for param in PARAMS}
        self.setMinimumHeight(44)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self):
        return QSize(300, 96)

    def set_value(self, param: Param, value: float) -> None:
        self._values[param] = value
        self.update()

    def corners(self) -> list[tuple[float, float]]:
        """(time, level) of the five breakpoints, both 0..1; the whole fills the width."""
        sustain = self._values[Param.SUSTAIN]
        spans = [to_fraction(TABLE[param], self._values[param]) for param in (Param.ATTACK_MS, Param.DECAY_MS)]
        spans += [_HOLD, to_fraction(TABLE[Param.RELEASE_MS], self._values[Param.RELEASE_MS])]
        times = [sum(spans[:i]) / sum(spans) for i in range(5)]
        return list(zip(times, (0.0, 1.0, sustain, sustain, 0.0), strict=True))

    def paintEvent(self, event):
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width, height = self.width() - 8, self.height() - 8
        points = [QPointF(4 + time * width, 4 + (1 - level) * height) for time, level in self.corners()]
        painter.setPen(QPen(theme.LINE, 1))
        painter.drawLine(QPointF(4, 4 + height), QPointF(4 + width, 4 + height))
        curve = _curve(points)
        self._fill(painter, curve, points)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.ACCENT, 1.8))
        painter.drawPath(curve)
        painter.setBrush(theme.PANEL)
        for point in points[1:]:
            painter.drawEllipse(point, 2.6, 2.6)

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

    def set_value(self, param: Param, value: float) -> None:
        """Show a value without telling anyone."""
        self.knobs[param].set_value(value)
        self.curve.set_value(param, value)
