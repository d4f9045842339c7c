"""How one network is spread over a GPU, and the -D options that compile the kernel for it."""

from dataclasses import dataclass
from typing import Literal

from common.errors import GpuError
from models.config import LOG_SCALE_MIN, WaveNetConfig

Weights = Literal["float32", "fp16", "int8"]

TILE = 16  # the side of a tensor core's tile; widths are filled up to whole ones
LANES = 8  # its columns: voices of one group at most


@dataclass(frozen=True)
class Spread:
    """One way to spread a network.

    blocks : thread blocks that share one group of voices; each owns some channels of every layer, the last ones fewer
    voices : of one group, 1 to 8
    threads : of a block
    slots : layers of weights that fit into its shared memory
    resident : thread blocks that one multiprocessor is to hold at least
    weights : "fp16", with fp16 activations and fp32 sums; "int8", the same with a scale a row; "float32" throughout
        (through shuffles: exact and slow, for checks)
    engine : the copy engine brings the weights where there is one (sm_90 and later); otherwise all threads do
    """

    blocks: int
    voices: int
    threads: int
    slots: int
    resident: int = 1
    weights: Weights = "fp16"
    engine: bool = True


@dataclass(frozen=True)
class Shape:
    """A network and the way it is spread: all that the kernel is compiled for. Raises GpuError where none can be."""

    config: WaveNetConfig
    spread: Spread

    def __post_init__(self):
        spread = self.spread
        if spread.threads % 32 or not 1 <= spread.voices <= LANES or self.config.layers < 2:
            raise GpuError(f"no kernel for {spread} and {self.config.layers} layers; it takes 2 layers or more")

    @property
    def defines(self) -> list[str]:
        """Options for g++, nvcc and NVRTC alike."""
        return [f"-D{name}={value}" for name, value in self._constants().items()]

    @property
    def width(self) -> int:
        """Channels of the residual path, filled up."""
        return filled(self.config.width, TILE)

    @property
    def skip(self) -> int:
        """Channels of the skip path, filled up."""
        return filled(self.config.skip_width, TILE)

    @property
    def half(self) -> bool:
        """Two activations share a word."""
        return self.spread.weights != "float32"

    @property
    def gates(self) -> int:
        """Rows of the gates that each block has, sigmoids and tangents."""
        return 2 * self.dealt(self.width)

    @property
    def tick(self) -> int:
        """Samples between two steps of the conditioning; 0: it changes with calls alone."""
        return self.config.tick if self.config.pitch or self.config.harmonics else 0

    def dealt(self, rows: int, words: bool = True) -> int:
        """Rows that each block gets of so many. words : two halves of a word stay together"""
        each = 2 if self.half and words else 1
        return filled(rows, self.spread.blocks * each) // self.spread.blocks

    def _constants(self):
        config, spread = self.config, self.spread
        return {
            "WIDTH": self.width,
            "SKIP": self.skip,
            "LAYERS": config.layers,
            "STAGES": config.stages,
            "TAPS": config.taps,
            "MIXTURE": config.mixture,
            "TICK": self.tick,
            "LOG_SCALE_MIN": f"{LOG_SCALE_MIN}f",
            "FEEDBACK": int(config.feedback),
            "ENTRY": int(config.harmonics > 0),
            "DIRECT": int(config.direct),
            "BLOCKS": spread.blocks,
            "VOICES": spread.voices,
            "THREADS": spread.threads,
            "SLOTS": spread.slots,
            "RESIDENT": spread.resident,
            "HALF": int(self.half),
            "BYTES": int(spread.weights == "int8"),
            "ENGINE": int(spread.engine),
        }


def filled(count: int, unit: int) -> int:
    """The count, rounded up to whole units."""
    return -(-count // unit) * unit
