"""Opens the plug-in of a slot, and looks after all that are open.

Threading model: `open` belongs to the thread that opens effects; a keeper thread of its own tends what is open.
"""

import threading
from dataclasses import dataclass

from common.errors import PluginError
from engine.plugins import editor
from engine.plugins.child import PROGRAM, Child
from engine.plugins.effect import HostedPlugin
from engine.plugins.messages import Description
from engine.plugins.scan import Shelf
from presets.effects import Plugin, Slot

_RATE = 48000  # until an effect is prepared
_TURN_S = 0.05


class Rack:
    """shelf : where plug-ins are found

    live : see `HostedPlugin`; then a thread tends them
    program, editor_program : see `Child` and `Editor`
    """

    def __init__(
        self, shelf: Shelf | None = None, live: bool = True, program: str = PROGRAM,
        editor_program: str = editor.PROGRAM,
    ):  # fmt: skip
        self._shelf, self._live, self._program, self._editor_program = shelf or Shelf(), live, program, editor_program
        self._open: list[HostedPlugin] = []
        self._keeper: threading.Thread | None = None
        self._closed = threading.Event()

    def open(self, slot: Slot) -> HostedPlugin:
        """The slot's plug-in, ready to be prepared. Raises PluginError, one line that says what is missing.

        Its state is used where it is of the same version; the slot's parameters are set on top of it.
        """
        assert slot.plugin is not None
        description = self._found(slot.plugin)
        start = _Start(description, self._live, self._program)
        hosted = HostedPlugin(
            slot.plugin, start, _RATE, self._live, slot.parameters, editor_program=self._editor_program
        )
        if not slot.plugin.state:
            hosted.plugin()  # what it begins with is what a preset is to keep, beside the parameters
        self._open.append(hosted)
        if self._live and self._keeper is None:
            self._keeper = threading.Thread(target=self._keep, name="plug-ins", daemon=True)
            self._keeper.start()
        return hosted

    def close(self) -> None:
        """End all processes, and the keeper."""
        self._closed.set()
        for hosted in self._open:
            hosted.close()
        self._open.clear()

    def _found(self, plugin: Plugin) -> Description:
        if plugin.format != "VST3":
            raise PluginError(f"plug-in {plugin.name}: {plugin.format} is not hosted, VST3 is")
        description = self._shelf.find(plugin.name)
        if not description.effect:
            raise PluginError(f"plug-in {plugin.name}: it is an instrument; only effects are hosted")
        return description

    def _keep(self):
        while not self._closed.wait(_TURN_S):
            for hosted in tuple(self._open):
                hosted.tend()
                if hosted.closed:
                    self._open.remove(hosted)


@dataclass(frozen=True)
class _Start:
    """Starts a slot's plug-in, also after it failed. found : what is here"""

    found: Description
    live: bool
    program: str

    def __call__(self, wanted: Plugin, rate: int, values: dict[int, float]) -> Child:
        """wanted : as the slot has it, or its own window has left it. Raises PluginError.

        Of another version the state is not used; nor where the plug-in fails on it.
        """
        state, note = wanted.state, ""
        if state and wanted.version not in ("", self.found.version):
            state, note = b"", f"saved with version {wanted.version}, here is {self.found.version}"
        try:
            child = self._start(rate, state, values)
        except PluginError:
            if not state:
                raise
            child, note = self._start(rate, b"", values), "its saved state cannot be used"
        if note:
            child.note = f"{self.found.name}: {note}; its parameters are set, what else it keeps is as new"
        return child

    def _start(self, rate, state, values):
        child = Child(self.found.place, rate, self.live, self.program)
        try:
            if state:
                child.restore(state)
            for index, value in values.items():
                child.set(index, value)
            child.renew(rate)
        except PluginError:
            child.close()
            raise
        return child
