"""The chain of effects that a preset asks for, as data: what each slot holds, and the parameters in natural units.

Nothing here makes a sound: engine/effects does. A slot whose effect is unknown here, or whose plug-in is missing, is
kept as it is and saved again as it is.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from common.errors import PresetError

SLOTS = 8
PLUGIN = "plugin"  # the kind of a slot that holds one
LARGEST_ID = 1 << 20
PARAMETERS = 4096  # of a slot
STATE_BYTES = 640 * 1024  # of all plug-ins of a chain: in a file they are part of its header
_TEXT = 256  # characters of a name


@dataclass(frozen=True)
class Plugin:
    """Which plug-in a slot holds, and how it was left.

    format : such as "VST3"; name, version : as it calls itself; place : where it was found, as a hint
    state : its own; empty: none, then the slot's parameters are all there is
    """

    format: str
    name: str
    version: str = ""
    place: str = ""
    state: bytes = b""


@dataclass(frozen=True)
class Slot:
    """One place in the chain.

    id : of this slot as long as it is in the chain, wherever it moves; with a parameter's name it is an address
    kind : of the effect (engine/effects/table.py), or PLUGIN
    on : False: bypassed; wet : share of the effect's sound, 0..1
    parameters : name -> value in its unit; what is not named is at its default. Of a plug-in: what stands in where its
        state cannot be used
    """

    id: int
    kind: str
    on: bool = True
    wet: float = 1.0
    parameters: dict[str, float] = field(default_factory=dict)
    plugin: Plugin | None = None


def free_id(slots: Iterable[Slot]) -> int:
    """For another slot: above all that are there."""
    return max((slot.id for slot in slots), default=0) + 1


def check(slots: tuple[Slot, ...]) -> None:
    """Raises PresetError naming the slot that cannot be."""
    if len(slots) > SLOTS:
        raise PresetError(f"{len(slots)} effects; {SLOTS} may be")
    if len({slot.id for slot in slots}) < len(slots):
        raise PresetError(f"effects with the ids {[slot.id for slot in slots]}; each must have its own")
    for slot in slots:
        _check_slot(slot)
    states = sum(len(slot.plugin.state) for slot in slots if slot.plugin)
    if states > STATE_BYTES:
        raise PresetError(f"the states of its plug-ins take {states >> 10} KiB; {STATE_BYTES >> 10} may be")


def _check_slot(slot):
    what = f"effect {slot.id}"
    if not 1 <= slot.id <= LARGEST_ID:
        raise PresetError(f"{what}: its id must be 1 to {LARGEST_ID}")
    _check_text(f"{what}: its kind", slot.kind)
    if not 0.0 <= slot.wet <= 1.0:
        raise PresetError(f"{what}: wet is {slot.wet}; it must be 0 to 1")
    if (slot.kind == PLUGIN) != (slot.plugin is not None):
        raise PresetError(f"{what}: a slot of the kind {PLUGIN!r}, and no other, names its plug-in")
    if slot.plugin:
        _check_text(f"{what}: its plug-in's format", slot.plugin.format)
        _check_text(f"{what}: its plug-in's name", slot.plugin.name)
    if len(slot.parameters) > PARAMETERS:
        raise PresetError(f"{what}: {len(slot.parameters)} parameters; {PARAMETERS} may be")
    for name, value in slot.parameters.items():
        _check_text(f"{what}: parameter", name)
        if not math.isfinite(value):
            raise PresetError(f"{what}: {name} is {value}; it must be a number")


def _check_text(what, text):
    if not 0 < len(text) <= _TEXT or not text.isprintable():
        raise PresetError(f"{what} {text[: _TEXT + 1]!r} must be 1 to {_TEXT} printable characters")
