"""Says over the pad that a sound is being made ready, and the way to stop it. Not there otherwise."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy

from synthapp.views import theme


class Loading(QFrame):
    """What is going on, a bar that moves, and a button.

    Signals
    cancelled() : the player does not want to wait
    """

    cancelled = Signal()

    def __init__(self, parent=None):
        super().__init__(parent)
        theme.styled(self, "toast")
        self._label = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        bar = QProgressBar(minimum=0, maximum=0, textVisible=False)  # how long it takes is not known
        bar.setFixedSize(90, 6)
        cancel = QPushButton("Cancel")
        cancel.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        cancel.clicked.connect(self.cancelled)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 6, 6)
        layout.addWidget(self._label, 1)
        layout.addWidget(bar)
        layout.addWidget(cancel)
        self.hide()

    @property
    def text(self) -> str:
        return self._label.text()

    def tell(self, text: str) -> None:
        """Show the line; an empty text hides it."""
        self._label.setText(text)
        self._label.setAccessibleName(text)
        self.setVisible(bool(text))
