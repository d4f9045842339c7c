"""Magenta's NSynth checkpoints (`model.ckpt-200000`): the names and shapes of its WaveNet's TensorFlow graph.

A convolution is `<scope>/W` (1, taps, in, out), oldest tap first, and `<scope>/biases` (out,); layers count from 1.
The moving averages of the weights lie beside the plain ones under `<name>/ExponentialMovingAverage`. Hop and dilation
period are not stored. Source: magenta/models/nsynth/wavenet, h512_bo16.py and masked.py.
"""

from pathlib import Path

import numpy as np

from common.errors import ModelError
from models.checkpoints.archive import is_archive, open_archive
from models.checkpoints.bundle import Bundle
from models.checkpoints.checkpoint import Checkpoint
from models.checkpoints.layout import check_finite, weight_shapes
from models.checkpoints.magenta_baseline import is_baseline, read_baseline
from models.checkpoints.source import Source
from models.config import WaveNetConfig

AVERAGE = "/ExponentialMovingAverage"
# Magenta's scope -> ours; {} is the number of the layer.
SCOPES = {
    "ae_startconv": "encoder.start",
    "ae_dilatedconv_{}": "encoder.dilated",
    "ae_res_{}": "encoder.res",
    "ae_bottleneck": "encoder.bottleneck",
    "startconv": "decoder.start",
    "skip_start": "decoder.skip_start",
    "dilatedconv_{}": "decoder.dilated",
    "cond_map_{}": "decoder.cond",
    "res_{}": "decoder.res",
    "skip_{}": "decoder.skip",
    "out1": "decoder.out1",
    "cond_map_out1": "decoder.cond_out1",
    "logits": "decoder.logits",
}


def matches(path: Path) -> bool:
    """A prefix with an index beside it, or an archive."""
    return Path(f"{path}.index").is_file() or is_archive(path)


def read_magenta(path: Path, source: Source) -> Checkpoint:
    """Config and weights of a checkpoint, given by its prefix or its archive. source : what it does not say itself

    Raises ModelError, one line, where the checkpoint is damaged or of another model.
    """
    bundle = Bundle(*open_archive(path)) if is_archive(path) else Bundle(path)
    if is_baseline(bundle):
        return read_baseline(bundle)
    suffix = AVERAGE if source.ema else ""
    config, shapes = _config(bundle, source.hop, source.stages)
    places = list(_places(shapes))
    for name, _, _, shape in places:
        if name + suffix not in bundle.entries:
            raise ModelError(f"{path}: tensor {name + suffix} is missing; is it a WaveNet checkpoint of NSynth?")
        found = bundle.entries[name + suffix].shape
        if found != shape:
            raise ModelError(f"{path}: tensor {name + suffix} is {found}; the other tensors demand {shape}")
    bundle.check([name + suffix for name, *_ in places])
    weights = {name: np.empty(shape, np.float32) for name, shape in shapes.items()}
    for name, ours, layer, _ in places:
        target = weights[ours] if layer is None else weights[ours][layer]
        bundle.read(name + suffix, target)
        check_finite(path, name + suffix, target)
    return Checkpoint(config, weights)


def _places(shapes):
    """(Magenta's name, our name, layer or None, Magenta's shape) of every tensor."""
    for scope, ours in SCOPES.items():
        for theirs, part in (("W", "weight"), ("biases", "bias")):
            shape = shapes[f"{ours}.{part}"]
            layers = range(shape[0]) if "{}" in scope else (None,)
            for layer in layers:
                one = shape if layer is None else shape[1:]
                name = scope.format("" if layer is None else layer + 1)
                yield f"{name}/{theirs}", f"{ours}.{part}", layer, (1, *one) if theirs == "W" else one


def _config(bundle, hop, stages):
    """(config, name -> shape of its tensors) from names and shapes; the config's limits refuse gigantic ones."""

    def channels(scope, axis):
        entry = bundle.entries.get(f"{scope}/W")
        if entry is None or len(entry.shape) != 4:
            raise ModelError(f"tensor {scope}/W is missing; is it a WaveNet checkpoint of NSynth?")
        return entry.shape[axis]

    try:
        config = WaveNetConfig(
            width=channels("startconv", 3),
            skip_width=channels("skip_start", 3),
            layers=_layers(bundle, "dilatedconv_"),
            stages=stages,
            taps=channels("startconv", 1),
            latent=channels("ae_bottleneck", 3),
            hop=hop,
            encoder_width=channels("ae_startconv", 3),
            encoder_layers=_layers(bundle, "ae_dilatedconv_"),
            encoder_stages=stages,
        )
        return config, weight_shapes(config)
    except ModelError as error:
        raise ModelError(f"{bundle.index}: {error}") from error


def _layers(bundle, prefix):
    return sum(name.startswith(prefix) and name.endswith("/W") for name in bundle.entries)
