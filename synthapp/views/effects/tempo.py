"""Beats a minute, for what follows the beat."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit

from engine.effects.kinds import TEMPO
from synthapp.views import theme
from synthapp.views.scales import from_text, to_text
from synthapp.views.strip import TABS

_WIDTH = 72


class TempoField(QLineEdit):
    """Typed, or stepped by arrows and wheel.

    Signals
    changed(bpm) : by the player
    """

    changed = Signal(float)

    def __init__(self, parent=None):
        super().__init__(parent, alignment=Qt.AlignmentFlag.AlignRight)
        theme.styled(self, "tempo")
        self.setFixedSize(_WIDTH, TABS)
        self.setAccessibleName("Tempo, beats a minute")
        self.setToolTip("Tempo, for delays on the beat: type it, or use arrows and wheel")
        self.editingFinished.connect(self._typed)
        self.show_tempo(TEMPO.default)

    def show_tempo(self, bpm: float) -> None:
        """Without telling anyone."""
        self.bpm = bpm
        self.setText(to_text(TEMPO, bpm))

    def _typed(self):
        bpm = from_text(TEMPO, self.text())
        self._change(self.bpm if bpm is None else bpm)

    def _change(self, bpm):
        changes = bpm != self.bpm
        self.show_tempo(TEMPO.clamp(bpm))
        if changes:
            self.changed.emit(self.bpm)

    def keyPressEvent(self, event):
        way = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()), 0)
        if way:
            self._change(self.bpm + way)
        else:
            super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clearFocus()  # computer keys play again

    def wheelEvent(self, event):
        self._change(self.bpm + event.angleDelta().y() / 120)
        event.accept()
