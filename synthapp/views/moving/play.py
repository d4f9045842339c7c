"""How keys become notes, how notes fill the room, and what the pad does once it is let go."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.parameters import TABLE, Param
from synthapp.views.effects.card import HEIGHT
from synthapp.views.panel.knob import Knob

ARPEGGIO = tuple(param for param in TABLE if Param.ARP_MODE <= param <= Param.ARP_SWING)
KEYS = tuple(param for param in TABLE if Param.ARP_SWING < param < Param.WIDTH)
TONE = tuple(param for param in TABLE if Param.WIDTH <= param <= Param.LIFE)
PAD = Param.PAD_MODE, Param.PAD_RETURN_MS
_KNOB, _WIDEST = 62, 96  # pixels of width


class PlayView(QWidget):
    """A row of knobs.

    Signals
    changed(param, value) : by the player
    """

    changed = Signal(object, float)

    def __init__(self, params: tuple[Param, ...], parent=None):
        super().__init__(parent)
        self.knobs = {param: Knob(param) for param in params}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for knob in self.knobs.values():
            knob.setMinimumWidth(_KNOB)
            knob.setMaximumWidth(_WIDEST)
            knob.changed.connect(self.changed)
            layout.addWidget(knob)
        layout.addStretch()
        self.setFixedHeight(HEIGHT)

    def set_value(self, param: Param, value: float) -> None:
        """Show a value without telling anyone."""
        self.knobs[param].set_value(value)
