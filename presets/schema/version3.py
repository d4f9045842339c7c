"""Schema version 3: what version 2 holds, of up to 32 sounds that stand anywhere on the pad."""

from dataclasses import replace

import msgspec
import numpy as np

from presets.pad import Place, check_places
from presets.preset import Preset, Summary
from presets.schema import version1, version2


class Sounds(version1.Document, forbid_unknown_fields=True):
    """The document of version 1, of any number of sounds, and where they stand."""

    corners: tuple[version1.Corner, ...]  # type: ignore[assignment]
    places: tuple[Place, ...]

    def __post_init__(self):
        check_places(len(self.corners), self.places)

    @classmethod
    def of(cls, preset: Preset) -> "Sounds":
        places = tuple((float(x), float(y)) for x, y in preset.places)
        return cls(**msgspec.structs.asdict(version1.Document.of(preset)), places=places)

    def summary(self) -> Summary:
        return replace(super().summary(), places=self.places)

    def preset(self, latents: list[np.ndarray], places: tuple[Place, ...] = ()) -> Preset:
        return super().preset(latents, self.places)


class Document(version2.Document, kw_only=True):
    """The document of version 2, of such sounds."""

    sound: Sounds  # type: ignore[assignment]

    @classmethod
    def holds(cls, preset: Preset) -> bool:
        return True

    @classmethod
    def of(cls, preset: Preset) -> "Document":
        rest = version2.Document.of(preset)
        return cls(schema_version=3, sound=Sounds.of(preset), effects=rest.effects, movement=rest.movement)
