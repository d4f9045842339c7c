"""A scrolling rainbowgram: brightness is the level, colour the instantaneous frequency."""

import math
import time

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QImage, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from common.pitch import hz_key, key_hz
from synthapp.views import theme
from synthapp.views.keys.piano_layout import note_name

_COLUMNS = 2048  # kept; one is a pixel wide
_HUES, _LEVELS = 64, 64
_FAINT_DB, _FULL_DB = -78.0, -14.0  # black, and the brightest
_TOLD_S = 1.0  # between two words to a screen reader, at least
_LABEL = (150.0, 16.0)  # width and height of what is told under the cursor
_ARROWS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 12, Qt.Key.Key_Left: -12}


class RainbowView(QWidget):
    """The newest column is at the right. The mouse, or the arrow keys by semitones, ask for a frequency's level.

    bin_hz : float (bins,), ascending in even steps of pitch

    Attributes
    painted_s : how long the last painting took
    """

    def __init__(self, bin_hz: np.ndarray, parent=None):
        super().__init__(parent)
        self._bin_hz = bin_hz
        self._pixels = np.zeros((len(bin_hz), _COLUMNS), np.uint32)  # from the highest down
        self._image = QImage(
            self._pixels.data, _COLUMNS, len(bin_hz), self._pixels.strides[0], QImage.Format.Format_RGB32
        )
        self._levels_db = np.full((_COLUMNS, len(bin_hz)), -100, np.int8)
        self._palette = _palette()
        self._next = 0  # column that is written next
        self._cursor: tuple[float, float] | None = None  # columns before the newest, and pitch as a MIDI number
        self._told_s = 0.0
        self.painted_s = 0.0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumWidth(120)
        self.setAccessibleName("Spectrum of what sounds")
        self.setAccessibleDescription("silence")

    def add(self, levels_db: np.ndarray, turns: np.ndarray) -> None:
        """More columns, (columns, bins) each; turns : -1..1, the colour."""
        share = (levels_db - _FAINT_DB) / (_FULL_DB - _FAINT_DB)
        level = (np.clip(share, 0, 1) * (_LEVELS - 1)).astype(np.intp)
        hue = ((turns + 1) * (_HUES / 2)).astype(np.intp) % _HUES
        places = np.arange(self._next, self._next + len(levels_db)) % _COLUMNS
        self._pixels[:, places] = self._palette[level, hue].T[::-1]
        self._levels_db[places] = np.clip(levels_db, -128, 0)
        self._next = (self._next + len(levels_db)) % _COLUMNS
        self.update()

    def tell(self, level_db: float, partials_hz) -> None:
        """Let a screen reader say how loud it is, and which notes are nearest to the strongest partials."""
        now_s = time.monotonic()
        if now_s - self._told_s < _TOLD_S:
            return
        self._told_s = now_s
        text = level_text(level_db, partials_hz)
        if self._cursor is not None and self.hasFocus():
            text = f"{self.readout}; {text}"
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    @property
    def readout(self) -> str:
        """Frequency, nearest note and level under the cursor; empty without one."""
        if self._cursor is None:
            return ""
        back, key = self._cursor
        row = int(np.argmin(np.abs(self._bin_hz - key_hz(key))))
        level_db = int(self._levels_db[(self._next - 1 - int(back)) % _COLUMNS, row])
        return f"{hz_text(float(key_hz(key)))} · {level_db} dB".replace("-", "−")

    # Gestures

    def mouseMoveEvent(self, event):
        point = event.position()
        self._cursor = max(self.width() - 1 - point.x(), 0.0), self._key_at(point.y())
        self.update()

    def leaveEvent(self, event):
        self._cursor = None
        self.update()

    def keyPressEvent(self, event):
        if event.key() not in _ARROWS:
            super().keyPressEvent(event)
            return
        back, key = self._cursor or (0.0, 69.0)
        lowest, highest = hz_key(self._bin_hz[0]), hz_key(self._bin_hz[-1])
        self._cursor = back, min(max(round(key) + _ARROWS[event.key()], lowest), highest)
        self._told_s = 0.0
        self.setAccessibleDescription(self.readout)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self.update()

    # Painting

    def _key_at(self, y):
        lowest, highest = hz_key(self._bin_hz[0]), hz_key(self._bin_hz[-1])
        return float(lowest + (highest - lowest) * min(max(1 - y / self.height(), 0.0), 1.0))

    def _y_of(self, key):
        lowest, highest = hz_key(self._bin_hz[0]), hz_key(self._bin_hz[-1])
        return self.height() * (1 - (key - lowest) / (highest - lowest))

    def paintEvent(self, event):
        begin = time.thread_time()
        painter = QPainter(self)
        right = self.width()
        for first, count in ((0, self._next), (self._next, _COLUMNS - self._next)):  # the newer part, then the older
            shown = min(count, right)
            if shown > 0:
                source = QRectF(first + count - shown, 0, shown, len(self._bin_hz))
                painter.drawImage(QRectF(right - shown, 0, shown, self.height()), self._image, source)
                right -= shown
        self._paint_octaves(painter)
        if self._cursor is not None:
            self._paint_cursor(painter)
        if self.hasFocus():
            painter.setPen(QPen(theme.ACCENT, 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        self.painted_s = time.thread_time() - begin

    def _paint_octaves(self, painter):
        painter.setFont(theme.font(9))
        for key in range(48, 108, 12):
            y = self._y_of(key)
            painter.setPen(theme.alpha(theme.WHITE, 0.14))
            painter.drawLine(QPointF(0, y), QPointF(self.width(), y))
            painter.setPen(theme.alpha(theme.WHITE, 0.6))
            painter.drawText(QPointF(3, y - 2), note_name(key))

    def _paint_cursor(self, painter):
        back, key = self._cursor
        x, y = self.width() - 1 - back, self._y_of(key)
        painter.setPen(theme.alpha(theme.WHITE, 0.5))
        painter.drawLine(QPointF(0, y), QPointF(self.width(), y))
        width, height = _LABEL
        left = x - width - 6 if x > width + 6 else min(x + 6, self.width() - width)
        box = QRectF(left, min(max(y - height - 2, 0), self.height() - height), width, height)
        painter.fillRect(box, theme.alpha(theme.BACKGROUND, 0.8))
        painter.setFont(theme.font(theme.SMALL))
        painter.setPen(theme.TEXT)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.readout)


def hz_text(hz: float) -> str:
    """'440.0 Hz, A4' or '447.3 Hz, A4 +28 ct'."""
    key = float(hz_key(hz))
    cents = round(100 * (key - round(key)))
    return f"{hz:.1f} Hz, {note_name(round(key))}" + (f" {cents:+d} ct" if cents else "")


def level_text(level_db: float, partials_hz) -> str:
    """'-12 dB; A4, E5' for a screen reader; 'silence'."""
    if not math.isfinite(level_db) or level_db < _FAINT_DB:
        return "silence"
    names = dict.fromkeys(note_name(round(float(hz_key(hz)))) for hz in partials_hz)
    return "; ".join(filter(None, (f"{level_db:.0f} dB", ", ".join(names))))


def _palette():
    """uint32 (levels, hues), RGB32: the rainbow, darker the fainter."""
    way = np.arange(_HUES) / (_HUES - 1)
    rainbow = np.stack([np.abs(2 * way - 0.5), np.sin(np.pi * way), np.cos(np.pi * way / 2)], -1)  # matplotlib's
    bright = np.clip(rainbow, 0, 1) * (np.arange(_LEVELS) / (_LEVELS - 1))[:, None, None]
    red, green, blue = np.moveaxis((255 * bright).astype(np.uint32), -1, 0)
    return 0xFF000000 | red << 16 | green << 8 | blue
