"""Trained weights: one small file per format, all giving the same names, the torch state_dict's.

source.py (where) -> FORMATS -> magenta.py (TensorFlow bundle: bundle.py, table.py) or native.py (safetensors)
-> Checkpoint. kinds.py says which models there are, layout.py which tensors a config demands; each reader compares
names, types and shapes with it before it allocates. Only `load` needs torch. Any thread but the render thread may call
this.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from common.errors import ModelError
from models.checkpoints import magenta, native
from models.checkpoints.kinds import KINDS, kind_of
from models.checkpoints.layout import RANGES, Weights
from models.checkpoints.source import Source


@dataclass(frozen=True)
class Checkpoint:
    """What a file of weights holds.

    config : of its kind of model, see `kinds.KINDS`
    weights : float32 arrays with the names of the torch state_dict
    extras : float32 arrays that travel with them and change nothing of what the model is
    """

    config: Any
    weights: Weights
    extras: Weights

    @property
    def kind(self) -> str:
        """Its name in `kinds.KINDS`."""
        return kind_of(self.config)

    @property
    def network(self) -> tuple[Any, Weights]:
        """(config, weights)"""
        return self.config, self.weights

    @property
    def ranges(self) -> np.ndarray | None:
        """float32 (layers,), the largest inputs of the layers, for int8; None where they were not measured."""
        return self.extras.get(RANGES)

    def build(self) -> Any:
        """The torch model (of a WaveNet: models.wavenet.WaveNet) with these weights, ready to encode."""
        import torch

        with torch.device("meta"):  # no memory and no random numbers for weights that are replaced at once
            model = KINDS[self.kind].build(self.config)
        state = {name: torch.from_numpy(values) for name, values in self.weights.items()}
        model.load_state_dict(state, assign=True)
        return model.eval()

    @cached_property
    def fingerprint(self) -> str:
        """See `fingerprint`."""
        return fingerprint(self.weights)


@dataclass(frozen=True)
class Format:
    """One way to store weights. read : (path, source) -> (config, weights, extras)."""

    matches: Callable[[Path], bool]
    read: Callable[[Path, Source], tuple[Any, Weights, Weights]]


# The first that matches reads the file.
FORMATS = [
    Format(magenta.matches, magenta.read_magenta),
    Format(native.matches, native.read_native),
]


def read(source: Source | str | Path) -> Checkpoint:
    """A safetensors file or a TensorFlow checkpoint. source : a path alone is a Source with its defaults

    Raises ModelError, one line, where the file is missing, damaged or of another model.
    """
    source = Source.of(source)
    path = Path(source.path)
    for each in FORMATS:
        if each.matches(path):
            return Checkpoint(*each.read(path, source))
    raise ModelError(f"{path}: no such file; weights are a .safetensors file or the prefix of a TensorFlow checkpoint")


def write(
    path: str | Path, config: Any, weights: Weights, origin: str = "", ranges: np.ndarray | None = None
) -> None:  # fmt: skip
    """Write a safetensors file atomically.

    origin : in plain words, where the weights come from
    ranges : float32 (layers,), see `Checkpoint`
    """
    native.write_native(Path(path), config, weights, origin, {} if ranges is None else {RANGES: ranges})


def load(source: Source | str | Path) -> Any:
    """The torch model of a file; as `read`, and `Checkpoint.build`."""
    return read(source).build()


def fingerprint(weights: Weights) -> str:
    """16 hex digits that tell one set of weights from another: SHA-256 of the tensors' bytes in order of names."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(np.ascontiguousarray(weights[name]).data)
    return digest.hexdigest()[:16]
