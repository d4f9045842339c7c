"""The shapes that the cards of musicians get, for the networks that are shipped or published."""

from typing import NamedTuple

from common.errors import GpuError
from engine.decoder.gpu.cards import Card, choose
from engine.decoder.gpu.shapes import Shape
from models import checkpoints
from models.config import WaveNetConfig
from tests.paths import ROOT

KILO = 1024

# Multiprocessors, and what a thread block may have of shared memory: CUDA programming guide, compute capabilities.
CARDS = {
    "A100": ("sm_80", Card(108, 163 * KILO)),
    "RTX 3060": ("sm_86", Card(28, 99 * KILO)),
    "RTX 3090": ("sm_86", Card(82, 99 * KILO)),
    "RTX 4070": ("sm_89", Card(46, 99 * KILO)),
    "RTX 4090": ("sm_89", Card(128, 99 * KILO)),
    "H100": ("sm_90a", Card(132, 227 * KILO)),
    "B200": ("sm_100", Card(148, 227 * KILO)),
    "RTX 5080": ("sm_120", Card(84, 99 * KILO)),
    "RTX 5090": ("sm_120", Card(170, 99 * KILO)),
}
NETWORKS = {
    "NSynth": WaveNetConfig(),
    "default": checkpoints.read(ROOT / "models" / "pretrained" / "wavenet.safetensors").network[0],
    "32/32/20": WaveNetConfig(width=32, skip_width=32, layers=20),
}


class Shipped(NamedTuple):
    """architecture : to compile for; card : one that gets this shape"""

    architecture: str
    card: str
    shape: Shape

    def __str__(self):
        config, spread = self.shape.config, self.shape.spread
        size = f"{config.width}-{config.skip_width}-{config.layers}"
        return f"{self.card} {size} {spread.weights} {spread.blocks}x{spread.voices}"


def shipped():
    """Every shape once for every architecture."""
    found = {}
    for name, (architecture, card) in CARDS.items():
        for config in NETWORKS.values():
            for weights in ("fp16", "int8"):
                for voices in (1, 8):
                    try:
                        shape = choose(config, voices, weights, card)
                    except GpuError:
                        continue
                    found.setdefault((architecture, shape), Shipped(architecture, name, shape))
    return list(found.values())
