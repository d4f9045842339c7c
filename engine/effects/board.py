"""Effects of pedalboard that do not click when their knobs are turned: https://spotify.github.io/pedalboard

It takes its time to import, and comes when the first of them is asked for.
"""

from collections.abc import Callable
from importlib import import_module

import numpy as np

from common.errors import SynthError
from engine.effects.glide import Values

_SETTLE_S = 0.05  # of silence after which it stands where it was set: its own glides are over
_QUIET_DB = 80.0  # below its beginning a tail is over
_WET = 0.7  # of its reverb: noise comes out about as loud as it went in
_AHEAD_HZ = 5.0
_LONGEST_COMB_S = 0.0367  # of its reverb


class Board:
    """One of them.

    kind : row of the table; name : of pedalboard's class, made with `fixed`
    attributes : parameter -> attribute of that class
    copies : 1 for both sides, 2 for one each
    """

    latency = 0

    def __init__(self, kind: str, name: str, attributes: dict[str, str], copies: int = 1, **fixed):
        self._values, self._attributes = Values(kind), attributes
        try:
            make: Callable = getattr(import_module("pedalboard"), name)
        except ImportError as error:
            raise SynthError(f"effect {kind!r} needs pedalboard ({error}); run setup.sh again, it plays dry") from error
        self._effects = [make(**fixed) for _ in range(copies)]
        for parameter in attributes:
            self._pass_on(parameter)

    def prepare(self, rate: int, max_frames: int) -> None:
        """A block that is larger than all before would clear it: it is given the largest one here."""
        self._rate = rate
        self._planes = np.zeros((2, max_frames), np.float32)
        self.reset()

    def reset(self) -> None:
        self._planes[:] = 0.0
        for effect in self._effects:
            effect.reset()
        self._part()
        for _ in range(-(-round(_SETTLE_S * self._rate) // self._planes.shape[1])):
            self._run(self._planes)

    def _part(self):
        """Make the copies differ."""

    def process(self, block: np.ndarray) -> None:
        planes = self._planes[:, : len(block)]
        planes[:] = block.T
        self._run(planes)
        block[:] = planes.T

    def _run(self, planes):
        """Change float32 (2, frames) in place."""
        sides = 2 // len(self._effects)
        for copy, effect in enumerate(self._effects):
            rows = planes[sides * copy : sides * (copy + 1)]
            rows[:] = effect.process(rows, self._rate, self._planes.shape[1], False)

    def set(self, name: str, value: float) -> None:
        if self._values.take(name, value) and name in self._attributes:
            self._pass_on(name)

    def close(self) -> None:
        """It holds nothing."""

    def _pass_on(self, name):
        for effect in self._effects:
            setattr(effect, self._attributes[name], self._values[name])


class Reverb(Board):
    """Freeverb: eight combs and four all-passes a side."""

    def __init__(self):
        attributes = {"size": "room_size", "damping": "damping", "width": "width"}
        super().__init__("reverb", "Reverb", attributes, wet_level=_WET, dry_level=0.0)

    @property
    def tail(self) -> int:
        """By the feedback of its longest comb, without damping."""
        passes = -_QUIET_DB / 20 / np.log10(0.7 + 0.28 * self._values["size"])
        return round(passes * _LONGEST_COMB_S * self._rate)


class Chorus(Board):
    """A delay of some 7 ms that swings, on one side ahead of the other by a quarter of its period."""

    def __init__(self):
        attributes = {"depth": "depth", "rate_hz": "rate_hz", "feedback": "feedback"}
        super().__init__("chorus", "Chorus", attributes, copies=2, centre_delay_ms=7.0, mix=1.0)

    def _part(self):
        """pedalboard sets no phase: the right side runs ahead for a while, quickly, and as far on the glide back."""
        right = self._effects[1]
        right.rate_hz = _AHEAD_HZ
        for _ in range(-(-round(0.125 / _AHEAD_HZ * self._rate) // self._planes.shape[1])):
            right.process(self._planes[1:], self._rate, self._planes.shape[1], False)
        self._pass_on("rate_hz")

    @property
    def tail(self) -> int:
        passes = 1.0 - _QUIET_DB / 20 / np.log10(max(self._values["feedback"], 0.01))
        return round(passes * 0.03 * self._rate)


class Filter(Board):
    """A ladder of four low-pass poles with resonance."""

    @property
    def tail(self) -> int:
        return round(0.5 * self._rate)

    def __init__(self):
        attributes = {"cutoff_hz": "cutoff_hz", "resonance": "resonance", "drive": "drive"}
        super().__init__("filter", "LadderFilter", attributes)
        (ladder,) = self._effects
        ladder.mode = type(ladder).Mode.LPF24
