"""What a player does to a chain of effects: slots in, slots out. Free of Qt."""

from dataclasses import replace
from functools import lru_cache

from engine.effects.kinds import COMMON, KINDS, ON, WET, rows_of
from engine.parameters import Parameter
from engine.plugins.messages import row_of
from engine.plugins.scan import Shelf
from presets.effects import STATE_BYTES, Plugin, Slot, free_id

Slots = tuple[Slot, ...]


def rows(slot: Slot) -> dict[str, Parameter]:
    """Its parameters by name, those that every slot has among them, wet as it is in a new one of its kind."""
    wet = replace(COMMON[WET], default=KINDS[slot.kind].wet) if slot.kind in KINDS else COMMON[WET]
    own = _rows_of_plugin(slot.plugin) if slot.plugin else rows_of(slot.kind)
    return own | COMMON | {WET: wet}


def _rows_of_plugin(plugin):
    """Its parameters by id, as its scan found them; none while it is not known here."""
    found = _scanned_rows(plugin.format, plugin.name)
    if not found:  # it may be by now
        _scanned_rows.cache_clear()
        found = _scanned_rows(plugin.format, plugin.name)
    return found


@lru_cache
def _scanned_rows(form, name):
    for finding in Shelf().known().values():
        found = finding.description
        if found is not None and (found.format, found.name) == (form, name):
            return {parameter.id: row_of(parameter) for parameter in found.parameters}
    return {}


def value(slot: Slot, name: str) -> float:
    """Of one parameter."""
    if name == WET:
        return slot.wet
    if name == ON:
        return float(slot.on)
    return slot.parameters[name] if name in slot.parameters else rows(slot)[name].default


def label(slot: Slot) -> str:
    """What it is called in the window."""
    if slot.plugin:
        return slot.plugin.name
    return KINDS[slot.kind].label if slot.kind in KINDS else slot.kind


def with_states(slots: Slots, plugins: dict[int, Plugin]) -> Slots:
    """With the states of plug-ins that have none yet, as far as a preset has room. plugins : by slot"""
    room = STATE_BYTES - sum(len(slot.plugin.state) for slot in slots if slot.plugin)
    whole = []
    for slot in slots:
        found = plugins.get(slot.id)
        if found and _wants(slot, found) and len(found.state) <= room:
            slot, room = replace(slot, plugin=found), room - len(found.state)
        whole.append(slot)
    return tuple(whole)


def _wants(slot, plugin):
    return slot.plugin is not None and not slot.plugin.state and slot.plugin.name == plugin.name


def changed(slots: Slots, id: int, name: str, value: float) -> Slots:
    """With another value of one parameter of one slot."""
    return tuple(_with(slot, name, value) if slot.id == id else slot for slot in slots)


def edited(slots: Slots, id: int, values: dict[str, float], plugin: Plugin | None) -> Slots:
    """With what a hand did in the own window of a slot's plug-in. plugin : None: the same as before"""
    return tuple(
        replace(slot, parameters=slot.parameters | values, plugin=plugin or slot.plugin) if slot.id == id else slot
        for slot in slots
    )


def _with(slot, name, value):
    if name == WET:
        return replace(slot, wet=value)
    if name == ON:
        return replace(slot, on=value >= 0.5)
    return replace(slot, parameters=slot.parameters | {name: value})


def added(slots: Slots, kind: str, plugin: Plugin | None = None) -> Slots:
    """With one more at the end, as it is when it is new."""
    wet = KINDS[kind].wet if kind in KINDS else 1.0
    return *slots, Slot(free_id(slots), kind, wet=wet, plugin=plugin)


def removed(slots: Slots, id: int) -> Slots:
    """Without that slot."""
    return tuple(slot for slot in slots if slot.id != id)


def moved(slots: Slots, id: int, places: int) -> Slots:
    """With that slot so many places later, or earlier where they are negative; not beyond the ends."""
    at = next(place for place, slot in enumerate(slots) if slot.id == id)
    others = list(removed(slots, id))
    others.insert(min(max(at + places, 0), len(others)), slots[at])
    return tuple(others)
