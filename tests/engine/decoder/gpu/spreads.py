"""Ways to spread small networks that between them meet every path of the kernel."""

from dataclasses import replace

from engine.decoder.gpu.decoder import GpuDecoder
from engine.decoder.gpu.shapes import Shape, Spread
from tests.engine.decoder.gpu.emulated import Emulated
from tests.engine.decoder.networks import random_weights

SPREADS = {
    "a block alone": Spread(1, voices=3, threads=128, slots=2, weights="float32"),
    "the copy engine": Spread(2, voices=2, threads=64, slots=3, weights="float32"),
    "a half tile": Spread(4, voices=4, threads=96, slots=2, weights="float32"),
    "threads fetch, rows to spare": Spread(7, voices=2, threads=64, slots=1, weights="float32", engine=False),
    "a voice": Spread(8, voices=1, threads=64, slots=4, weights="float32"),
}


def in_precision(spread: Spread, weights) -> Spread:
    """The same spread with other weights."""
    return replace(spread, weights=weights)


def gpu_decoder(config, voices, spread, seed=1, block=512, groups=64, weights=None, **device):
    """The GPU's decoder on a processor, with random weights unless others are given."""
    shape = Shape(config, spread)
    weights = random_weights(config) if weights is None else weights
    return GpuDecoder(weights, voices, shape, Emulated(shape, seed, groups, **device), block)
