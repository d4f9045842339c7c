"""One effect in its place in a chain: bypassed with a cross-fade, mixed with what came in, in time with it."""

import math
from dataclasses import replace

import numpy as np
from numba import njit

from engine.effects.glide import Glides, glide
from engine.effects.kinds import COMMON, KINDS, ON, WET, rows_of
from engine.effects.processor import Effect, PluginEffect
from engine.parameters import Parameter
from presets.effects import PLUGIN, Slot


class Insert:
    """A Processor around an effect.

    id, kind : of the slot that it was made for
    held : as bypassed while the chain changes
    hosted : the effect, where it is a plug-in; else None

    Without wet it is the input, delayed by the latency, bit for bit. Bypassed, too, and then the effect does not run:
    it begins in silence when it comes back.
    """

    def __init__(self, slot: Slot, effect: Effect):
        self.id, self.kind = slot.id, slot.kind
        self._slot, self._effect = slot, effect
        self.hosted = effect if isinstance(effect, PluginEffect) else None
        self._values: dict[str, float] = {}  # parameters that were set since
        self._on, self._wet, self.held = True, 1.0, False
        self._mix, self._gate = Glides(2), Glides(1)  # dry and wet in what is heard; the input in what the effect gets
        self._gate.targets[0] = 1.0
        self._at = np.zeros(1, np.int64)
        self._rests = False
        self.follow(slot)

    # -- chores thread

    def prepare(self, rate: int, max_frames: int) -> None:
        """Get ready, and compile what `process` runs."""
        self._effect.prepare(rate, max_frames)
        for glides in (self._mix, self._gate):
            glides.prepare(rate)
        self._sound = np.zeros((max_frames, 2), np.float32)
        self._past = np.zeros((self._effect.latency, 2), np.float32)  # ring of what came in
        self._run(np.zeros((max_frames, 2), np.float32))
        _delay(self._sound[:0], self._past, self._at)
        self.reset()

    def fits(self, slot: Slot) -> bool:
        """Whether it can go on in that slot of another chain."""
        if (self.id, self.kind) != (slot.id, slot.kind):
            return False
        return slot.kind != PLUGIN or self._effect.holds(slot.plugin)  # type: ignore[attr-defined]

    def close(self) -> None:
        self._effect.close()

    # -- render thread

    @property
    def rows(self) -> dict[str, Parameter]:
        """Its parameters by name, those that every slot has among them."""
        return (self.hosted.rows if self.hosted else rows_of(self.kind)) | COMMON

    def value(self, name: str) -> float:
        """Where a parameter of `rows` was set."""
        if name in COMMON:
            return self._wet if name == WET else float(self._on)
        return (self._slot.parameters | self._values).get(name, self.rows[name].default)

    @property
    def slot(self) -> Slot:
        """What it was made for, with its parameters as they are set now."""
        known = {name: value for name, value in self._values.items() if name in self.rows}
        parameters = self._slot.parameters | known
        return replace(self._slot, on=self._on, wet=self._wet, parameters=parameters)

    @property
    def latency(self) -> int:
        return self._effect.latency

    @property
    def tail(self) -> int:
        return self._effect.tail if self._on and self._wet else 0

    @property
    def silent(self) -> bool:
        """Nothing of the effect is heard, nor will be."""
        mix = self._mix
        return mix.targets[1] == mix.values[1, 1] == 0.0 and mix.values[0, 1] == 1.0

    @property
    def off(self) -> bool:
        """Silent until it is put on or let go."""
        return self.silent and (self.held or not self._on)

    def follow(self, slot: Slot) -> None:
        """Be as a slot says; what it does not name goes to its default."""
        if self.hosted:
            defaults = self.hosted.defaults
        else:
            defaults = {name: row.default for name, row in rows_of(slot.kind).items()}
        for name, value in (defaults | slot.parameters).items():
            self._effect.set(name, value)
        self.set(WET, slot.wet)
        self.set(ON, float(slot.on))
        self._slot = slot
        self._values.clear()

    def set(self, name: str, value: float) -> None:
        """Let a parameter go to a value, `wet` and `on` among them."""
        if name not in COMMON:
            self._effect.set(name, value)
            self._values[name] = value
            return
        value = COMMON[name].clamp(value)
        if name == WET:
            self._wet = value
        else:
            self._on = value >= 0.5
        self._aim(self._wet)

    def move(self, name: str, value: float) -> None:
        """Let a parameter go to a value for now: where it was set it stays set."""
        if name not in COMMON:
            self._effect.set(name, value)
        elif name == WET:
            self._aim(COMMON[WET].clamp(value))

    def hold(self, held: bool) -> None:
        """Be as bypassed for a while."""
        self.held = held
        self._aim(self._wet)

    def _aim(self, wet):
        wet = wet if self._on and not self.held else 0.0
        beside = self.kind in KINDS and KINDS[self.kind].beside and 0.0 < wet < 1.0
        self._mix.targets[:] = shares(wet) if beside else (1.0 - wet, wet)

    def reset(self) -> None:
        """Silence inside; what glides arrives."""
        self._effect.reset()
        self._mix.arrive()
        self._gate.arrive()
        self._past[:] = 0.0
        self._at[0] = 0
        self._rests = self.off

    def process(self, block: np.ndarray) -> None:
        """Change `block`, float32 (frames, 2), in place."""
        if self._rests and not self.off:
            self._effect.reset()
            self._gate.values[:] = 0.0  # an input that begins at once would click, in an echo much later
        self._rests = self.off
        if not self._rests:
            self._run(block)
        elif len(self._past):
            _delay(block, self._past, self._at)

    def _run(self, block):
        sound = self._sound[: len(block)]
        gate = self._gate
        _feed(block, sound, gate.values, gate.targets, gate.coefficient)
        self._effect.process(sound)
        mix = self._mix
        _mix(block, sound, self._past, self._at, mix.values, mix.targets, mix.coefficient)


