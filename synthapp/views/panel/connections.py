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

from engine.commands import CLIENT_NAME
from engine.telemetry import Telemetry
from synthapp.views import theme
from synthapp.views.panel.mpe_button import MpeButton


class Choice(QComboBox):
    """A drop-down list that follows what there is, and only tells of the player's own choices.

    What was chosen stays on show when it is not there any more, and can be withdrawn.

    Signals
    chosen(name) : a str, or None for the first entry, which stands for 'whatever there is'

    Attributes
    wish : what was asked for, a name or a part of one; None: whatever there is
    """

    chosen = Signal(object)

    def __init__(self, anything: str, nothing: str, parent=None):
        super().__init__(parent)
        self.wish: str | None = None
        self._anything, self._nothing = anything, nothing
        self._shown: tuple[tuple[str, ...], str | None] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.activated.connect(self._choose)
        self.offer((), None)

    def offer(self, names, current: str | None) -> None:
        """Show what there is, and the wish; without one what is in use. An open list is left alone.

        current : the one in use; None where no single one is
        """
        names = tuple(names)
        if self.view().isVisible():
            return
        if (names, self.wish) != self._shown:
            self._fill(names)
        index = max(self.findData(self._granted(names) if self.wish else current), 0)
        if index != self.currentIndex():
            self.setCurrentIndex(index)
        self.setToolTip(self.currentText())

    def _fill(self, names):
        self._shown = names, self.wish
        self.clear()
        self.addItem(self._anything if names or self.wish else self._nothing, None)
        for name in names:
            self.addItem(name, name)
        if self.wish and self._granted(names) not in names:
            self.addItem(f"{self.wish} (not there)", self.wish)
        self.setEnabled(bool(names or self.wish))

    def _granted(self, names):
        """What there is of that name, else of that part of one; else the wish itself."""
        alike = (name for name in names if self.wish.casefold() in name.casefold())
        return self.wish if self.wish in names else next(alike, self.wish)

    def _choose(self, index):
        self.wish = self.itemData(index)
        self.chosen.emit(self.wish)

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
    audio_chosen(name), midi_chosen(name) : a str, or None for the default device or every keyboard
    mpe_chosen(port, mode) : see `MpeButton`
    """

    audio_chosen = Signal(object)
    midi_chosen = Signal(object)
    mpe_chosen = Signal(str, str)

    def __init__(self, parent=None):
        super().__init__(parent)
        self.audio = Choice("Default device", "No audio device")
        self.midi = Choice("Every keyboard", "No MIDI port")
        self.mpe = MpeButton()
        self.audio.setAccessibleName("Audio device")
        self.midi.setAccessibleName("MIDI port")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(6)
        for row, (label, choice) in enumerate((("Audio", self.audio), ("MIDI", self.midi))):
            grid.addWidget(theme.styled(QLabel(label), "dim"), row, 0)
            grid.addWidget(choice, row, 1, 1, 2 if choice is self.audio else 1)
        grid.addWidget(self.mpe, 1, 2)
        grid.setColumnStretch(1, 1)
        self.audio.chosen.connect(self.audio_chosen)
        self.midi.chosen.connect(self.midi_chosen)
        self.mpe.chosen.connect(self.mpe_chosen)

    def show_wishes(self, audio: str | None, midi: str | None) -> None:
        """What was asked for before."""
        self.audio.wish, self.midi.wish = audio, midi

    def show_telemetry(self, telemetry: Telemetry) -> None:
        """What there is, and what is in use."""
        self.audio.offer(telemetry.audio_devices, telemetry.audio_device or None)
        self.midi.offer(telemetry.available_midi_ports, None)
        self.mpe.offer((*telemetry.available_midi_ports, CLIENT_NAME))
        heard = ", ".join(telemetry.midi_ports) or "none"
        self.midi.setToolTip(f"{self.midi.currentText()}. Heard now: {heard}")
