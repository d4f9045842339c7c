"""Where weights are. Imports nothing heavy: the window and the command line name weights by it."""

from dataclasses import dataclass
from pathlib import Path

from models.pretrained import DEFAULT


@dataclass(frozen=True)
class Source:
    """A file of weights, and what a TensorFlow checkpoint does not say of itself.

    path : a safetensors file, or the prefix of a TensorFlow checkpoint
    hop, stages : samples per frame, and period of the dilations
    ema : take the moving averages instead of the plain weights
    """

    path: str = str(DEFAULT)
    hop: int = 512
    stages: int = 10
    ema: bool = False

    @classmethod
    def of(cls, path: "Source | str | Path") -> "Source":
        """That source, or the one of a path alone."""
        return path if isinstance(path, Source) else cls(str(path))


DEFAULT_SOURCE = Source()
