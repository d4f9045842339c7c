"""A preset's slots -> inserts. A new effect is its file in this room and its line in kinds.py."""

from collections.abc import Callable, Iterable
from importlib import import_module

from common.errors import SynthError
from engine.effects.chain import Chain
from engine.effects.insert import Insert, Missing
from engine.effects.kinds import KINDS
from engine.effects.processor import Effect
from presets.effects import PLUGIN, Slot

_ANY_RATE = 8000
OpenPlugin = Callable[[Slot], Effect]  # raises SynthError: what is missing, and how to mend it


def no_plugins(slot: Slot) -> Effect:
    """An OpenPlugin where none are hosted."""
    raise SynthError(f"plug-in {slot.plugin and slot.plugin.name!r}: plug-ins are not hosted here; it plays dry")


def inserts_of(
    slots: Iterable[Slot], open_plugin: OpenPlugin = no_plugins, kept: Iterable[Insert] = ()
) -> tuple[tuple[Insert, ...], dict[int, str]]:
    """The inserts of these slots, those that are new yet to be prepared.

    kept : that may go on in their slots; they are yet to `follow` them
    returns : and, by slot, a line for whatever cannot be had; it plays dry
    """
    kept, missing = list(kept), {}
    inserts = []
    for slot in slots:
        insert = next((insert for insert in kept if insert.fits(slot)), None)
        if insert is None:
            try:
                insert = Insert(slot, _open(slot, open_plugin))
            except SynthError as error:
                insert, missing[slot.id] = Insert(slot, Missing()), str(error)
        inserts.append(insert)
    return tuple(inserts), missing


def prepare_new(inserts: Iterable[Insert], before: Iterable[Insert], rate: int, max_frames: int) -> None:
    """Get those ready to fade in that were not there before."""
    for insert in inserts:
        if insert not in before:
            insert.prepare(rate, max_frames)
            insert.hold(True)
            insert.reset()


def chain_of(slots: Iterable[Slot], open_plugin: OpenPlugin = no_plugins) -> tuple[Chain, dict[int, str]]:
    """A chain of these slots, yet to be prepared, and lines as of `inserts_of`."""
    inserts, missing = inserts_of(slots, open_plugin)
    return Chain(inserts), missing


def warm_up() -> None:
    """Compile all effects, or take what was compiled from its cache, before anything plays: it stops other threads."""
    for kind in KINDS:
        chain, _ = chain_of([Slot(1, kind)])
        chain.prepare(_ANY_RATE, 1)


def _open(slot, open_plugin):
    if slot.kind == PLUGIN:
        return open_plugin(slot)
    if slot.kind not in KINDS:
        raise SynthError(f"effect {slot.kind!r} is not known here; it plays dry. There are {', '.join(KINDS)}")
    module, name = KINDS[slot.kind].maker.split(":")
    return getattr(import_module(module), name)()
