"""Trained weights: one small file per format, all giving the same names, the torch state_dict's.

path -> FORMATS -> magenta.py (TensorFlow bundle: bundle.py, table.py) or native.py (safetensors) -> config, weights.
layout.py says which tensors a config demands; each reader compares names, types and shapes with it before it
allocates. Only `load` needs torch. Any thread but the render thread may call this.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from common.errors import ModelError
from models.checkpoints import magenta, native
from models.checkpoints.layout import Weights
from models.config import WaveNetConfig

if TYPE_CHECKING:
    from models.wavenet import WaveNet


@dataclass(frozen=True)
class Format:
    """One way to store weights. read : (path, hop, stages, ema) -> (config, weights)."""

    matches: Callable[[Path], bool]
    read: Callable[[Path, int, int, bool], tuple[WaveNetConfig, Weights]]


# The first that matches reads the file.
FORMATS = (
    Format(magenta.matches, magenta.read_magenta),
    Format(native.matches, lambda path, hop, stages, ema: native.read_native(path)),
)


def read(path: str | Path, hop: int = 512, stages: int = 10, ema: bool = False) -> tuple[WaveNetConfig, Weights]:
    """Config and weights of a safetensors file or of a TensorFlow checkpoint given by its prefix.

    hop, stages, ema : for what a TensorFlow checkpoint does not say: samples per frame, dilation period, and whether
        to take the moving averages of the weights
    returns : WaveNetConfig, dict of float32 arrays with the names of the torch state_dict
    Raises ModelError, one line, where the file is missing, damaged or of another model.
    """
    path = Path(path)
    for each in FORMATS:
        if each.matches(path):
            return each.read(path, hop, stages, ema)
    raise ModelError(f"{path}: no such file; weights are a .safetensors file or the prefix of a TensorFlow checkpoint")


def write(path: str | Path, config: WaveNetConfig, weights: Weights, origin: str = "") -> None:
    """Write a safetensors file atomically. `origin` says in plain words where the weights come from."""
    native.write_native(Path(path), config, weights, origin)


def load(path: str | Path, hop: int = 512, stages: int = 10, ema: bool = False) -> "WaveNet":
    """The torch model with these weights, ready to encode; arguments as for `read`."""
    import torch

    from models.wavenet import WaveNet

    config, weights = read(path, hop, stages, ema)
    with torch.device("meta"):  # no memory and no random numbers for weights that are replaced at once
        model = WaveNet(config)
    model.load_state_dict({name: torch.from_numpy(values) for name, values in weights.items()}, assign=True)
    return model.eval()


def fingerprint_of(path: str | Path, hop: int = 512, stages: int = 10, ema: bool = False) -> str:
    """The fingerprint of a file's weights; arguments as for `read`."""
    return fingerprint(read(path, hop, stages, ema)[1])


def fingerprint(weights: Weights) -> str:
    """16 hex digits that tell one set of weights from another: SHA-256 of the tensors' bytes in order of names."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(np.ascontiguousarray(weights[name]).data)
    return digest.hexdigest()[:16]
