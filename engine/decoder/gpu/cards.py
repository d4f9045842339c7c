"""Which shape suits a network and a GPU."""

from dataclasses import dataclass, replace

from common.errors import GpuError
from engine.decoder.gpu.footprint import shared_bytes
from engine.decoder.gpu.shapes import LANES, Shape, Spread, Weights
from models.config import WaveNetConfig

MOST_SLOTS = 8  # layers of weights ahead: more never wait less
RESERVED = 1024  # bytes of shared memory that every resident thread block costs beside its own

# Channels of a layer that a block has, the best first. Fewer channels: more blocks, so more of the memory's bandwidth,
# but more messages, which grow with the voices; int8 leaves time to wait for them.
_FEW_MESSAGES = (8, 4, 12, 16)
_WIDE_STREAM = (4, 8, 12, 16)


@dataclass(frozen=True)
class Card:
    """What of a GPU decides.

    multiprocessors : thread blocks that are resident at once, at least
    shared_bytes : of shared memory that one thread block may have
    """

    multiprocessors: int
    shared_bytes: int


def choose(config: WaveNetConfig, voices: int, weights: Weights, card: Card) -> Shape:
    """The shape for so many voices. Raises GpuError, one line, where none fits the card."""
    for spread in _spreads(config, min(voices, LANES), weights):
        if spread.blocks <= card.multiprocessors:
            shape = _with_slots(Shape(config, spread), card)
            if shape:
                return shape
    size = f"{config.width}/{config.skip_width}/{config.layers}"
    raise GpuError(
        f"a network of {size} in {weights} does not fit this GPU: {card.multiprocessors} multiprocessors, "
        f"{card.shared_bytes // 1024} KB of shared memory each; play on the CPU"
    )


def _spreads(config, voices, weights):
    """A block a group where its weights fit; otherwise as many blocks as channels want."""
    for resident in (2, 1) if weights == "int8" else (1,):
        yield Spread(1, voices, 256, 1, resident, weights)
    for channels in _FEW_MESSAGES if weights == "int8" and voices > 1 else _WIDE_STREAM:
        yield Spread(-(-config.width // channels), voices, 512, 1, 1, weights)


def _with_slots(shape, card):
    """The shape with as many slots as there is room for, or None."""
    room = (card.shared_bytes + RESERVED) // shape.spread.resident - RESERVED
    for slots in range(MOST_SLOTS, 0, -1):
        wider = Shape(shape.config, replace(shape.spread, slots=slots))
        if shared_bytes(wider) <= room:
            return wider
    return None
