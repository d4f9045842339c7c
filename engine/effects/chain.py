"""Processors one after the other."""

from collections.abc import Iterable

import numpy as np

from common.errors import SynthError
from engine.effects.processor import Processor

SLOTS = 8


class Chain:
    """Up to SLOTS processors as one. Without any, it leaves every bit as it is.

    latency, tail : the sums of theirs, in frames; 0 until prepared
    Raises SynthError for more than SLOTS.
    """

    def __init__(self, processors: Iterable[Processor] = ()):
        self.latency = self.tail = 0
        self._processors = tuple(processors)
        if len(self._processors) > SLOTS:
            raise SynthError(f"{len(self._processors)} effects: a chain has room for {SLOTS}; leave some out")

    def prepare(self, rate: int, max_frames: int) -> None:
        """Get all of them ready."""
        for processor in self._processors:
            processor.prepare(rate, max_frames)
        self.latency = sum(processor.latency for processor in self._processors)
        self.tail = sum(processor.tail for processor in self._processors)

    def reset(self) -> None:
        """Silence in all of them."""
        for processor in self._processors:
            processor.reset()

    def process(self, block: np.ndarray) -> None:
        """Change `block`, float32 (frames, 2), in place, first processor first."""
        for processor in self._processors:
            processor.process(block)
