"""The line that says what is missing or failed, and how to mend it, or what was found. Not there otherwise."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from synthapp.views import theme


class NoticeLine(QWidget):
    """Shows what the window has to say of the last action, then what the engine has to say; a click on x hides both.

    Attributes
    text : what is on show, a line each; empty where all is well
    """

    def __init__(self, parent=None):
        super().__init__(parent)
        self._own = self._engine = self._hidden = ""
        self._label = theme.styled(QLabel(wordWrap=True), "notice")
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        close = QPushButton("✕")
        close.setToolTip("Hide this notice")
        close.setAccessibleName("Hide this notice")
        close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        close.clicked.connect(self._close)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._label, 1)
        layout.addWidget(close)
        self.hide()

    @property
    def text(self) -> str:
        engine = self._engine if self._engine != self._hidden else ""
        return "\n".join(line for line in (self._own, engine) if line)

    def report(self, text: str) -> None:
        """How what the player asked for failed, or what it found; empty: there is nothing to say."""
        self._own = text
        self._show()

    def show_engine(self, text: str) -> None:
        """What the engine says now."""
        if text != self._engine:
            self._engine, self._hidden = text, ""
            self._show()

    def _close(self):
        self._own, self._hidden = "", self._engine
        self._show()

    def _show(self):
        self._label.setText(self.text)
        self._label.setAccessibleName(self.text)
        self.setVisible(bool(self.text))
