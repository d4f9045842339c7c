"""Asks the engine for its state, some fifty times a second, in the GUI thread."""

import time

from PySide6.QtCore import QObject, Qt, QTimer, Signal

PERIOD_MS = 20


class Poller(QObject):
    """Signals
    updated(telemetry, elapsed_s) : the engine's state, and the time since the last one
    """

    updated = Signal(object, float)

    def __init__(self, client, parent=None):
        super().__init__(parent)
        self._client = client
        self._last_s = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.poll)

    def start(self) -> None:
        self._timer.start(PERIOD_MS)

    def stop(self) -> None:
        self._timer.stop()

    def poll(self) -> None:
        """Ask once."""
        now_s = time.monotonic()
        elapsed_s, self._last_s = now_s - self._last_s, now_s
        self.updated.emit(self._client.telemetry(), elapsed_s)
