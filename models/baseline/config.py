"""The shape of a spectral autoencoder, and the tensors that it demands. Free of torch."""

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

from common.errors import ModelError
from models.baseline.spectrogram import KINDS, MAGNITUDE
from models.config import PITCH_CLASSES

MAX_BYTES = 1 << 30
_LIMITS = {"width": (1, 512), "latent": (1, 4096)}


@dataclass(frozen=True)
class Layer:
    """One convolution, padded as TensorFlow's SAME.

    name : Magenta's; kernel : side of its square; stride : (frequency, time); width : channels, times the config's
    """

    name: str
    kernel: int
    stride: tuple[int, int]
    width: int


ENCODER = (
    Layer("0", 5, (2, 2), 1), Layer("1", 4, (2, 2), 1), Layer("2", 4, (2, 2), 1),
    Layer("3", 4, (2, 2), 2), Layer("4", 4, (2, 2), 2), Layer("5", 4, (2, 2), 2),
    Layer("6", 4, (2, 2), 4), Layer("7", 4, (2, 2), 4), Layer("7_1", 4, (2, 1), 4), Layer("8", 1, (1, 1), 8),
)  # fmt: skip
DECODER = (
    Layer("0", 1, (1, 1), 8), Layer("1", 4, (2, 2), 4), Layer("2", 4, (2, 2), 4),
    Layer("3", 4, (2, 2), 2), Layer("4", 4, (2, 2), 2), Layer("5", 4, (2, 2), 2),
    Layer("6", 4, (2, 2), 1), Layer("7", 4, (2, 2), 1), Layer("8", 5, (2, 2), 1), Layer("8_1", 5, (2, 1), 1),
)  # fmt: skip


@dataclass(frozen=True)
class BaselineConfig:
    """Sizes and options. The defaults are Magenta's released baseline.

    width : channels of the first layers; the others have 2, 4 and 8 times as many. 32: a quarter of the paper's
    latent : channels of the embedding Z, one vector a note
    pitch : the decoder is told the pitch
    picture : what it sees of a note, one of spectrogram.KINDS
    """

    width: int = 128
    latent: int = 1984
    pitch: bool = True
    picture: str = MAGNITUDE

    def __post_init__(self):
        for name, (low, high) in _LIMITS.items():
            value = getattr(self, name)
            if type(value) is not int or not low <= value <= high:
                raise ModelError(
                    f"baseline config: {name} is {value!r}; it must be a whole number from {low} to {high}"
                )
        if not isinstance(self.pitch, bool):
            raise ModelError(f"baseline config: pitch is {self.pitch!r}; it must be true or false")
        if self.picture not in KINDS:
            raise ModelError(f"baseline config: picture is {self.picture!r}; known are {', '.join(KINDS)}")

    @property
    def channels(self) -> int:
        """Of a picture."""
        return KINDS[self.picture]

    @property
    def layers(self) -> int:
        """Convolutions, of encoder and decoder."""
        return len(ENCODER) + len(DECODER) + 2

    @property
    def pitch_width(self) -> int:
        """Channels that tell the pitch."""
        return self.width if self.pitch else 0

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "BaselineConfig":
        """Config from plain JSON types. Raises ModelError on unknown names or values out of range."""
        unknown = sorted(set(values) - {field.name for field in fields(cls)})
        if unknown:
            raise ModelError(f"baseline config: unknown entry {unknown[0]!r}; written by a newer version?")
        return cls(**values)


def baseline_shapes(config: BaselineConfig) -> dict[str, tuple[int, ...]]:
    """Name -> shape of every tensor, the names of the torch state_dict.

    A convolution is (out, in, frequency, time), a transposed one (in, out, frequency, time); batch norm has no gain.

    Raises ModelError where all of them together exceed MAX_BYTES.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    inputs = config.channels
    for layer in ENCODER:
        shapes |= _normed(f"encoder.{layer.name}", layer.kernel, inputs, layer.width * config.width, transposed=False)
        inputs = layer.width * config.width
    shapes |= _normed("encoder.z", 1, inputs, config.latent, transposed=False)
    if config.pitch:
        shapes["decoder.pitch"] = (PITCH_CLASSES, config.pitch_width)
    inputs = config.latent + config.pitch_width
    for layer in DECODER:
        shapes |= _normed(f"decoder.{layer.name}", layer.kernel, inputs, layer.width * config.width, transposed=True)
        inputs = layer.width * config.width
    shapes |= {"decoder.mag.weight": (config.channels, inputs, 1, 1), "decoder.mag.bias": (config.channels,)}
    size = 4 * sum(math.prod(shape) for shape in shapes.values())
    if size > MAX_BYTES:
        raise ModelError(f"baseline config: its weights would take {size >> 20} MiB; {MAX_BYTES >> 20} are allowed")
    return shapes


def _normed(name, kernel, inputs, outputs, transposed):
    channels = (inputs, outputs) if transposed else (outputs, inputs)
    norm = {f"{name}.{part}": (outputs,) for part in ("beta", "mean", "variance")}
    return {f"{name}.weight": (*channels, kernel, kernel), **norm}
