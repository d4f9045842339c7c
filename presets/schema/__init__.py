"""The document in a preset file, everything but the latents: one file a version of it. Knows nothing of files.

version1.py   four sounds, the pad, the parameters
version2.py   and a chain of effects
version3.py   and up to 32 sounds anywhere on the pad

A change of the fields is a new file and a line in VERSIONS. All of them are read, so that what was saved once opens for
ever; the oldest that can hold all of a preset is what is written, so that an older Manifold reads what it can play.
"""

from typing import Protocol

import msgspec
import numpy as np

from presets.preset import Preset, Summary
from presets.schema import version1, version2, version3


class Document(Protocol):
    """A preset without its latents: a msgspec.Struct whose field `schema_version` says which one."""

    @classmethod
    def holds(cls, preset: Preset) -> bool:
        """Whether nothing of it would be lost."""

    @classmethod
    def of(cls, preset: Preset) -> "Document": ...

    def summary(self) -> Summary: ...

    def preset(self, latents: list[np.ndarray]) -> Preset:
        """latents : of every corner. Raises PresetError where they do not fit the document."""


VERSIONS: dict[int, type[Document]] = {1: version1.Document, 2: version2.Document, 3: version3.Document}


class _Version(msgspec.Struct):
    schema_version: int


def read(text: str) -> Document:
    """The document in JSON of any version. Raises ValueError, msgspec.MsgspecError."""
    version = msgspec.json.decode(text, type=_Version).schema_version
    if version not in VERSIONS:
        raise ValueError(f"its schema_version is {version}, not up to {max(VERSIONS)}; a newer Manifold may know it")
    return msgspec.json.decode(text, type=VERSIONS[version])


def written(preset: Preset) -> str:
    """The JSON of a preset in the oldest version that holds it; the same preset gives the same text."""
    oldest = next(version for version in VERSIONS.values() if version.holds(preset))
    return msgspec.json.encode(oldest.of(preset), order="deterministic").decode()
