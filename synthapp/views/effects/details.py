"""One slot of the chain with all its knobs, and what can be done with it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout

from engine.effects.kinds import ON
from presets.effects import Slot
from synthapp.chain import label, rows, value
from synthapp.views import theme
from synthapp.views.effects.card import HEIGHT, Light
from synthapp.views.panel.knob import Knob

_KNOB = 56  # pixels of width at least


class Details(QFrame):
    """
    Signals
    changed(name, value) : of a parameter, by the player
    menu_wanted(name, point) : as of Knob
    closed() : back to the chain
    moved(places), removed()
    editor_wanted(shown) : the plug-in's own window is to open or close

    Attributes
    editor : the button for it; None where the slot is no plug-in
    """

    changed = Signal(object, float)
    menu_wanted = Signal(object, object)
    closed = Signal()
    moved = Signal(int)
    removed = Signal()
    editor_wanted = Signal(bool)

    def __init__(self, slot: Slot, parent=None):
        super().__init__(parent)
        theme.styled(self, "card")
        self.setFixedHeight(HEIGHT)
        name = label(slot)
        self.back = _button(f"‹ {name}", "Back to the chain", self.closed)
        self.light, self.problem = Light(), theme.styled(QLabel(textFormat=Qt.TextFormat.PlainText), "dim")
        self.problem.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.light.clicked.connect(lambda lit: self.changed.emit(ON, float(lit)))
        self.knobs = {each: Knob(each, row) for each, row in rows(slot).items() if each != ON}
        for knob in self.knobs.values():
            knob.setMinimumWidth(_KNOB)
            knob.dial.setAccessibleName(f"{name}: {knob.row.label}")
            knob.changed.connect(self.changed)
            knob.menu_wanted.connect(self.menu_wanted)
        self.editor = self._editor_button(name) if slot.plugin else None
        self._lay_out(
            _button("◂", f"Move {name} left", lambda: self.moved.emit(-1)),
            _button("▸", f"Move {name} right", lambda: self.moved.emit(1)),
            _button("✕", f"Take {name} out of the chain", self.removed),
        )
        self.show_slot(slot)

    def _lay_out(self, *buttons):
        top, bottom, layout = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        top.setSpacing(4)
        for widget in filter(None, (self.light, self.back, self.editor)):
            top.addWidget(widget)
        top.addWidget(self.problem, 1)
        for button in buttons:
            top.addWidget(button)
        bottom.setSpacing(0)
        for knob in self.knobs.values():
            bottom.addWidget(knob)
        layout.setContentsMargins(5, 4, 5, 4)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addLayout(bottom, 1)

    def _editor_button(self, name):
        button = _button("Editor", f"{name}: its own window", lambda: self.editor_wanted.emit(button.isChecked()))
        button.setCheckable(True)
        return button

    def show_slot(self, slot: Slot, problem: str = "", editing: bool = False) -> None:
        """problem : why it plays dry; empty: it does not; editing : the plug-in's own window is open"""
        if self.editor:
            self.editor.setChecked(editing)
            self.editor.setAccessibleDescription("open" if editing else "closed")
        self.light.setChecked(slot.on)
        self.light.problem = problem
        self.light.setAccessibleName(f"{label(slot)}: {'on' if slot.on else 'off'}")
        self.light.update()
        self.problem.setText(problem)
        self.problem.setToolTip(theme.verbatim(problem))
        for name, knob in self.knobs.items():
            knob.set_value(value(slot, name))

    def keyPressEvent(self, event):
        if event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Back):
            self.closed.emit()
        else:
            super().keyPressEvent(event)


def _button(text, name, clicked):
    button = theme.styled(QPushButton(text), "cardName")
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAccessibleName(name)
    button.setToolTip(theme.verbatim(name))
    button.clicked.connect(lambda: clicked() if callable(clicked) else clicked.emit())
    return button
