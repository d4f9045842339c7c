"""The kinds of models that a checkpoint may hold: for each its config, its tensors, and the torch module.

A new kind is one new file with a `Kind`, and one line in KINDS.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from common.errors import ModelError
from models.baseline.config import BaselineConfig, baseline_shapes
from models.baseline.pad import BaselinePadConfig, pad_shapes
from models.checkpoints.layout import Shapes, harmonic_shapes, range_shapes, weight_shapes
from models.config import WaveNetConfig
from models.frozen import FROZEN_TYPES, FrozenConfig, frozen_shapes
from models.harmonic.config import HarmonicConfig


@dataclass(frozen=True)
class Kind:
    """One kind of model.

    config : frozen class with `to_dict` and `from_dict` in plain JSON types, which raises ModelError
    shapes : config -> name and shape of every tensor of its network, all float32 but those in `types`
    extras : config -> the same of tensors that may travel with it and change nothing of what it is
    module : "module:class" of the torch module that a config makes, whose state_dict has these tensors; it is imported
        by those who need torch; empty where it is no network
    types : name -> type of a tensor, as safetensors names it
    """

    config: Any
    shapes: Callable[[Any], Shapes]
    extras: Callable[[Any], Shapes]
    module: str
    types: dict[str, str] = field(default_factory=dict)


WAVENET = "wavenet"  # also of files that were written before there were kinds
HARMONIC = "harmonic"
FROZEN = "frozen"
BASELINE = "baseline"
BASELINE_PAD = "baseline-pad"
KINDS = {
    WAVENET: Kind(WaveNetConfig, weight_shapes, range_shapes, "models.wavenet:WaveNet"),
    HARMONIC: Kind(HarmonicConfig, harmonic_shapes, lambda config: {}, "models.harmonic.network:HarmonicModel"),
    BASELINE: Kind(BaselineConfig, baseline_shapes, lambda config: {}, "models.baseline.network:Baseline"),
    BASELINE_PAD: Kind(BaselinePadConfig, pad_shapes, lambda config: {}, ""),
    FROZEN: Kind(FrozenConfig, frozen_shapes, lambda config: {}, "", FROZEN_TYPES),
}


def kind_of(config: Any) -> str:
    """The name of the kind that a config is of."""
    return next(name for name, kind in KINDS.items() if type(config) is kind.config)


def find_kind(name: Any) -> Kind:
    """Raises ModelError naming the known ones."""
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ModelError(f"model {name!r} is unknown, known are {', '.join(KINDS)}; written by a newer version?")
    return kind
