"""Routes as chips: 'CC20 → Release'. A click, or Delete, takes one away."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from presets.movement import Route
from synthapp.views import theme

_ROOM = 16  # pixels beside a chip's text
_HINT = "Right click a knob or the pad to let a controller move it"


class Chips(QWidget):
    """
    Signals
    removed(route) : by the player

    Attributes
    chips : by route
    """

    removed = Signal(object)

    def __init__(self, parent=None):
        super().__init__(parent)
        self.chips: dict[Route, QPushButton] = {}
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self._hint = theme.styled(QLabel(_HINT), "dim")
        self._layout.addWidget(self._hint)
        self._layout.addStretch()

    def show_routes(self, routes: dict[Route, str]) -> None:
        """These, each with its text."""
        for route in {*self.chips} - {*routes}:
            chip = self.chips.pop(route)
            self._layout.removeWidget(chip)
            chip.deleteLater()
        for route, text in routes.items():
            if route not in self.chips:
                chip = self.chips[route] = self._chip(route, text)
                self._layout.insertWidget(self._layout.count() - 1, chip)
                chip.ensurePolished()
                chip.setMinimumWidth(chip.fontMetrics().horizontalAdvance(text) + _ROOM)  # no letter is cut
        self._hint.setVisible(not routes)

    def _chip(self, route, text):
        chip = theme.styled(QPushButton(text), "cardName")
        chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        chip.setAccessibleName(f"{text}: take it away")
        chip.setToolTip(theme.verbatim(f"{text} · a click takes it away"))
        chip.clicked.connect(lambda: self.removed.emit(route))
        return chip
