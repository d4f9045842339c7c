"""Tells one gesture of the player's from the next: a drag, a held key and a turn of the wheel are one each."""

import time

from PySide6.QtCore import QEvent, QObject

_PAUSE_S = 0.7  # of the wheel, after which it turns anew


class Gestures(QObject):
    """Watches the whole application, as an event filter.

    Attributes
    number : of the gesture that goes on, or was the last
    """

    def __init__(self, parent=None):
        super().__init__(parent)
        self.number = 1
        self._wheel_s = 0.0

    def eventFilter(self, watched, event):
        kind = event.type()
        pressed = kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)
        if pressed or (kind == QEvent.Type.KeyPress and not event.isAutoRepeat()):
            self.number += 1
            self._wheel_s = 0.0  # what is turned after a press is another gesture
        elif kind == QEvent.Type.Wheel:
            now_s = time.monotonic()
            self.number += now_s - self._wheel_s > _PAUSE_S
            self._wheel_s = now_s
        return False
