"""The tensors that a config demands: what every format has to deliver, known before anything is allocated."""

import math

import numpy as np

from common.errors import ModelError
from models.config import WaveNetConfig
from models.harmonic.config import HarmonicConfig

MAX_BYTES = 1 << 30  # four times the released model; a file that asks for more is refused
SPECTRUM_INPUTS = 48 * 3  # bands of a frame and its two neighbours, see models/spectral.py

RANGES = "int8.ranges"

Weights = dict[str, np.ndarray]  # float32, names of the torch state_dict
Shapes = dict[str, tuple[int, ...]]


def weight_shapes(config: WaveNetConfig) -> Shapes:
    """Name -> shape of every tensor of the autoencoder, the names of its torch state_dict.

    Raises ModelError where all of them together exceed MAX_BYTES.
    """
    encoder = _spectrum_encoder(config) if config.encoder == "spectrum" else _dilated_encoder(config)
    shapes = {f"encoder.{name}": shape for name, shape in encoder.items()}
    shapes |= {f"decoder.{name}": shape for name, shape in _decoder(config).items()}
    size = 4 * sum(math.prod(shape) for shape in shapes.values())
    if size > MAX_BYTES:
        raise ModelError(
            f"model config: its weights would take {size >> 20} MiB; at most {MAX_BYTES >> 20} are allowed"
        )
    return shapes


def harmonic_shapes(config: HarmonicConfig) -> dict[str, tuple[int, ...]]:
    """Name -> shape of every tensor, as of `weight_shapes`; torch.nn.Linear keeps (out, in)."""
    sizes = {
        "encoder.network.0": (config.encoder_width, SPECTRUM_INPUTS),
        "encoder.network.2": (config.encoder_width, config.encoder_width),
        "encoder.network.4": (config.timbre, config.encoder_width),
        "gain1": (config.gain_width, config.conditions),
        "gain2": (config.levels, config.gain_width),
    }
    weights = {f"{name}.weight": size for name, size in sizes.items()}
    return weights | {f"{name}.bias": size[:1] for name, size in sizes.items()}


def range_shapes(config: WaveNetConfig) -> Shapes:
    """Name -> shape of what may travel with the weights: the largest input of every layer, for int8."""
    return {RANGES: (config.layers,)}


def _conv(name, taps, inputs, outputs, layers=None):
    stack = () if layers is None else (layers,)
    return {f"{name}.weight": (*stack, taps, inputs, outputs), f"{name}.bias": (*stack, outputs)}


def _dilated_encoder(config):
    width, layers = config.encoder_width, config.encoder_layers
    return {
        **_conv("start", 3, 1, width),
        **_conv("dilated", 3, width, width, layers),
        **_conv("res", 1, width, width, layers),
        **_conv("bottleneck", 1, width, config.timbre),
    }


def _spectrum_encoder(config):
    """torch.nn.Linear keeps (out, in)."""
    sizes = (SPECTRUM_INPUTS, config.encoder_width, config.encoder_width, config.timbre)
    shapes = {}
    for layer, (inputs, outputs) in enumerate(zip(sizes, sizes[1:], strict=False)):
        shapes[f"network.{2 * layer}.weight"] = (outputs, inputs)
        shapes[f"network.{2 * layer}.bias"] = (outputs,)
    return shapes


def _decoder(config):
    width, skip, layers = config.width, config.skip_width, config.layers
    return {
        **(_conv("start", config.taps, config.inputs, width) if config.feedback else {}),
        **(_excitation(config) if config.harmonics else {}),
        **_conv("skip_start", 1, width, skip),
        **_conv("dilated", config.taps, width, 2 * width, layers),
        **_conv("cond", 1, config.conditions, 2 * width, layers),
        **_conv("res", 1, width, width, layers),
        **_conv("skip", 1, width, skip, layers),
        **_conv("out1", 1, skip, skip),
        **_conv("cond_out1", 1, config.conditions, skip),
        **_conv("logits", 1, skip, config.outputs),
    }


def _excitation(config):
    gain_width = config.gain_width or config.skip_width
    return {
        **_conv("gain1", 1, config.conditions, gain_width),
        **_conv("gain2", 1, gain_width, config.harmonics + config.noise),
        **_conv("excitation", 1, config.excitation, config.width),
    }


def check_finite(path, name, values):
    """Raise ModelError where a tensor holds NaN or Inf."""
    if not np.isfinite(values).all():
        raise ModelError(f"{path}: tensor {name} holds values that are not finite; the file is damaged")
