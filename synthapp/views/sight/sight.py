"""The page that shows what sounds: its spectrum, and the embedding of the note that plays."""

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from synthapp.views import theme
from synthapp.views.effects.card import HEIGHT
from synthapp.views.sight.curves import CurvesView
from synthapp.views.sight.rainbow import RainbowView

OFF = "Off, to spare this machine"


class SightView(QWidget):
    """bin_hz : of the spectrum

    Signals
    switched(on) : by the player
    """

    switched = Signal(bool)

    def __init__(self, bin_hz: np.ndarray, parent=None):
        super().__init__(parent)
        self.rainbow, self.curves = RainbowView(bin_hz), CurvesView()
        self.switch = theme.styled(QPushButton(), "cardName")
        self.switch.setCheckable(True)
        self.switch.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.switch.setAccessibleName("Show what sounds")
        self.switch.setToolTip("Show what sounds: spectrum and embedding")
        self.switch.clicked.connect(self.switched)
        self._why = theme.styled(QLabel(OFF, alignment=Qt.AlignmentFlag.AlignCenter), "dim")
        self._pages, pictures = QStackedWidget(), QWidget()
        row, side, layout = QHBoxLayout(pictures), QVBoxLayout(), QHBoxLayout(self)
        row.addWidget(self.rainbow, 5)
        row.addWidget(self.curves, 2)
        side.addWidget(self.switch)
        side.addStretch()
        for page in (self._why, pictures):
            self._pages.addWidget(page)
        layout.addLayout(side)
        layout.addWidget(self._pages, 1)
        for each in (row, layout):
            each.setContentsMargins(0, 0, 0, 0)
            each.setSpacing(6)
        self.setFixedHeight(HEIGHT)
        self.set_on(False)

    def set_on(self, on: bool, why: str = OFF) -> None:
        """Show the pictures, or why there are none."""
        self.switch.setChecked(on)
        self.switch.setText("● Live" if on else "○ Live")
        self._why.setText(why)
        self._pages.setCurrentIndex(int(on and why == OFF))

    @property
    def painted_s(self) -> float:
        """How long the last painting took."""
        return self.rainbow.painted_s + self.curves.painted_s
