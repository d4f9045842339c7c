"""The document in a preset file, everything but the latents: one file a version of it. Knows nothing of files.

version1.py   the fields that there are today

A change of the fields is a new file and a line in VERSIONS. All of them are read, so that what was saved once opens for
ever; the newest is what is written.
"""

from typing import Protocol

import msgspec
import numpy as np

from presets.preset import Preset, Summary
from presets.schema import version1


class Document(Protocol):
    """A preset without its latents: a msgspec.Struct whose field `schema_version` says which one."""

    @classmethod
    def of(cls, preset: Preset) -> "Document": ...

    def summary(self) -> Summary: ...

    def preset(self, latents: list[np.ndarray]) -> Preset:
        """latents : of every corner. Raises PresetError where they do not fit the document."""


VERSIONS: dict[int, type[Document]] = {1: version1.Document}


class _Version(msgspec.Struct):
    schema_version: int


def read(text: str) -> Document:
    """The document in JSON of any version. Raises ValueError, msgspec.MsgspecError."""
    version = msgspec.json.decode(text, type=_Version).schema_version
    if version not in VERSIONS:
        raise ValueError(f"its schema_version is {version}, not up to {max(VERSIONS)}; a newer Manifold may know it")
    return msgspec.json.decode(text, type=VERSIONS[version])


def written(preset: Preset) -> str:
    """The JSON of a preset in the newest version; the same preset gives the same text."""
    newest = VERSIONS[max(VERSIONS)]
    return msgspec.json.encode(newest.of(preset), order="deterministic").decode()
