"""Schema version 1: four sounds, the pad, the parameters."""

import msgspec
import numpy as np

from presets.movement import STILL
from presets.pad import POINTS, Place
from presets.preset import EmbeddingSet, Preset, Summary


class Corner(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    pitches: tuple[int, ...]
    velocities: tuple[int, ...]
    loop: tuple[int, int]
    release: int
    decay_db_per_s: float

    @classmethod
    def of(cls, sound: EmbeddingSet) -> "Corner":
        first, last = sound.loop
        return cls(
            name=sound.name,
            pitches=tuple(int(pitch) for pitch in sound.pitches),
            velocities=tuple(int(velocity) for velocity in sound.velocities),
            loop=(int(first), int(last)),
            release=int(sound.release),
            decay_db_per_s=float(sound.decay_db_per_s),
        )

    def sound(self, latents: np.ndarray) -> EmbeddingSet:
        return EmbeddingSet(
            self.name, latents, self.pitches, self.velocities, self.loop, self.release, self.decay_db_per_s
        )


class Document(msgspec.Struct, forbid_unknown_fields=True):
    """The fields of Preset, latents left out."""

    schema_version: int
    name: str
    tags: tuple[str, ...]
    author: str
    model: str
    pad: tuple[float, float]
    parameters: dict[str, float]
    corners: tuple[Corner, Corner, Corner, Corner]

    @classmethod
    def holds(cls, preset: Preset) -> bool:
        return preset.effects is None and preset.movement == STILL and preset.places == POINTS

    @classmethod
    def of(cls, preset: Preset) -> "Document":
        x, y = preset.pad
        return cls(
            schema_version=1,
            name=preset.name,
            tags=preset.tags,
            author=preset.author,
            model=preset.model,
            pad=(float(x), float(y)),
            parameters={name: float(value) for name, value in preset.parameters.items()},
            corners=tuple(Corner.of(sound) for sound in preset.corners),  # type: ignore[arg-type]
        )

    def summary(self) -> Summary:
        return Summary(self.name, self.tags, tuple(corner.name for corner in self.corners))

    def preset(self, latents: list[np.ndarray], places: tuple[Place, ...] = POINTS) -> Preset:
        return Preset(
            name=self.name,
            corners=tuple(corner.sound(each) for corner, each in zip(self.corners, latents, strict=True)),
            tags=self.tags,
            author=self.author,
            model=self.model,
            pad=self.pad,
            parameters=self.parameters,
            places=places,
        )
