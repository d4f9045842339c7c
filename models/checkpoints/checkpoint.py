"""What a file of weights holds, whatever its format, and how one set of weights is told from another."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from models.checkpoints.kinds import kind_of
from models.checkpoints.layout import RANGES, Weights


@dataclass(frozen=True)
class Checkpoint:
    """One set of weights.

    config : of its kind of model, see `kinds.KINDS`
    weights : float32 arrays with the names of the torch state_dict
    extras : float32 arrays that travel with them and change nothing of what the model is
    origin : in plain words, where they come from; empty where the file does not say
    """

    config: Any
    weights: Weights
    extras: Weights = field(default_factory=dict)
    origin: str = ""

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

    @cached_property
    def fingerprint(self) -> str:
        """See `fingerprint`: that of the weights alone."""
        return fingerprint(self.weights)


def fingerprint(weights: Weights) -> str:
    """16 hex digits that tell one set of weights from another: SHA-256 of the tensors' bytes in order of names."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(np.ascontiguousarray(weights[name]).data)
    return digest.hexdigest()[:16]
