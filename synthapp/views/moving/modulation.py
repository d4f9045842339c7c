"""The movement of a sound: an orbit round the place on the pad, a gesture that is recorded, and the routes."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.parameters import Parameter
from presets.movement import Movement, Route
from synthapp.moving import ORBIT, Orbit
from synthapp.views import theme
from synthapp.views.effects.card import HEIGHT
from synthapp.views.moving.chips import Chips
from synthapp.views.panel.knob import Knob

_KNOB = 56  # pixels of width


class ModulationView(QWidget):
    """ahead : to stand left of the orbit

    Signals
    orbit_changed(orbit) : by the player
    record_wanted(bool) : a gesture on the pad begins, or is done
    path_changed(loop, per_note), path_removed() : of the gesture that there is
    route_removed(route)
    """

    orbit_changed = Signal(object)
    record_wanted = Signal(bool)
    path_changed = Signal(bool, bool)
    path_removed = Signal()
    route_removed = Signal(object)

    def __init__(self, ahead: QWidget, parent=None):
        super().__init__(parent)
        self.knobs = {name: _knob(name, row) for name, row in ORBIT.items()}
        self.record = _button("● Gesture", "Record a gesture on the pad", checkable=True)
        self.loop, self.per_note = QCheckBox("loop"), QCheckBox("each note")
        self.forget = _button("✕", "Forget the gesture")
        self.chips = Chips()
        self._lay_out(ahead)
        for knob in self.knobs.values():
            knob.changed.connect(lambda *_: self.orbit_changed.emit(self._orbit()))
        self.record.toggled.connect(self.record_wanted)
        for box in (self.loop, self.per_note):
            box.clicked.connect(lambda: self.path_changed.emit(self.loop.isChecked(), self.per_note.isChecked()))
        self.forget.clicked.connect(self.path_removed)
        self.chips.removed.connect(self.route_removed)
        self.show_movement(Movement(), {})

    def _lay_out(self, ahead):
        layout, gesture, buttons = QHBoxLayout(self), QVBoxLayout(), QHBoxLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(ahead)
        for knob in self.knobs.values():
            layout.addWidget(knob)
        for widget in (self.record, self.forget):
            buttons.addWidget(widget)
        gesture.addLayout(buttons)
        gesture.addWidget(self.loop)
        gesture.addWidget(self.per_note)
        gesture.addStretch()
        layout.addLayout(gesture)
        layout.addWidget(self.chips, 1)
        self.setFixedHeight(HEIGHT)

    def show_movement(self, movement: Movement, routes: dict[Route, str]) -> None:
        """What moves the sound, and what its and all sounds' routes are called."""
        orbit = Orbit.of(movement)
        for name, value in (("rate_hz", orbit.rate_hz), ("size", orbit.size), ("spread", orbit.spread)):
            self.knobs[name].set_value(value)
        path = movement.path
        for widget in (self.loop, self.per_note, self.forget):
            widget.setEnabled(path is not None)
        self.loop.setChecked(path is not None and path.loop)
        self.per_note.setChecked(path is not None and path.per_note)
        self.chips.show_routes(routes)

    def show_recording(self, recording: bool) -> None:
        """Whether a gesture is being recorded."""
        self.record.blockSignals(True)
        self.record.setChecked(recording)
        self.record.blockSignals(False)
        self.record.setText("■ Done" if recording else "● Gesture")

    def _orbit(self):
        return Orbit(*(self.knobs[name].value for name in ("rate_hz", "size", "spread")))


def _knob(name, row: Parameter):
    knob = Knob(name, row)
    knob.setFixedWidth(_KNOB)
    knob.dial.setAccessibleName(f"Orbit: {row.label}")
    return knob


def _button(text, name, checkable=False):
    button = theme.styled(QPushButton(text, checkable=checkable), "cardName")
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAccessibleName(name)
    button.setToolTip(name)
    return button
