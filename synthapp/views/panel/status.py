"""The top line: what is played, the way back, how the engine is doing, and the way to silence."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from engine.telemetry import Telemetry
from synthapp.views import theme

_BUSY = 0.85  # of a block's time; above it the load is shown as a warning
_NARROW = 1000  # pixels, below which what can be missed makes room for the preset's name
_GAP, _NARROW_GAP = 18, 10  # pixels between two parts


class Title(QLabel):
    """One line. Where it has no room, its middle is left out; the tool tip has all of it."""

    def __init__(self, parent=None):
        super().__init__(parent, textFormat=Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_text(self, text: str) -> None:
        self.setText(text)
        self.setToolTip(theme.verbatim(text))

    def paintEvent(self, event):
        box = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, box.width())
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        self.style().drawItemText(QPainter(self), box, left, self.palette(), True, shown, self.foregroundRole())


class LoadBar(QWidget):
    """A short bar, 0..1, red when it is nearly full."""

    def __init__(self, parent=None):
        super().__init__(parent)
        self.load = 0.0

    def sizeHint(self):
        return QSize(56, 6)

    def set_load(self, load: float) -> None:
        if load != self.load:
            self.load = load
            self.update()

    def paintEvent(self, event):
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        box = QRectF(0, self.height() / 2 - 3, self.width(), 6)
        painter.setBrush(theme.LINE)
        painter.drawRoundedRect(box, 3, 3)
        if self.load > 0:
            box.setWidth(max(6.0, min(self.load, 1.0) * self.width()))
            painter.setBrush(theme.ALERT if self.load > _BUSY else theme.ACCENT)
            painter.drawRoundedRect(box, 3, 3)


class Readout(QWidget):
    """A dim label and a value of fixed width, so that the line does not jitter."""

    def __init__(self, label: str, widest: str, *extra: QWidget, tip: str = "", parent=None):
        super().__init__(parent)
        self.value = theme.styled(QLabel(), "value")
        self.value.setMinimumWidth(self.value.fontMetrics().horizontalAdvance(widest) + 6)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for widget in (theme.styled(QLabel(label), "dim"), *extra, self.value):
            layout.addWidget(widget)
        self.setToolTip(tip)

    def set_text(self, text: str) -> None:
        if text != self.value.text():
            self.value.setText(text)


class StatusLine(QWidget):
    """Name of the preset, undo and redo, what the engine complains of, voices, load, latency, xruns, panic.

    Signals
    panic(), undo(), redo() : the button was pressed
    trouble_wanted() : the player wants to read what is wrong
    """

    panic = Signal()
    undo = Signal()
    redo = Signal()
    trouble_wanted = Signal()

    def __init__(self, parent=None):
        super().__init__(parent)
        self.preset, self.brand = theme.styled(Title(), "preset"), theme.styled(QLabel("manifold"), "brand")
        self.bar = LoadBar()
        self.voices = Readout("Voices", "16/16", tip="Sounding notes of those that this machine plays at once")
        self.load = Readout("Load", "100 %", self.bar, tip="Share of its time that the engine works")
        self.latency = Readout("Latency", "100.0 ms", tip="From a key to the audio device")
        self.xruns = Readout("Xruns", "9999", tip="Times the audio device was not served in time")
        self.back, self.again = _button("↶", self.undo), _button("↷", self.redo)
        self.allow_undo("", "")
        self.trouble = theme.styled(_button("!", self.trouble_wanted), "trouble")
        self.trouble.setAccessibleName("What is wrong")
        policy = self.trouble.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # nothing beside it moves when it comes
        self.trouble.setSizePolicy(policy)
        self.trouble.hide()
        button = theme.styled(_button("PANIC", self.panic), "panic")
        button.setToolTip("Silence at once (Esc)")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 0, 0)
        layout.setSpacing(_GAP)
        layout.addWidget(self.brand)
        layout.addWidget(self.preset, 1)
        layout.addLayout(_row(self.back, self.again))
        for widget in (self.trouble, self.voices, self.load, self.latency, self.xruns, button):
            layout.addWidget(widget)

    def set_title(self, title: str) -> None:
        """The preset's name, with an asterisk where something is unsaved."""
        self.preset.show_text(title)

    def allow_undo(self, undo: str, redo: str) -> None:
        """What would be undone and done again; empty: there is nothing."""
        for button, what, text, key in (
            (self.back, "Undo", undo, "Ctrl+Z"),
            (self.again, "Redo", redo, "Ctrl+Shift+Z"),
        ):
            button.setEnabled(bool(text))
            button.setAccessibleName(f"{what} {text}".strip())
            button.setToolTip(theme.verbatim(f"{what} {text} ({key})" if text else f"{what} ({key})"))

    def resizeEvent(self, event):
        wide = self.width() >= _NARROW
        self.layout().setSpacing(_GAP if wide else _NARROW_GAP)
        for widget in (self.brand, self.bar):
            widget.setVisible(wide)
        self.layout().activate()

    def show_telemetry(self, telemetry: Telemetry) -> None:
        """Voices, load, latency, xruns and complaints as they are now."""
        self.voices.set_text(f"{len(telemetry.voices)}/{telemetry.polyphony}")
        self.bar.set_load(telemetry.load)
        self.load.set_text(f"{100 * telemetry.load:.0f} %")
        self.latency.set_text(f"{telemetry.latency_ms:.1f} ms" if telemetry.audio_device else "–")
        self.xruns.set_text(str(telemetry.xruns))
        self.trouble.setVisible(bool(telemetry.notice))
        self.trouble.setToolTip(theme.verbatim(telemetry.notice))


def _button(text, signal):
    button = QPushButton(text)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(signal)
    return button


def _row(*widgets):
    row = QHBoxLayout()
    row.setSpacing(6)
    for widget in widgets:
        row.addWidget(widget)
    return row