class Missing:
    """An Effect that stands in for one that is not to be had: it does nothing."""

    latency = tail = 0

    def prepare(self, rate, max_frames):
        """It needs nothing."""

    def reset(self):
        """It keeps nothing."""

    def process(self, block):
        """Dry."""

    def set(self, name, value):
        """It has no parameters here."""

    def holds(self, plugin):
        """It may be there by now."""
        return False

    def close(self):
        """It holds nothing."""


def shares(wet: float) -> tuple[float, float]:
    """Gains of two sounds whose powers add up to one."""
    return math.cos(0.5 * math.pi * wet), math.sin(0.5 * math.pi * wet)


@njit(cache=True, nogil=True)
def _feed(block, sound, values, targets, coefficient):
    """What the effect gets."""
    for i in range(block.shape[0]):
        glide(values, targets, coefficient)
        for side in range(2):
            sound[i, side] = block[i, side] if values[0, 1] == 1.0 else block[i, side] * np.float32(values[0, 1])


@njit(cache=True, nogil=True)
def _mix(block, sound, past, at, values, targets, coefficient):
    """The delayed input and the sound, so that none of one or of the other leaves every bit of the rest."""
    for i in range(block.shape[0]):
        glide(values, targets, coefficient)
        keep, wet = np.float32(values[0, 1]), np.float32(values[1, 1])
        for side in range(2):
            dry = block[i, side]
            if past.shape[0]:
                dry, past[at[0], side] = past[at[0], side], dry
            if wet == 0.0 and keep == 1.0:
                block[i, side] = dry
            elif wet == 1.0 and keep == 0.0:
                block[i, side] = sound[i, side]
            else:
                block[i, side] = keep * dry + wet * sound[i, side]
        if past.shape[0]:
            at[0] = (at[0] + 1) % past.shape[0]


@njit(cache=True, nogil=True)
def _delay(block, past, at):
    for i in range(block.shape[0]):
        for side in range(2):
            block[i, side], past[at[0], side] = past[at[0], side], block[i, side]
        at[0] = (at[0] + 1) % past.shape[0]
