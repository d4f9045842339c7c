"""Magenta's baseline checkpoints (`baseline-ckpt`): the names and shapes of its TensorFlow graph, read without it.

A layer is `<part>/<layer>_Layer/<layer>/weights` (frequency, time, in, out), a transposed one (frequency, time, out,
in), and its `BatchNorm`. The optimiser's slots beside them are not read: there are 180 tensors, 88 of the network.
Source: magenta/models/nsynth/baseline, ae_configs/nfft_1024.py.
"""

import numpy as np

from common.errors import ModelError
from models.baseline.config import BaselineConfig, baseline_shapes
from models.checkpoints.bundle import Bundle
from models.checkpoints.checkpoint import Checkpoint
from models.checkpoints.layout import check_finite

FIRST, Z, PITCH, MAG = (
    "encoder/0_Layer/0/weights", "encoder/z_Layer/z/weights",
    "decoder/PitchEmbedding/embedding_weights", "decoder/mag_Layer/mag",
)  # fmt: skip
_FORWARD = (
    3,
    2,
    0,
    1,
)  # to (out, in, frequency, time); of a transposed one to (in, out, frequency, time)
_NORM = {"beta": "BatchNorm/beta", "mean": "BatchNorm/moving_mean", "variance": "BatchNorm/moving_variance"}


def is_baseline(bundle: Bundle) -> bool:
    """Whether a checkpoint holds one."""
    return FIRST in bundle.entries


def read_baseline(bundle: Bundle) -> Checkpoint:
    """Config and weights. Raises ModelError, one line, where the checkpoint is damaged or of another model."""
    config = _config(bundle)
    shapes = baseline_shapes(config)
    places = {ours: _place(ours) for ours in shapes}
    for ours, (theirs, _) in places.items():
        wanted = _stored(shapes[ours])
        if theirs not in bundle.entries:
            raise ModelError(f"{bundle.prefix}: tensor {theirs} is missing; is it a baseline checkpoint of NSynth?")
        if bundle.entries[theirs].shape != wanted:
            raise ModelError(
                f"{bundle.prefix}: tensor {theirs} is {bundle.entries[theirs].shape}; the other tensors demand {wanted}"
            )
    bundle.check([theirs for theirs, _ in places.values()])
    weights = {}
    for ours, (theirs, axes) in places.items():
        stored = np.empty(_stored(shapes[ours]), np.float32)
        bundle.read(theirs, stored)
        check_finite(bundle.prefix, theirs, stored)
        weights[ours] = np.ascontiguousarray(stored.transpose(axes)) if axes else stored
    return Checkpoint(config, weights)


def _place(ours):
    """(Magenta's name, the order of its axes that gives ours, None where it is the same) of a tensor."""
    if ours == "decoder.pitch":
        return PITCH, None
    part, layer, what = ours.split(".")
    if layer == "mag":
        return f"{MAG}/{'weights' if what == 'weight' else 'biases'}", _FORWARD if what == "weight" else None
    scope = f"{part}/{layer}_Layer/{layer}"
    return (f"{scope}/weights", _FORWARD) if what == "weight" else (f"{scope}/{_NORM[what]}", None)


def _stored(shape):
    """Magenta's shape of one of ours: its axes are ours turned by _FORWARD's inverse."""
    return (*shape[2:], shape[1], shape[0]) if len(shape) == 4 else shape


def _config(bundle):
    """The sizes say all; the config's limits refuse gigantic ones."""
    try:
        first, z, mag = (bundle.entries[name].shape for name in (FIRST, Z, f"{MAG}/weights"))
        if len(first) != 4 or len(z) != 4 or mag[-1:] != (1,):
            raise ModelError("its layers are not those of a baseline of magnitudes")
        return BaselineConfig(width=first[3], latent=z[3], pitch=PITCH in bundle.entries)
    except KeyError as error:
        raise ModelError(f"{bundle.index}: tensor {error.args[0]} is missing; is it a baseline of NSynth?") from error
    except ModelError as error:
        raise ModelError(f"{bundle.index}: {error}") from error
