"""The chain of effects: its cards in a row, or the details of one of them."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QStackedLayout, QWidget

from engine.effects.kinds import KINDS
from engine.telemetry import EffectState
from presets.effects import PLUGIN, SLOTS, Slot
from synthapp.views import theme
from synthapp.views.effects.card import HEIGHT, Card
from synthapp.views.effects.details import Details
from synthapp.views.strip import SCROLL, scrolled

_SPACING = 6


class EffectsView(QWidget):
    """
    Signals
    changed(slot, name, value) : of a parameter, by the player
    menu_wanted(slot, name, point) : as of Knob
    add_wanted(kind) : of engine.effects.kinds, or presets.effects.PLUGIN
    remove_wanted(slot), move_wanted(slot, places) : slots by their ids
    editor_wanted(slot, shown) : of its plug-in

    Attributes
    cards : by slot, in the order of the chain
    details : of the slot that is open; None where none is
    """

    changed = Signal(int, str, float)
    menu_wanted = Signal(int, str, object)
    add_wanted = Signal(str)
    remove_wanted = Signal(int)
    move_wanted = Signal(int, int)
    editor_wanted = Signal(int, bool)

    def __init__(self, parent=None):
        super().__init__(parent)
        self.cards: dict[int, Card] = {}
        self.details: Details | None = None
        self._slots: tuple[Slot, ...] = ()
        self._problems: dict[int, str] = {}
        self._led: set[str] = set()  # targets of routes
        self._editing: set[int] = set()  # slots whose plug-ins' own windows are open
        self._open: int | None = None  # id of the slot whose details are shown
        self.add = _adding(self.add_wanted)
        self._empty = theme.styled(QLabel("No effects: the sound is dry"), "dim")
        self._row = QWidget()
        row = QHBoxLayout(self._row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_SPACING)
        row.addWidget(self.add, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._empty)
        row.addStretch()
        self._pages = QStackedLayout(self)
        self._pages.addWidget(scrolled(self._row))
        self.setFixedHeight(HEIGHT + SCROLL)

    def show_chain(self, slots: tuple[Slot, ...]) -> None:
        """These slots, first to last."""
        self._slots = slots
        for id in {*self.cards} - {slot.id for slot in slots if self._shows(slot)}:
            self._drop(id)
        for place, slot in enumerate(slots):
            if slot.id not in self.cards:
                self.cards[slot.id] = self._card(slot)
            if self._row.layout().indexOf(self.cards[slot.id]) != place:
                self._row.layout().insertWidget(place, self.cards[slot.id], 0, Qt.AlignmentFlag.AlignTop)
        self._order_tabs()
        self._empty.setVisible(not slots)
        self.add.setEnabled(len(slots) < SLOTS)
        self._show_values()

    def show_states(self, states: tuple[EffectState, ...]) -> None:
        """How the slots are doing."""
        problems = {state.slot: state.problem for state in states if state.problem}
        editing = {state.slot for state in states if state.editing}
        if (problems, editing) != (self._problems, self._editing):
            self._problems, self._editing = problems, editing
            self._show_values()

    def show_led(self, targets: set[str]) -> None:
        """The parameters that controllers set, 'SLOT.NAME'; others may be among them."""
        self._led = targets
        self._show_values()

    def open_details(self, slot: Slot) -> None:
        self.close_details()
        self._open, self.details = slot.id, Details(slot)
        self.details.changed.connect(lambda name, value: self.changed.emit(slot.id, name, value))
        self.details.menu_wanted.connect(lambda name, point: self.menu_wanted.emit(slot.id, name, point))
        self.details.moved.connect(lambda places: self.move_wanted.emit(slot.id, places))
        self.details.removed.connect(lambda: self.remove_wanted.emit(slot.id))
        self.details.editor_wanted.connect(lambda shown: self.editor_wanted.emit(slot.id, shown))
        self.details.closed.connect(self.close_details)
        self._pages.setCurrentIndex(self._pages.addWidget(scrolled(self.details)))
        self._show_values()
        self.details.back.setFocus()

    def close_details(self) -> None:
        """Back to the chain, with the focus where it came from."""
        if self.details is None:
            return
        page, id = self._pages.widget(1), self._open
        self.details = self._open = None
        self._pages.setCurrentIndex(0)
        self._pages.removeWidget(page)
        page.deleteLater()
        (self.cards[id].name if id in self.cards else self.add).setFocus()

    def _shows(self, slot):
        return slot.id in self.cards and self.cards[slot.id].property("kind") == _kind(slot)

    def _card(self, slot):
        card = Card(slot)
        card.setProperty("kind", _kind(slot))
        card.changed.connect(lambda name, value: self.changed.emit(slot.id, name, value))
        card.menu_wanted.connect(lambda name, point: self.menu_wanted.emit(slot.id, name, point))
        card.opened.connect(lambda: self.open_details(self._slot(slot.id)))
        card.moved.connect(lambda places: self.move_wanted.emit(slot.id, places))
        card.removed.connect(lambda: self.remove_wanted.emit(slot.id))
        return card

    def _drop(self, id):
        if id == self._open:
            self.close_details()
        card = self.cards.pop(id)
        self._row.layout().removeWidget(card)
        card.hide()
        card.deleteLater()

    def _slot(self, id):
        return next(slot for slot in self._slots if slot.id == id)

    def _order_tabs(self):
        """Tab goes along the chain."""
        before = None
        for slot in self._slots:
            card = self.cards[slot.id]
            for widget in (card.light, card.name, *(knob.dial for knob in card.knobs.values())):
                if before is not None:
                    QWidget.setTabOrder(before, widget)
                before = widget
        if before is not None:
            QWidget.setTabOrder(before, self.add)

    def _show_values(self):
        for slot in self._slots:
            self.cards[slot.id].show_slot(slot, self._problems.get(slot.id, ""))
            if self.details is not None and slot.id == self._open:
                self.details.show_slot(slot, self._problems.get(slot.id, ""), slot.id in self._editing)
                self._show_leds(slot, self.details)
            self._show_leds(slot, self.cards[slot.id])

    def _show_leds(self, slot, view):
        for name, knob in view.knobs.items():
            knob.dial.set_led(f"{slot.id}.{name}" in self._led)


def _kind(slot):
    """What a card is made for."""
    return slot.kind, slot.plugin.name if slot.plugin else ""


def _adding(wanted):
    button = theme.styled(QPushButton("+"), "addEffect")
    button.setFixedSize(34, HEIGHT)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAccessibleName("Add an effect")
    button.setToolTip("Add an effect at the end of the chain")
    menu = QMenu(button)
    for kind, row in KINDS.items():
        menu.addAction(row.label, lambda kind=kind: wanted.emit(kind))
    menu.addSeparator()
    menu.addAction("Plug-in …", lambda: wanted.emit(PLUGIN))
    button.setMenu(menu)
    return button
