"""What moves a sound while it is played: routes from sources to targets, low-frequency oscillators, a path on the pad.

Plain data of names and numbers, as a preset keeps them; whoever plays decides what a name means (engine.events).
"""

import math
from itertools import pairwise
from typing import Literal

import msgspec

MOST_ROUTES = 64
LFOS = 4
MOST_POINTS = 4096  # of a path: a minute of a hand, sixty times a second

Shape = Literal["sine", "triangle", "saw", "square", "random"]
PAD_TARGETS = ("pad_x", "pad_y", "pad_centre", "pad_touch")


def _check(what: str, value: float, low: float, high: float) -> None:
    """Raises ValueError where a number is out of its range, or is none."""
    if not low <= value <= high:
        raise ValueError(f"{what} is {value}; it must be from {low:g} to {high:g}")


class Route(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One source moves one target.

    source : "cc1" ... "cc119", "pressure", "bend", "velocity", "release", "key", "envelope", "lfo1" ... "lfo4"
    target : "pad_x", "pad_y", "pad_centre" (0: where it is, 1: in the middle), "pad_touch" (below 1/2 it is lifted),
        or a parameter's name in lower case
    depth : share of the target's whole range, -1..1; negative: the other way round
    curve : -1..1; 0 is straight, above it the source's first half moves less, below it more
    sets : the source moves the target as a hand would, and it stays there; else what it says is added while it lasts
    take_over : a source that sets moves nothing until it has come to where the target stands
    """

    source: str
    target: str
    depth: float = 1.0
    curve: float = 0.0
    sets: bool = False
    take_over: bool = False

    def __post_init__(self):
        _check(f"the depth of {self.source} on {self.target}", self.depth, -1, 1)
        _check(f"the curve of {self.source} on {self.target}", self.curve, -1, 1)
        for name in (self.source, self.target):
            if not 0 < len(name) <= 56 or not name.isprintable():
                raise ValueError(f"a route's source and target are names, not {name[:60]!r}")


class Lfo(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A low-frequency oscillator, -1..1.

    rate_hz : cycles a second; beats : of one cycle instead, in time with the tempo; 0: none
    phase : share of a cycle at which it starts
    per_note : it starts with each note; else it runs on for all alike
    spread : share of a cycle by which each note is ahead of the one before
    """

    rate_hz: float = 1.0
    beats: float = 0.0
    shape: Shape = "sine"
    phase: float = 0.0
    per_note: bool = False
    spread: float = 0.0

    def __post_init__(self):
        _check("the rate of an LFO in Hz", self.rate_hz, 0, 50)
        _check("the cycle of an LFO in beats", self.beats, 0, 64)
        _check("the phase of an LFO", self.phase, 0, 1)
        _check("the spread of an LFO", self.spread, 0, 1)


class Path(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A way over the pad, straight from point to point: a gesture, or a journey.

    points : (time, x, y), times from 0 on ascending; in seconds, or in beats
    loop : from the end back to the start; else it stays at the end
    per_note : each note goes it by itself from its start; else it runs for all alike
    It leads away from where the pad stands by as much as from its own first point.
    """

    points: tuple[tuple[float, float, float], ...]
    in_beats: bool = False
    loop: bool = False
    per_note: bool = False

    def __post_init__(self):
        _check("the number of a path's points", len(self.points), 2, MOST_POINTS)
        for time, x, y in self.points:
            _check("a time of a path", time, 0, 3600)
            _check("a place of a path", x, 0, 1)
            _check("a place of a path", y, 0, 1)
        if self.points[0][0] != 0 or any(later[0] <= earlier[0] for earlier, later in pairwise(self.points)):
            raise ValueError("the times of a path must start at 0 and grow")


class Movement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Everything that moves one sound. Raises ValueError naming what is out of range, as its parts do."""

    routes: tuple[Route, ...] = ()
    lfos: tuple[Lfo, ...] = ()
    path: Path | None = None

    def __post_init__(self):
        _check("the number of routes", len(self.routes), 0, MOST_ROUTES)
        _check("the number of LFOs", len(self.lfos), 0, LFOS)
        if not all(math.isfinite(route.depth) for route in self.routes):
            raise ValueError("the depth of a route must be a number")


STILL = Movement()
# What controllers do where nothing else is said: the wheel and CC74 move the pad, pressure leads to its middle.
USUAL = (
    Route("cc1", "pad_x", sets=True),
    Route("cc74", "pad_y", sets=True),
    Route("pressure", "pad_centre"),
)
