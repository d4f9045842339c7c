"""Record what is played, and keep what was played a moment ago."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from synthapp.views import theme

_REST, _WIDEST = "● Record", "■ 000:00"


class RecorderView(QWidget):
    """Two buttons of fixed size, so that nothing moves while the time runs.

    Signals
    record_wanted(on) : begin a recording, or end it
    minute_wanted() : keep what was played in the last minute
    """

    record_wanted = Signal(bool)
    minute_wanted = Signal()

    def __init__(self, parent=None):
        super().__init__(parent)
        self.record = _button(_REST, _WIDEST)
        self.minute = _button("Last minute")
        self.minute.setAccessibleName("Keep the last minute")
        self.minute.setToolTip("Keep the last minute that was played (Ctrl+Shift+R)")
        self.record.clicked.connect(lambda: self.record_wanted.emit(self._seconds is None))
        self.minute.clicked.connect(self.minute_wanted)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.record)
        layout.addWidget(self.minute)
        self._seconds: int | None = -1
        self.show_time(None)

    def show_time(self, seconds: float | None) -> None:
        """How long the recording runs; None: none does."""
        whole = None if seconds is None else int(seconds)
        if whole == self._seconds:
            return
        if (whole is None) != (self._seconds is None) or self._seconds == -1:
            self._show_state(whole is not None)
        self._seconds = whole
        time = "" if whole is None else f"{whole // 60}:{whole % 60:02d}"
        self.record.setText(f"■ {time}" if time else _REST)
        self.record.setAccessibleDescription(f"recording, {time}" if time else "nothing is recorded")

    def _show_state(self, recording):
        self.record.setAccessibleName("Stop recording" if recording else "Record")
        self.record.setToolTip(("Stop, and keep the take" if recording else "Record what is played") + " (Ctrl+R)")
        self.record.setProperty("recording", recording)
        self.record.style().polish(self.record)


def _button(*texts):
    button = theme.styled(QPushButton(), "recorder")
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    widths = []
    for text in reversed(texts):
        button.setText(text)
        widths.append(button.sizeHint().width())
    button.setFixedSize(max(widths), 18)
    return button
