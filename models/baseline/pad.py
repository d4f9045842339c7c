"""A pad of the baseline's: embeddings of four corners, whose notes the network makes when they are first wanted.

It plays as a frozen pad does (models/frozen.py), by the same latents; its recordings are not in its file but made by
`models/baseline_maker.py`, in a process of its own, from the network that is found by its fingerprint. Free of torch.
"""

from dataclasses import dataclass

import numpy as np

from common.errors import ModelError
from models.baseline.spectrogram import HOP, RATE
from models.frozen import FrozenConfig

CORNERS = 4
HELD_SAMPLES, SAMPLES = 3 * RATE, 4 * RATE  # of NSynth's notes, which the network has learnt
_MOST_ITERATIONS, _MOST_CHANNELS = 10_000, 4096


@dataclass(frozen=True)
class BaselinePadConfig(FrozenConfig):
    """A frozen pad's, and

    network : fingerprint of the baseline's weights; channels : of its embeddings
    iterations : of Griffin and Lim's
    """

    network: str = ""
    channels: int = 0
    iterations: int = 0

    def __post_init__(self):
        super().__post_init__()
        if not isinstance(self.network, str) or len(self.network) != 16:
            raise ModelError(f"baseline's pad: network is {self.network!r}; it must be a fingerprint of 16 digits")
        for name, most in (("channels", _MOST_CHANNELS), ("iterations", _MOST_ITERATIONS)):
            if type(getattr(self, name)) is not int or not 1 <= getattr(self, name) <= most:
                raise ModelError(f"baseline's pad: {name} is {getattr(self, name)!r}; it must be 1 to {most}")


def pad_config(network: str, channels: int, side: int, keys: tuple[int, ...], iterations: int) -> BaselinePadConfig:
    """Of notes as NSynth's: held for three seconds, released in one."""
    return BaselinePadConfig(RATE, 2 * HOP, side, keys, SAMPLES, HELD_SAMPLES, network, channels, iterations)


def pad_shapes(config: BaselinePadConfig) -> dict[str, tuple[int, ...]]:
    """Name -> shape of its tensors. embeddings : Z of every corner at every key"""
    return {"embeddings": (CORNERS, len(config.keys), config.channels)}


def cell_embedding(embeddings: np.ndarray, weights: np.ndarray, key: int) -> np.ndarray:
    """float32 (channels,): Z at a point of the grid.

    embeddings : (CORNERS, keys, channels); weights : (CORNERS,), how much of each; key : row
    """
    return (weights @ embeddings[:, key]).astype(np.float32)
