"""The output's level, left and right, with the highest peak as a mark and in decibels."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QLinearGradient, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from synthapp.views import theme
from synthapp.views.panel.ballistics import FLOOR_DB, Ballistics

_MARKS_DB = (-48, -36, -24, -12, 0)
_TOP_DB = 3.0
_BAR, _SPACE = 7, 3
_NUMBER_WIDTH = 64


class MeterView(QWidget):
    """Two bars in dBFS. At 0 dBFS and above the end is red and the number says 'over'."""

    def __init__(self, parent=None):
        super().__init__(parent)
        self.channels = (Ballistics(), Ballistics())
        self._shown: tuple[int, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Output level")

    def sizeHint(self):
        return QSize(300, 2 * _BAR + _SPACE + 16)

    def advance(self, peak, elapsed_s: float) -> None:
        """Take in both linear peaks of the last `elapsed_s` seconds."""
        for channel, value in zip(self.channels, peak, strict=True):
            channel.advance(value, elapsed_s)
        shown = tuple(round(10 * db) for channel in self.channels for db in (channel.level_db, channel.peak_db))
        if shown != self._shown:
            self._shown = shown
            self.setAccessibleDescription(self.text)
            self.update()

    @property
    def text(self) -> str:
        """The higher peak: '-12.3 dB', 'over' at 0 dBFS, '-∞ dB' in silence."""
        peak_db = max(channel.peak_db for channel in self.channels)
        if peak_db <= FLOOR_DB:
            return "−∞ dB"
        return "over" if peak_db >= 0 else f"{peak_db:.1f} dB".replace("-", "−")

    def paintEvent(self, event):
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = self.width() - _NUMBER_WIDTH
        for row, channel in enumerate(self.channels):
            self._paint_bar(painter, QRectF(0, row * (_BAR + _SPACE), width, _BAR), channel)
        painter.setFont(theme.font(9))
        painter.setPen(theme.DIM)
        for mark in _MARKS_DB:
            middle = _way(mark) * width
            box = QRectF(middle - 14, 2 * _BAR + _SPACE + 3, 28, 12)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(mark).replace("-", "−"))
        painter.setFont(theme.font(theme.NORMAL))
        painter.setPen(theme.ALERT if self.text == "over" else theme.TEXT)
        number = QRectF(width, 0, _NUMBER_WIDTH, 2 * _BAR + _SPACE)
        painter.drawText(number, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.text)

    def _paint_bar(self, painter, box, channel):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.BACKGROUND)
        painter.drawRoundedRect(box, 3, 3)
        if channel.level_db > FLOOR_DB:
            full = QRectF(box)
            full.setWidth(_way(channel.level_db) * box.width())
            painter.setBrush(self._shade(box))
            painter.drawRoundedRect(full, 3, 3)
        if channel.peak_db > FLOOR_DB:
            x = box.left() + _way(channel.peak_db) * box.width()
            painter.setPen(QPen(theme.ALERT if channel.peak_db >= 0 else theme.TEXT, 2))
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))

    def _shade(self, box):
        shade = QLinearGradient(box.topLeft(), box.topRight())
        shade.setColorAt(0.0, theme.ACCENT.darker(190))
        shade.setColorAt(_way(-0.1), theme.ACCENT)
        shade.setColorAt(_way(0.0), theme.ALERT)
        shade.setColorAt(1.0, theme.ALERT)
        return QBrush(shade)


def _way(db):
    """0..1 along the bar."""
    return min(max((db - FLOOR_DB) / (_TOP_DB - FLOOR_DB), 0.0), 1.0)
