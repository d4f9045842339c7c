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
_LONGEST_COMB_S = 0.0367  # of its reverb


class Board:
    """One of them.

    kind : row of the table; name : of pedalboard's class, made with `fixed`
    attributes : parameter -> attribute of that class
    """

    latency = 0

    def __init__(self, kind: str, name: str, attributes: dict[str, str], **fixed):
        self._values, self._attributes = Values(kind), attributes
        try:
            make: Callable = getattr(import_module("pedalboard"), name)
        except ImportError as error:
            raise SynthError(f"effect {kind!r} needs pedalboard ({error}); run setup.sh again, it plays dry") from error
        self._effect = make(**fixed)
        for parameter in attributes:
            self._pass_on(parameter)

    def prepare(self, rate: int, max_frames: int) -> None:
        """A block that is larger than all before would clear it: it is given the largest one here."""
        self._rate = rate
        self._planes = np.zeros((2, max_frames), np.float32)
        self.reset()

    def reset(self) -> None:
        self._effect.reset()
        self._planes[:] = 0.0
        for _ in range(-(-round(_SETTLE_S * self._rate) // self._planes.shape[1])):
            self._effect.process(self._planes, self._rate, self._planes.shape[1], False)

    def process(self, block: np.ndarray) -> None:
        planes = self._planes[:, : len(block)]
        planes[:] = block.T
        block[:] = self._effect.process(planes, self._rate, self._planes.shape[1], False).T

    def set(self, name: str, value: float) -> None:
        if self._values.take(name, value) and name in self._attributes:
            self._pass_on(name)

    def close(self) -> None:
        """It holds nothing."""

    def _pass_on(self, name):
        setattr(self._effect, self._attributes[name], self._values[name])


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
    """A delay of some 7 ms that swings."""

    def __init__(self):
        attributes = {"depth": "depth", "rate_hz": "rate_hz", "feedback": "feedback"}
        super().__init__("chorus", "Chorus", attributes, centre_delay_ms=7.0, mix=1.0)

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
        self._effect.mode = type(self._effect).Mode.LPF24
