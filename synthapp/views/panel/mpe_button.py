"""Which MIDI ports give every note a channel of its own (MPE): a button with a menu of the ports."""

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton

from engine.commands import MpeMode
from synthapp.views import theme

_MODES: dict[str, str] = {"auto": "auto: where it asks for it", "on": "on: always", "off": "off: never"}
_OTHERS = "All others"
_NUMBERS = re.compile(r" \d+:\d+$")  # of ALSA, behind a port's name: others at every start


class MpeButton(QPushButton):
    """
    Signals
    chosen(port, mode) : by the player; the port without its numbers, "" for all others; mode "": as those

    Attributes
    modes : by port, as they were asked for
    """

    chosen = Signal(str, str)

    def __init__(self, parent=None):
        super().__init__("MPE", parent)
        theme.styled(self, "cardName")
        self.modes: dict[str, MpeMode] = {}
        self._ports: tuple[str, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("MPE: ports whose notes have channels of their own")
        self.clicked.connect(lambda: self.menu_of_ports().popup(self.mapToGlobal(self.rect().bottomLeft())))
        self.show_modes({})

    def show_modes(self, modes: dict[str, MpeMode]) -> None:
        """As they were asked for."""
        self.modes = modes
        told = ", ".join(f"{port or _OTHERS}: {mode}" for port, mode in modes.items()) or f"{_OTHERS}: auto"
        self.setAccessibleDescription(told)
        self.setToolTip(theme.verbatim(f"MPE, a channel for every note. {told}"))

    def offer(self, ports: tuple[str, ...]) -> None:
        """These can be heard."""
        self._ports = ports

    def menu_of_ports(self) -> QMenu:
        """Each port that is there, and all others, with its three modes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for port in (*sorted({_NUMBERS.sub("", port) for port in self._ports}), ""):
            self._add(menu.addMenu(port.replace("&", "&&") or _OTHERS), port)
        return menu

    def _add(self, menu, port):
        group, own = QActionGroup(menu), {"": "as all others"} if port else {}
        for mode, text in (_MODES | own).items():
            action = menu.addAction(text, lambda mode=mode: self.chosen.emit(port, mode))
            action.setCheckable(True)
            action.setChecked(mode == self.modes.get(port, "" if port else "auto"))
            group.addAction(action)
