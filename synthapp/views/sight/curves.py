"""The embedding of the sounding note: one curve a channel, and where in it the note is."""

import time

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from synthapp.views import theme

_EDGE = 4.0  # pixels above and below the curves
_HEADING = 14.0  # pixels


class CurvesView(QWidget):
    """
    Attributes
    painted_s : how long the last painting took
    """

    def __init__(self, parent=None):
        super().__init__(parent)
        self._curves = QPixmap()
        self._values: np.ndarray | None = None  # (frames, latent), each channel within -1..1
        self._loop, self._release = (0, 0), 0
        self._heading = ""
        self._frame: float | None = None
        self.painted_s = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumWidth(90)
        self.setAccessibleName("Embedding of the sounding note")
        self.setAccessibleDescription("no note")

    def sizeHint(self):
        return QSize(200, 98)

    def set_curves(self, values: np.ndarray, loop: tuple[int, int], release: int, heading: str) -> None:
        """values : (frames, latent), each channel within -1..1; loop, release : in frames; heading : what it is"""
        self._values, self._loop, self._release, self._heading = values, loop, release, heading
        self._curves = QPixmap()
        self.setAccessibleDescription(f"{heading}: {values.shape[1]} channels over {values.shape[0]} frames")
        self.update()

    def set_frame(self, frame: float | None) -> None:
        """Where the note is; None: it is over."""
        if frame != self._frame:
            self._frame = frame
            self.update()

    def resizeEvent(self, event):
        self._curves = QPixmap()

    def paintEvent(self, event):
        begin = time.thread_time()
        painter = QPainter(self)
        if self._values is None:
            painter.fillRect(self.rect(), Qt.GlobalColor.black)
        else:
            if self._curves.isNull():
                self._curves = self._painted()
            painter.drawPixmap(0, 0, self._curves)
            if self._frame is not None:
                x = self._x_of(self._frame)
                painter.setPen(QPen(theme.ACCENT, 1.5))
                painter.drawLine(QPointF(x, _HEADING), QPointF(x, self.height()))
        self.painted_s = time.thread_time() - begin

    def _x_of(self, frame):
        return frame / max(len(self._values) - 1, 1) * (self.width() - 1)

    def _painted(self):
        """All that stands still while a note moves through it."""
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.black)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        first, last = (self._x_of(frame) for frame in self._loop)
        inside = QRectF(first, _HEADING, max(last - first, 1.0), self.height() - _HEADING)
        painter.fillRect(inside, theme.alpha(theme.WHITE, 0.08))
        self._paint_curves(painter)
        if self._release < len(self._values):
            painter.setPen(QPen(theme.alpha(theme.WHITE, 0.4), 1, Qt.PenStyle.DotLine))
            x = self._x_of(self._release)
            painter.drawLine(QPointF(x, _HEADING), QPointF(x, self.height()))
        painter.setFont(theme.font(9))
        painter.setPen(theme.DIM)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        heading = painter.fontMetrics().elidedText(self._heading, Qt.TextElideMode.ElideRight, self.width() - 6)
        painter.drawText(QRectF(3, 0, self.width() - 6, _HEADING), flags, heading)
        painter.end()
        return pixmap

    def _paint_curves(self, painter):
        values = self._values
        step = max(1, len(values) // max(self.width(), 1))  # no more points than pixels
        frames = np.arange(0, len(values), step)
        middle, reach = (_HEADING + self.height()) / 2, (self.height() - _HEADING) / 2 - _EDGE
        xs = self._x_of(frames)
        for channel in range(values.shape[1]):
            path = QPainterPath()
            points = zip(xs.tolist(), (middle - reach * values[frames, channel]).tolist(), strict=True)
            for place, point in enumerate(points):
                path.lineTo(*point) if place else path.moveTo(*point)
            hue = round(300 * channel / max(values.shape[1] - 1, 1))
            painter.setPen(QPen(theme.alpha(QColor.fromHsv(hue, 150, 255), 0.65), 1))
            painter.drawPath(path)
