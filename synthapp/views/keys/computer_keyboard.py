"""Plays notes from the computer keyboard, wherever in the window the focus is."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QLineEdit

from synthapp.views.keys.note_keys import NoteKeys

VELOCITY = 100
_PLAIN = Qt.KeyboardModifier.NoModifier
_MOVES = {"Z": -1, "X": 1}


class ComputerKeyboard(QObject):
    """An event filter of the application: letters play unless someone types text or a dialog is open.

    Signals
    pressed(note, velocity), released(note)
    moved() : by an octave

    Attributes
    keys : the model, which says what each letter plays
    """

    pressed = Signal(int, int)
    released = Signal(int)
    moved = Signal()

    def __init__(self, parent=None, base: int = 60):
        super().__init__(parent)
        self.keys = NoteKeys(base)

    def eventFilter(self, watched, event):
        kind = event.type()
        if kind == QEvent.Type.KeyPress and self._listens(event):
            return self._press(event)
        if kind == QEvent.Type.KeyRelease and not event.isAutoRepeat():
            return self._release(_letter(event))
        if kind in (QEvent.Type.ApplicationDeactivate, QEvent.Type.WindowDeactivate):
            self.let_go()
        return False

    def let_go(self) -> None:
        """End all notes of the keys."""
        for note in self.keys.release_all():
            self.released.emit(note)

    def _listens(self, event):
        application = QApplication.instance()
        typing = isinstance(QApplication.focusWidget(), QLineEdit)
        busy = QApplication.activeModalWidget() or QApplication.activePopupWidget()
        return application is not None and event.modifiers() == _PLAIN and not typing and not busy

    def _press(self, event):
        letter = _letter(event)
        if letter in self.keys.held or (letter in _MOVES and event.isAutoRepeat()):
            return True
        if letter in _MOVES:
            self.keys.move(_MOVES[letter])
            self.moved.emit()
            return True
        note = None if event.isAutoRepeat() else self.keys.press(letter)
        if note is None:
            return False
        self.pressed.emit(note, VELOCITY)
        return True

    def _release(self, letter):
        note = self.keys.release(letter)
        if note is None:
            return False
        self.released.emit(note)
        return True


def _letter(event):
    return chr(event.key()) if Qt.Key.Key_A <= event.key() <= Qt.Key.Key_Z else ""
