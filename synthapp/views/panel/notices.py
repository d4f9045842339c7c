"""What is missing or failed and how to mend it, or what was found: over the pad, at its bottom left, for a while.

Nothing here is in a layout of the window, so that no control ever moves because there is something to say.
"""

from PySide6.QtCore import QEvent, QMargins, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from synthapp.views import theme

SHOWN_MS = 6000
MOST = 5  # notices at once, such as of four sounds and what was left out; the oldest goes first
_WIDTH = 400
_EDGES = QMargins(14, 14, 14, 66)  # below it the name and the percents of the corner


class Toast(QFrame):
    """One notice. It goes after a while, but not from under the pointer; a click on x sends it away.

    Signals
    over(toast) : it is to go
    """

    over = Signal(object)

    def __init__(self, text: str, parent=None):
        super().__init__(parent)
        theme.styled(self, "toast")
        self._left = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._left.timeout.connect(self._end)
        self.label = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.label.setText(text)
        self.label.setAccessibleName(text)
        close = QPushButton("✕")
        close.setToolTip("Hide this notice")
        close.setAccessibleName("Hide this notice")
        close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        close.clicked.connect(self._end)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 6, 6)
        layout.addWidget(self.label, 1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)

    @property
    def text(self) -> str:
        return self.label.text()

    def _end(self):
        self.over.emit(self)

    def enterEvent(self, event):
        self._left.stop()

    def leaveEvent(self, event):
        self._left.start()

    def showEvent(self, event):
        self._left.start()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self.text))


class Notices(QWidget):
    """Lies over `pad`: what the window has to say of the last action, and what the engine has to say.

    below : what is always the lowest, such as the loading

    Attributes
    text : what is on show, a line each; empty where there is nothing
    """

    def __init__(self, pad: QWidget, below: QWidget | None = None):
        super().__init__(pad)
        self._pad, self._below = pad, below
        self._own: list[Toast] = []
        self._engine: Toast | None = None
        self._engine_text = ""
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        if below is not None:
            self._column.addWidget(below)
        pad.installEventFilter(self)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)  # a click on it is none on the pad
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.place()

    @property
    def text(self) -> str:
        return "\n".join(toast.text for toast in (*self._own, self._engine) if toast is not None)

    def report(self, text: str) -> None:
        """How what the player asked for failed, or what it found; empty: it went well, and nothing is left to say."""
        surplus = len(self._own) + 1 - MOST if text else len(self._own)
        for toast in self._own[: max(0, surplus)]:
            self._forget(toast)
        if text:
            self._own.append(self._made(text))
        self.place()

    def show_engine(self, text: str) -> None:
        """What the engine says now."""
        if text == self._engine_text:
            return
        self._engine_text = text
        if self._engine is not None:
            self._forget(self._engine)
        self._engine = self._made(text) if text else None
        self.place()

    def repeat_engine(self) -> None:
        """Show once more what the engine says."""
        text, self._engine_text = self._engine_text, ""
        self.show_engine(text)

    def _made(self, text):
        toast = Toast(text, self)
        toast.over.connect(self._forget)
        self._column.insertWidget(0, toast)
        toast.show()
        return toast

    def _forget(self, toast):
        self._own = [each for each in self._own if each is not toast]
        self._engine = None if self._engine is toast else self._engine
        self._column.removeWidget(toast)
        toast.hide()
        toast.deleteLater()
        self.place()

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Resize:
            self.place()
        return False

    def place(self) -> None:
        """At the bottom left of the pad, as high as what is in it; not there with nothing in it."""
        room = self._pad.rect().marginsRemoved(_EDGES)
        loading = self._below is not None and not self._below.isHidden()
        self.setVisible(bool(self._own or self._engine or loading))
        width = min(_WIDTH, room.width())
        column = self._column
        height = column.heightForWidth(width) if column.hasHeightForWidth() else column.sizeHint().height()
        self.setGeometry(room.left(), max(room.top(), room.bottom() + 1 - height), width, height)
        self.raise_()
