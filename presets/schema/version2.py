"""Schema version 2: what version 1 holds, a chain of effects, and what moves the sound."""

from dataclasses import asdict, replace

import msgspec
import numpy as np

from presets import effects
from presets.movement import STILL, Movement
from presets.pad import POINTS
from presets.preset import Preset, Summary
from presets.schema import version1


class Plugin(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    name: str
    version: str
    place: str
    state: bytes  # base64 in JSON


class Slot(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    id: int
    kind: str
    on: bool
    wet: float
    parameters: dict[str, float]
    plugin: Plugin | None = None

    @classmethod
    def of(cls, slot: effects.Slot) -> "Slot":
        plugin = None if slot.plugin is None else Plugin(**asdict(slot.plugin))
        parameters = {name: float(value) for name, value in slot.parameters.items()}
        return cls(slot.id, slot.kind, slot.on, float(slot.wet), parameters, plugin)

    def slot(self) -> effects.Slot:
        plugin = None if self.plugin is None else effects.Plugin(**msgspec.structs.asdict(self.plugin))
        return effects.Slot(self.id, self.kind, self.on, self.wet, self.parameters, plugin)


class Document(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The document of version 1, the slots, first to last, and the movement."""

    schema_version: int
    sound: version1.Document
    effects: tuple[Slot, ...] | None = None
    movement: Movement = STILL

    @classmethod
    def holds(cls, preset: Preset) -> bool:
        return preset.places == POINTS

    @classmethod
    def of(cls, preset: Preset) -> "Document":
        slots = None if preset.effects is None else tuple(Slot.of(slot) for slot in preset.effects)
        return cls(2, version1.Document.of(preset), slots, preset.movement)

    def summary(self) -> Summary:
        return self.sound.summary()

    def preset(self, latents: list[np.ndarray]) -> Preset:
        effects = None if self.effects is None else tuple(slot.slot() for slot in self.effects)
        return replace(self.sound.preset(latents), effects=effects, movement=self.movement)
