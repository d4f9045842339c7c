"""What lies over the pad while the engine cannot play yet: why, for how long already, and that keys are silent."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QVBoxLayout

from engine.telemetry import Telemetry
from synthapp.views import theme

PATIENCE_S = 2.5  # a start that is no first one is done by then, and shows nothing
_REFUSAL_MS = 1500
_SIZE = 320, 130
_SILENT = "Keys are silent until it is ready."
_REFUSED = "Not yet: this key made no sound."


class StartingView(QFrame):
    """Lies in no layout, so that it shifts nothing.

    The bar only moves: how long compiling takes is not known beforehand, the seconds beside it are.
    """

    def __init__(self, parent):
        super().__init__(parent)
        theme.styled(self, "starting")
        self._over, self._waited_s = parent, 0.0
        self._title = theme.styled(QLabel("The instrument is being made ready"), "value")
        self._text, self._keys = QLabel(wordWrap=True), theme.styled(QLabel(_SILENT), "dim")
        bar = QProgressBar(minimum=0, maximum=0, textVisible=False)
        bar.setFixedHeight(6)
        bar.setAccessibleName("Making ready")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 14)
        for widget in (self._title, self._text, bar, self._keys):
            layout.addWidget(widget)
        self._calm = QTimer(self, interval=_REFUSAL_MS, singleShot=True)
        self._calm.timeout.connect(lambda: self._say(_SILENT, theme.DIM))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedSize(*_SIZE)
        self.hide()

    @property
    def text(self) -> str:
        return "\n".join(label.text() for label in (self._title, self._text, self._keys))

    def show_telemetry(self, telemetry: Telemetry, elapsed_s: float) -> None:
        """Appear where the engine has no voices for a while, and vanish with the first."""
        self._waited_s = 0.0 if telemetry.polyphony else self._waited_s + elapsed_s
        if self._waited_s >= PATIENCE_S:
            self._text.setText(f"{telemetry.notice} ({self._waited_s:.0f} s)")
            self.setAccessibleName(self.text)
            self.move(self._over.rect().center() - self.rect().center())
        self.setVisible(self._waited_s >= PATIENCE_S)

    def refuse(self) -> None:
        """A key was pressed that cannot sound yet."""
        if self.isVisible():
            self._say(_REFUSED, theme.ALERT)
            self._calm.start()

    def _say(self, text, color):
        self._keys.setText(text)
        self._keys.setStyleSheet(f"color: {color.name()}")
