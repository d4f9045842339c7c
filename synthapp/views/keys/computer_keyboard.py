"""Plays notes from the computer keyboard, wherever in the window the focus is."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QLineEdit

from synthapp.views.keys.layout import letters_in_use, place_of, written
from synthapp.views.keys.note_keys import NoteKeys

VELOCITY = 100
_PLAIN = Qt.KeyboardModifier.NoModifier
_MOVES = {"Z": -1, "X": 1}


class ComputerKeyboard(QObject):
    """An event filter of the application: keys play unless someone types text or a dialog is open.

    Which key plays what goes by its place, whatever the layout writes there.

    Signals
    pressed(note, velocity), released(note)
    moved() : by an octave
    relabelled() : the layout has other letters than before

    Attributes
    keys : the model, which says what each place plays
    """

    pressed = Signal(int, int)
    released = Signal(int)
    moved = Signal()
    relabelled = Signal()

    def __init__(self, parent=None, base: int = 60):
        super().__init__(parent)
        self.keys = NoteKeys(base)
        self._letters: dict[str, str] = letters_in_use()

    @property
    def labels(self) -> dict[int, str]:
        """note -> what is written on the key that plays it."""
        return {note: self._letters.get(place, place) for note, place in self.keys.notes.items()}

    def eventFilter(self, watched, event):
        kind = event.type()
        if kind == QEvent.Type.KeyPress and self._listens(event):
            return self._press(event)
        if kind == QEvent.Type.KeyRelease and not event.isAutoRepeat():
            return self._release(place_of(event.key(), event.nativeScanCode()))
        if kind in (QEvent.Type.ApplicationDeactivate, QEvent.Type.WindowDeactivate):
            self.let_go()
        if kind == QEvent.Type.ApplicationActivate:
            self._relabel(self._letters | letters_in_use())
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
        place = place_of(event.key(), event.nativeScanCode())
        if place in self.keys.held or (place in _MOVES and event.isAutoRepeat()):
            return True
        if place in _MOVES:
            self.keys.move(_MOVES[place])
            self.moved.emit()
            return True
        note = None if event.isAutoRepeat() else self.keys.press(place)
        if note is None:
            return False
        self.pressed.emit(note, VELOCITY)
        self._learn(place, event.text())
        return True

    def _learn(self, place, text):
        """Another letter than the one on the label: the layout was changed, and the key knows it first."""
        if written(place, text) != self._letters.get(place, place):
            self._relabel(self._letters | letters_in_use() | {place: written(place, text)})

    def _relabel(self, letters):
        if letters != self._letters:
            self._letters = letters
            self.relabelled.emit()

    def _release(self, place):
        note = self.keys.release(place)
        if note is None:
            return False
        self.released.emit(note)
        return True
