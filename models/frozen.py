"""A frozen pad: recordings of its notes, at every point of a grid on the pad and at every few keys.

It takes the place of a network. Its latents say which recording sounds and how (`Channel`); keys in between, bend and
glide are the nearest recording, read faster or slower.

A recording is stored in three parts. `notes` is its audio at an even level, in whole numbers. `levels` is how loud it
is, in dB at every tick, straight lines between: notes mix by their levels in dB, as the latents of a network do.
`warps` is where in the recording a phase lies, counted in samples of the unbent key, less that phase: the notes of one
key are read at one phase, so that their mixture does not comb though each has a vibrato of its own. `likeness` is what
is left to differ: by it a mixture is made as loud as its notes are.

    held part       0 ... loop end, which goes on at loop start, both phases
    release part    from sample `release` on: there the key was let go
"""

from dataclasses import asdict, dataclass, fields
from enum import IntEnum
from typing import Any

import numpy as np

from common.errors import ModelError
from models.config import tick_samples

MAX_BYTES = 1 << 30
_LIMITS = {
    "rate": (1000, 192000), "hop": (1, 65536), "side": (2, 17), "samples": (64, 1 << 24), "release": (0, 1 << 24),
}  # fmt: skip


class Channel(IntEnum):
    """What the latents of a frozen pad say."""

    X = 0  # place on the pad, 0 to 1
    Y = 1
    KEY = 2  # row of the recordings, in between for keys in between
    START_S = 3  # where in the recording a note begins
    RELEASED = 4  # above 0 the key is up
    LEVEL_DB = 5  # beside the recorded one; last, as in a network with a loudness channel


class Neighbour(IntEnum):
    """Pairs of points around a cell of the grid, kept with the one at its bottom left."""

    RIGHT = 0
    UP = 1
    DIAGONAL = 2  # with the one at the top right
    CROSS = 3  # of the right one with the upper one


@dataclass(frozen=True)
class FrozenConfig:
    """Sizes of a frozen pad, and what the engine asks of a network's config.

    rate : samples per second; hop : samples per frame of the latents
    side : grid points along a side of the pad
    keys : MIDI numbers of the recordings, ascending
    samples : of a recording; release : at which its release part begins, 0 where there is none
    """

    rate: int
    hop: int
    side: int
    keys: tuple[int, ...]
    samples: int
    release: int = 0

    # To the engine: a network that is told the pitch, and whose audio follows a loudness channel.
    latent = len(Channel)
    timbre = len(Channel) - 1
    loudness = pitch = True
    motion = stereo = False
    harmonics = 0
    detail = slice(0, 0)
    deviation = -1  # there is no such channel

    def __post_init__(self):
        for name, (low, high) in _LIMITS.items():
            value = getattr(self, name)
            if type(value) is not int or not low <= value <= high:
                raise ModelError(f"frozen pad: {name} is {value!r}; it must be a whole number from {low} to {high}")
        keys = self.keys
        numbers = all(type(key) is int and 0 <= key <= 127 for key in keys)
        if not numbers or not 1 <= len(keys) <= 128 or list(keys) != sorted(set(keys)):
            raise ModelError("frozen pad: keys must be 1 to 128 ascending MIDI numbers, 0 to 127")

    @property
    def tick(self) -> int:
        """Samples between two levels, and two warps."""
        return tick_samples(self.rate)

    @property
    def points(self) -> int:
        """Of the grid, row by row from the bottom left."""
        return self.side**2

    @property
    def ticks(self) -> int:
        """Levels, and warps, of a recording: at the start of every tick and at the end of the last."""
        return self.samples // self.tick + 1

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return asdict(self) | {"keys": list(self.keys)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "FrozenConfig":
        """Config from plain JSON types. Raises ModelError on entries that are unknown, missing or out of range."""
        known = {field.name for field in fields(cls)}
        wrong = sorted(set(values) ^ known)
        if wrong:
            raise ModelError(f"frozen pad: entry {wrong[0]!r} is unknown or missing; written by a newer version?")
        if not isinstance(values["keys"], list):
            raise ModelError("frozen pad: keys must be a list")
        return cls(**values | {"keys": tuple(values["keys"])})


def frozen_shapes(config: FrozenConfig) -> dict[str, tuple[int, ...]]:
    """Name -> shape of its tensors.

    notes : int16; peaks : float32, of its largest number; levels : float32, dB; warps : float32, samples
    loops : float32, (start, end) of a key's loop, phases in samples
    likeness : float32, correlation, 0 to 1, of a point's notes with the Neighbour's

    Raises ModelError where all of them together exceed MAX_BYTES.
    """
    notes = len(config.keys), config.points
    size = np.prod(notes) * (2 * config.samples + 8 * config.ticks)
    if size > MAX_BYTES:
        raise ModelError(f"frozen pad: it would take {size / 2**20:.0f} MiB; at most {MAX_BYTES >> 20} are allowed")
    return {
        "notes": (*notes, config.samples),
        "peaks": notes,
        "levels": (*notes, config.ticks),
        "warps": (*notes, config.ticks),
        "loops": (len(config.keys), 2),
        "likeness": (*notes, len(Neighbour)),
    }


def check_frozen(config: FrozenConfig, weights: dict[str, np.ndarray]) -> None:
    """Raises ModelError where the tensors would lead out of the recordings."""
    starts, ends = weights["loops"].T
    if not ((starts >= 0) & (ends >= starts + config.tick) & (ends <= (config.release or config.samples))).all():
        raise ModelError("frozen pad: its loops do not lie in its recordings; freeze it again")
    if np.abs(weights["warps"]).max() > config.samples:
        raise ModelError("frozen pad: its warps lead out of its recordings; freeze it again")
    if not ((weights["likeness"] >= 0) & (weights["likeness"] <= 1)).all():
        raise ModelError("frozen pad: its likeness is not from 0 to 1; freeze it again")


FROZEN_TYPES = {"notes": "I16"}  # safetensors' names; all others are F32
