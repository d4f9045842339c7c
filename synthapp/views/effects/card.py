"""One slot of the chain, small: its light, its name, the one knob that says most, and how much of it is heard."""

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QMenu, QPushButton, QVBoxLayout

from engine.effects.kinds import KINDS, ON, WET
from presets.effects import Slot
from synthapp.chain import label, rows, value
from synthapp.views import theme
from synthapp.views.panel.knob import Knob

WIDTH, HEIGHT = 110, 98
_MOVE_PIXELS = round(0.7 * WIDTH)  # of a drag, for one place


class Light(QAbstractButton):
    """Lit where the effect is heard, red where it cannot be had; a click bypasses it."""

    def __init__(self, parent=None):
        super().__init__(parent, checkable=True)
        self.problem = ""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(22, 22)

    def sizeHint(self):
        return QSize(22, 22)

    def paintEvent(self, event):
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QPointF(self.width() / 2, self.height() / 2)
        color = theme.ALERT if self.problem else theme.ACCENT if self.isChecked() else theme.TRACK
        painter.setPen(QPen(color, 1.5))
        painter.setBrush(color if self.isChecked() or self.problem else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(middle, 4.5, 4.5)
        if self.hasFocus() or self.underMouse():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.ACCENT if self.hasFocus() else theme.TRACK, 1))
            painter.drawEllipse(middle, 8.5, 8.5)


class Name(QPushButton):
    """Opens the details; Alt and the arrows, or a drag, move the slot, Delete takes it out.

    Signals
    moved(places), removed()
    """

    moved = Signal(int)
    removed = Signal()

    def __init__(self, parent=None):
        super().__init__(parent)
        theme.styled(self, "cardName")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip("Details (Enter) · drag or Alt + arrows to move · Delete to take out")
        self._from_x: float | None = None
        self._dragged = False

    def minimumSizeHint(self):
        return QSize(10, 22)

    def keyPressEvent(self, event):
        way = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if way and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.moved.emit(way)
        elif event.key() == Qt.Key.Key_Delete:
            self.removed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event):
        self._from_x, self._dragged = event.globalPosition().x(), False
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event):
        if self._from_x is not None and abs(way := event.globalPosition().x() - self._from_x) > _MOVE_PIXELS:
            self._from_x, self._dragged = event.globalPosition().x(), True
            self.moved.emit(1 if way > 0 else -1)

    def mouseReleaseEvent(self, event):
        self._from_x = None
        if self._dragged:
            self.setDown(False)
        else:
            super().mouseReleaseEvent(event)


class Card(QFrame):
    """
    Signals
    changed(name, value) : of a parameter, by the player
    menu_wanted(name, point) : as of Knob
    opened() : the details are wanted
    moved(places), removed()
    """

    changed = Signal(object, float)
    menu_wanted = Signal(object, object)
    opened = Signal()
    moved = Signal(int)
    removed = Signal()

    def __init__(self, slot: Slot, parent=None):
        super().__init__(parent)
        theme.styled(self, "card")
        self.setFixedSize(WIDTH, HEIGHT)
        self.light, self.name = Light(), Name()
        self.name.setText(self.name.fontMetrics().elidedText(label(slot), Qt.TextElideMode.ElideRight, WIDTH - 40))
        self.name.setAccessibleName(f"{label(slot)}: details")
        self.knobs = {name: Knob(name, row) for name, row in _rows(slot).items()}
        for knob in self.knobs.values():
            knob.dial.setAccessibleName(f"{label(slot)}: {knob.row.label}")
            knob.changed.connect(self.changed)
            knob.menu_wanted.connect(self.menu_wanted)
        self.light.clicked.connect(lambda lit: self.changed.emit(ON, float(lit)))
        self.name.clicked.connect(self.opened)
        self.name.moved.connect(self.moved)
        self.name.removed.connect(self.removed)
        self._lay_out()
        self.show_slot(slot)

    def _lay_out(self):
        top, bottom, layout = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        top.setSpacing(0)
        for widget, stretch in ((self.light, 0), (self.name, 1)):
            top.addWidget(widget, stretch)
        bottom.setSpacing(0)
        for knob in self.knobs.values():
            bottom.addWidget(knob)
        layout.setContentsMargins(5, 4, 5, 4)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addLayout(bottom, 1)

    def show_slot(self, slot: Slot, problem: str = "") -> None:
        """problem : why it plays dry; empty: it does not"""
        self.light.setChecked(slot.on)
        self.light.problem = problem
        state = problem or ("on" if slot.on else "bypassed")
        self.light.setAccessibleName(f"{label(slot)}: {'on' if slot.on else 'off'}")
        self.light.setAccessibleDescription(state)
        self.light.setToolTip(theme.verbatim(problem or f"{label(slot)} is {state}; click to change that"))
        self.light.update()
        for name, knob in self.knobs.items():
            knob.set_value(value(slot, name))

    def contextMenuEvent(self, event):
        menu = QMenu(self)
        menu.addAction("Details", self.opened.emit)
        menu.addAction("Move left", lambda: self.moved.emit(-1))
        menu.addAction("Move right", lambda: self.moved.emit(1))
        menu.addAction("Take out", self.removed.emit)
        menu.exec(event.globalPos())


def _rows(slot):
    """The knobs of a card: of its kind the one that says most, and wet."""
    macro = (KINDS[slot.kind].macro,) if slot.kind in KINDS else ()
    return {name: rows(slot)[name] for name in (*macro, WET)}
