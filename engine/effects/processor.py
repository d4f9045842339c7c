"""What an effect is: the life cycle that hosted plug-ins have, too."""

from typing import Protocol

import numpy as np


class Processor(Protocol):
    """Changes a stereo stream in place, block by block; the blocks' sizes change nothing in the sound.

    latency : frames by which the output comes later than the input; known once prepared
    tail : frames that still sound after the input's end, besides the latency; known once prepared
    """

    latency: int
    tail: int

    def prepare(self, rate: int, max_frames: int) -> None:
        """Get ready for blocks of up to `max_frames` frames at this rate: the only place that allocates."""

    def reset(self) -> None:
        """Silence inside, as just prepared: the same input then gives the same output, bit for bit."""

    def process(self, block: np.ndarray) -> None:
        """Change `block`, float32 (frames, 2), in place; any number of frames up to `max_frames`."""
