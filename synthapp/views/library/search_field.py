"""The field in which presets are searched: its keys reach the list, so that a hand can stay where it is."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QLineEdit

_WAYS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class SearchField(QLineEdit):
    """Signals
    moved(step) : an arrow key, -1 up and 1 down in the list
    entered() : load what is found
    """

    moved = Signal(int)
    entered = Signal()

    def __init__(self, parent=None):
        super().__init__(parent)
        self.setPlaceholderText("Search")
        self.setClearButtonEnabled(True)
        self.setAccessibleName("Search presets")

    def event(self, event):
        """While there is text Esc is for it, not for the window's shortcut."""
        if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape and self.text():
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event):
        if event.key() in _WAYS:
            self.moved.emit(_WAYS[event.key()])
        elif event.key() in _ENTER:
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)
