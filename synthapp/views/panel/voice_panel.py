"""The knobs of the voice: every row of the parameter table that is shown nowhere else."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from engine.parameters import TABLE, Param
from synthapp.views.panel import envelope
from synthapp.views.panel.knob import Knob

_COLUMNS = 4


class VoiceView(QWidget):
    """A grid of knobs, in the order of the table, gain last.

    Signals
    changed(param, value) : by the player
    """

    changed = Signal(object, float)

    def __init__(self, parent=None):
        super().__init__(parent)
        params = [param for param in TABLE if param not in envelope.PARAMS and param < Param.ARP_MODE]
        params.sort(key=lambda param: (param is Param.GAIN_DB, param))
        self.knobs = {param: Knob(param) for param in params}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2)
        grid.setVerticalSpacing(4)
        for place, knob in enumerate(self.knobs.values()):
            grid.addWidget(knob, *divmod(place, _COLUMNS))
            knob.changed.connect(self.changed)

    def set_value(self, param: Param, value: float) -> None:
        """Show a value without telling anyone."""
        self.knobs[param].set_value(value)
