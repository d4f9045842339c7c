"""Opens the plug-in of a slot, and looks after all that are open.

Threading model: `open` belongs to the thread that opens effects; a keeper thread of its own tends what is open.
"""

import threading
import time
from dataclasses import replace

from common.errors import PluginError
from engine.plugins.child import Child
from engine.plugins.effect import HostedPlugin
from engine.plugins.messages import Description
from engine.plugins.scan import Shelf
from presets.effects import Plugin, Slot

_RATE = 48000  # until an effect is prepared
_TURN_S = 0.05


class Rack:
    """shelf : where plug-ins are found

    live : see `HostedPlugin`; then a thread tends them
    """

    def __init__(self, shelf: Shelf | None = None, live: bool = True):
        self._shelf, self._live = shelf or Shelf(), live
        self._open: list[HostedPlugin] = []
        if live:
            threading.Thread(target=self._keep, name="plug-ins", daemon=True).start()

    def open(self, slot: Slot) -> HostedPlugin:
        """The slot's plug-in, ready to be prepared. Raises PluginError, one line that says what is missing.

        Its state is used where it is of the same version; the slot's parameters are set on top of it.
        """
        assert slot.plugin is not None
        description = self._found(slot.plugin)
        same = slot.plugin.version in ("", description.version)
        state = slot.plugin.state if same else b""

        def start(rate, values):
            return _started(description.place, rate, self._live, state, values)

        plugin = replace(slot.plugin, version=description.version, place=description.place, state=state)
        hosted = HostedPlugin(plugin, start, _RATE, self._live, slot.parameters)
        self._open.append(hosted)
        return hosted

    def close(self) -> None:
        """End all processes."""
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
        while True:
            time.sleep(_TURN_S)
            for hosted in tuple(self._open):
                hosted.tend()


def _started(place, rate, live, state, values):
    child = Child(place, rate, urgent=live)
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
