"""Which audio device plays and which MIDI ports are heard."""

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLabel,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from engine.telemetry import Telemetry
from synthapp.views import theme


class Choice(QComboBox):
    """A drop-down list that follows what there is, and only tells of the player's own choices.

    Signals
    chosen(name) : a str, or None for the first entry, which stands for 'whatever there is'
    """

    chosen = Signal(object)

    def __init__(self, anything: str, nothing: str, parent=None):
        super().__init__(parent)
        self._anything, self._nothing = anything, nothing
        self._names: tuple[str, ...] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.activated.connect(lambda index: self.chosen.emit(self.itemData(index)))
        self.offer((), None)

    def offer(self, names, current: str | None) -> None:
        """Show what there is and which is in use; None where no single one is. An open list is left alone."""
        names = tuple(names)
        if names != self._names and not self.view().isVisible():
            self._names = names
            self.clear()
            self.addItem(self._anything if names else self._nothing, None)
            for name in names:
                self.addItem(name, name)
            self.setEnabled(bool(names))
        index = self.findData(current) if current else 0
        if index != self.currentIndex() and not self.view().isVisible():
            self.setCurrentIndex(max(index, 0))
        self.setToolTip(self.currentText())

    def paintEvent(self, event):
        """As the style has it, but long names end in an ellipsis, and with an arrow of our own."""
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        room = self.width() - 2 * theme.GAP - 12
        option.currentText = self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.DIM, 1.5))
        tip = QPointF(self.width() - 15, self.height() / 2 + 2)
        painter.drawPolyline([tip + QPointF(-4, -4), tip, tip + QPointF(4, -4)])


class ConnectionsView(QWidget):
    """Audio and MIDI, each with its drop-down list.

    Signals
    audio_chosen(name), midi_chosen(name) : a str, or None for the default device or every port
    """

    audio_chosen = Signal(object)
    midi_chosen = Signal(object)

    def __init__(self, parent=None):
        super().__init__(parent)
        self.audio = Choice("Default device", "No audio device")
        self.midi = Choice("Every port", "No MIDI port")
        self.audio.setAccessibleName("Audio device")
        self.midi.setAccessibleName("MIDI port")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(6)
        for row, (label, choice) in enumerate((("Audio", self.audio), ("MIDI", self.midi))):
            grid.addWidget(theme.styled(QLabel(label), "dim"), row, 0)
            grid.addWidget(choice, row, 1)
        grid.setColumnStretch(1, 1)
        self.audio.chosen.connect(self.audio_chosen)
        self.midi.chosen.connect(self.midi_chosen)

    def show_telemetry(self, telemetry: Telemetry) -> None:
        """What there is, and what is in use."""
        ports = telemetry.midi_ports
        self.audio.offer(telemetry.audio_devices, telemetry.audio_device or None)
        single = ports[0] if len(ports) == 1 and len(telemetry.available_midi_ports) > 1 else None
        self.midi.offer(telemetry.available_midi_ports, single)
