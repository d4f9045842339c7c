"""Beats a minute, for what follows the beat."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox

from engine.effects.kinds import TEMPO
from synthapp.views import theme
from synthapp.views.strip import TABS


class TempoField(QDoubleSpinBox):
    """Typed, or stepped by arrows and wheel."""

    def __init__(self, parent=None):
        super().__init__(parent, keyboardTracking=False, decimals=1, suffix=f" {TEMPO.unit}")
        theme.styled(self, "tempo")
        self.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.setRange(TEMPO.minimum, TEMPO.maximum)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(TABS)
        self.setAccessibleName("Tempo, beats a minute")
        self.lineEdit().setAccessibleName(self.accessibleName())
        self.lineEdit().setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setToolTip("Tempo, for delays on the beat")
        self.show_tempo(TEMPO.default)

    def show_tempo(self, bpm: float) -> None:
        """Without telling anyone."""
        self.blockSignals(True)
        self.setValue(bpm)
        self.blockSignals(False)

    def keyPressEvent(self, event):
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clearFocus()  # computer keys play again
