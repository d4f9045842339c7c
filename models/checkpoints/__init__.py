"""Trained weights: one small file per format, all giving the same names, the torch state_dict's.

source.py (where) -> meant.py (the path that was meant) -> FORMATS -> magenta.py, magenta_baseline.py (TensorFlow's
bundle: bundle.py, table.py; in a tar: archive.py) or native.py (safetensors) -> checkpoint.py (what is there)
-> building.py (the torch model, for those who encode and train). kinds.py says which models there are, layout.py which
tensors a config demands; each reader compares names, types and shapes with it before it allocates. known.py finds
weights by their fingerprint.
Only building.py needs torch. Any thread but the render thread may call this.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from common.errors import ModelError
from models.checkpoints import magenta, native
from models.checkpoints.checkpoint import Checkpoint, fingerprint
from models.checkpoints.layout import RANGES, Weights
from models.checkpoints.meant import meant, missing
from models.checkpoints.source import Source

__all__ = ["FORMATS", "Checkpoint", "Format", "fingerprint", "read", "write"]


@dataclass(frozen=True)
class Format:
    """One way to store weights. matches : whether a path is of it; read : what is there."""

    matches: Callable[[Path], bool]
    read: Callable[[Path, Source], Checkpoint]


# The first that matches reads the file.
FORMATS = [
    Format(magenta.matches, magenta.read_magenta),
    Format(native.matches, native.read_native),
]


def read(source: Source | str | Path) -> Checkpoint:
    """A safetensors file or a TensorFlow checkpoint: its prefix, one of its files, its folder, or the tar with it.

    source : a path alone is a Source with its defaults

    Raises ModelError, one line, where the file is missing, damaged or of another model.
    """
    source = Source.of(source)
    path = meant(Path(source.path))
    for each in FORMATS:
        if each.matches(path):
            return each.read(path, source)
    raise ModelError(missing(path))


def write(
    path: str | Path, config: Any, weights: Weights, origin: str = "", ranges: np.ndarray | None = None
) -> None:  # fmt: skip
    """Write a safetensors file atomically.

    origin : in plain words, where the weights come from
    ranges : float32 (layers,), see `Checkpoint`
    """
    native.write_native(Path(path), config, weights, origin, {} if ranges is None else {RANGES: ranges})
