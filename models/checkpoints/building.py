"""Weights -> the torch model, ready to encode. Playing needs none of this."""

from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from common.errors import ModelError
from models.checkpoints import read
from models.checkpoints.checkpoint import Checkpoint
from models.checkpoints.kinds import KINDS
from models.checkpoints.source import Source


def build(checkpoint: Checkpoint) -> Any:
    """The torch module of the checkpoint's kind (models.wavenet.WaveNet, of a WaveNet) with these weights.

    Raises ModelError where that kind is no network.
    """
    module, _, name = KINDS[checkpoint.kind].module.partition(":")
    if not module:
        kind = checkpoint.kind.removesuffix("-pad")
        raise ModelError(f"a {kind} pad plays and encodes nothing; choose the weights that it was made of")
    with torch.device("meta"):  # no memory and no random numbers for weights that are replaced at once
        model = getattr(import_module(module), name)(checkpoint.config)
    state = {name: torch.from_numpy(values) for name, values in checkpoint.weights.items()}
    model.load_state_dict(state, assign=True)
    return model.eval()


def load(source: Source | str | Path) -> Any:
    """`build` of what `models.checkpoints.read` finds there."""
    return build(read(source))
