"""Where the pad and the parameters stand: set by hands, presets and controllers, moved by what is modulated.

hand, preset, controller -> pad.py -----------------> pad -+-> + modulation -> places, a voice each
                         -> set ---------------------------+-> + modulation -> parameters
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from engine.commands import MusicalEvent, SetMovement, SetPad, SetParameter, SetRoutes, SetTempo
from engine.events.modulation import PAD_TOUCH, PAD_X, PAD_Y, Modulation
from engine.events.mpe import Zones
from engine.events.pad import PadPlace
from engine.parameters import PAD_MODES, TABLE, Param, Parameter
from presets.movement import PAD_TARGETS, STILL, USUAL, Movement, Route

_SPRING = PAD_MODES.index("spring")
_FIRST = len(PAD_TARGETS)  # target of the first parameter
_FIRST_EFFECT = _FIRST + len(Param)  # of the first parameter of an effect
_NAMES = [param.name.lower() for param in Param]


class Steering:
    """slots : of voices; tick_s : seconds between two `advance`s; zones : of MPE, changed by others
    mapping : False: nothing but hands moves anything

    parameters : float64 (parameters,), as they sound: written in place
    places : float64 (slots, 2), where each voice stands on the pad
    changed : parameters have changed since the last `advance`
    turned : what controllers have set since a hand did: target of a route -> value, or share of the pad
    now : (seconds, beats) since time zero at which this tick began
    heard : messages of sources so far, and which source spoke last
    """

    def __init__(self, slots: int, tick_s: float, zones: Zones, mapping: bool):
        self._pad = PadPlace(tick_s)
        self._set = np.array([TABLE[param].default for param in Param])  # as hands and controllers have set them
        self.parameters = self._set.copy()
        self.changed = True
        self.turned: dict[str, float] = {}
        self.heard = 0, ""
        self.tempo_bpm = 120.0
        self._modulation = Modulation(slots, _NAMES, tick_s, zones)
        self.places = self._modulation.places
        self._effects: list[tuple[tuple[int, str], Parameter]] = []
        self._effect_stands: Callable[[int, str], float] = lambda slot, name: 0.0
        self._told: list[tuple[int, str, float, bool]] = []
        self._swayed: set[int] = set()  # effects' parameters to which something is added
        self._mapping = mapping
        self._added = False  # whether anything is added to parameters
        self.now = self._next = 0.0, 0.0
        self._tick_s = tick_s
        if not mapping:
            self._modulation.set_usual(())

    @property
    def pad(self) -> tuple[float, float]:
        """(x, y) where it stands, smoothed."""
        return self._pad.now

    def set_effects(self, rows: dict[tuple[int, str], Parameter], stands: Callable[[int, str], float]) -> None:
        """Which parameters of effects there are, by slot and name, and how to know where they are set."""
        self._effects, self._effect_stands = list(rows.items()), stands
        self._modulation.set_targets([*_NAMES, *(f"{slot}.{name}" for slot, name in rows)])
        self._swayed = set()

    def take_effects(self) -> list[tuple[int, str, float, bool]]:
        """What effects are to be told: (slot, name, value, whether it was set, or only moved for now)."""
        told, self._told = self._told, []
        return told

    # -- hands and presets

    def load(self, pad: tuple[float, float], parameters: np.ndarray, movement: Movement) -> None:
        """A sound begins: what it says holds from now on."""
        self._pad.stand((float(pad[0]), float(pad[1])))
        self._set[:] = self.parameters[:] = parameters
        self.changed = True
        self.turned = {}
        self.set_movement(movement)

    def set_movement(self, movement: Movement) -> None:
        """What moves this sound."""
        self._modulation.set_movement(movement if self._mapping else STILL)

    def set_usual(self, routes: tuple[Route, ...]) -> None:
        """What controllers move in every sound."""
        if self._mapping:
            self._modulation.set_usual(routes)

    def recall(self, channel: int, controls: tuple[tuple[int, int], ...], pressure: int) -> None:
        """See `Sources.recall`."""
        self._modulation.sources.recall(channel, controls, pressure)

    def memory(self) -> list[MusicalEvent]:
        """What brings another to the same controllers, and to where they have put the pad."""
        routes = [SetRoutes(self.usual)] if self.usual != USUAL else []
        pad = [SetPad(*self._pad.target)] if not self.turned.keys().isdisjoint(PAD_TARGETS) else []
        return [*routes, *self._modulation.sources.recalled(), *pad]

    def set_by(self) -> list[MusicalEvent]:
        """What brings the same sound, just loaded, to where hands and controllers have brought it."""
        parameters = [SetParameter(param, float(self._set[param])) for param in Param]
        away = self._pad.target != self._pad.home and not self._pad.returning
        pad = [SetPad(*self._pad.target, touch=True)] if away else []
        return [SetPad(*self._pad.home), *parameters, *pad, SetMovement(self.movement), SetTempo(self.tempo_bpm)]

    @property
    def movement(self) -> Movement:
        return self._modulation.movement

    @property
    def usual(self) -> tuple[Route, ...]:
        return self._modulation.usual

    def set_pad(self, x: float, y: float, touch: bool = False) -> None:
        """A hand moves the pad. Numbers out of range are clamped, others ignored.

        touch : a finger that will be lifted; until then the place is not its home
        """
        if not (math.isfinite(x) and math.isfinite(y)):
            return
        place = min(max(float(x), 0.0), 1.0), min(max(float(y), 0.0), 1.0)
        if touch:
            self._pad.touch(place)
            self._modulation.let_go_of(PAD_X, PAD_Y)
        else:
            self._pad.stand(place)
            self._take(PAD_X, PAD_Y)

    def lift(self) -> None:
        """The finger is gone: the pad goes home, or that is its home now."""
        if self._springs:
            self.go_home()
        else:
            self._pad.stand(self._pad.target)

    @property
    def _springs(self):
        return round(self._set[Param.PAD_MODE]) == _SPRING

    def set_parameter(self, param: Param, value: float) -> None:
        """A hand turns a knob; as `set_pad`."""
        if param in TABLE and math.isfinite(value):
            self._put(param, TABLE[param].clamp(value))
            self._take(_FIRST + param)

    def take_effect(self, slot: int, name: str) -> None:
        """A hand turns a knob of an effect."""
        row = self._modulation.find(f"{slot}.{name}")
        if row is not None:
            self._take(row)

    def _take(self, *targets):
        self._modulation.let_go_of(*targets)
        rows = {name: self._modulation.find(name) for name in self.turned}
        self.turned = {name: value for name, value in self.turned.items() if rows[name] not in targets}

    # -- what is played

    def reset(self) -> None:
        """Time zero; nobody has played. Pad and parameters stay."""
        self.now = self._next = 0.0, 0.0
        self._modulation.reset()
        self.arrive()

    def copy(self, other: "Steering") -> None:
        """The controllers, and what they move in every sound, are the other's."""
        self.tempo_bpm = other.tempo_bpm
        self._modulation.copy(other._modulation)

    def resume(self, other: "Steering") -> None:
        """Pad, parameters and what moves the sound stand as the other's do, whoever has set them."""
        self.set_movement(other.movement)
        self._pad.stand(other._pad.home)
        if not other._pad.returning:
            self._pad.touch(other._pad.target)
        self._set[:] = self.parameters[:] = other._set
        self.changed, self.turned = True, other.turned
        self.heard = other.heard

    def start(self, slot: int, channel: int, number: int, note: int, velocity: int, levels: np.ndarray) -> None:
        """A note begins; it has its place at once. number : notes started before it; levels : as of `advance`"""
        self._modulation.start(slot, channel, number, note, velocity, self.now)
        self._modulation.place(np.array([slot]), self.pad, levels, self.now)

    def release(self, slot: int, velocity: int) -> None:
        """The key came up so fast, 0..127."""
        self._modulation.release(slot, velocity)

    def part(self, slot: int) -> None:
        """Its channel moves it no more, its master still does."""
        self._modulation.part(slot)

    def press(self, slot: int, value: int) -> None:
        """Polyphonic pressure, 0..127."""
        self._modulation.press(slot, value)

    def control(self, channel: int, control: int, value: int, slots: Sequence[int]) -> None:
        """A control change. slots : of the keys that are down on the channel"""
        self._hear(f"cc{control}", self._modulation.control(channel, control, value, slots, self._stands))

    def pressure(self, channel: int, value: int, slots: Sequence[int]) -> None:
        """Channel pressure, 0..127; slots as of `control`."""
        self._hear("pressure", self._modulation.pressed(channel, value, slots, self._stands))

    def bend(self, channel: int, bend: float, slots: Sequence[int]) -> None:
        """Pitch bend, -1..1; slots as of `control`."""
        self._hear("bend", self._modulation.bent(channel, bend, slots, self._stands))

    def rest(self, channel: int) -> None:
        """Whoever played there is gone."""
        self._modulation.rest(channel)

    def go_home(self) -> None:
        """The pad goes back to where a hand or the sound has put it."""
        self._pad.go_home(self._set[Param.PAD_RETURN_MS] if self._springs else 0.0)
        if not self.turned.keys().isdisjoint(PAD_TARGETS):
            self.turned = self.turned | dict(zip(PAD_TARGETS, self._pad.home, strict=False))

    def _hear(self, source, shares):
        """A source has spoken, and has set these targets."""
        self.heard = self.heard[0] + 1, source
        for target, share in shares:
            if target in (PAD_X, PAD_Y):
                self._push(target, share)
            elif target == PAD_TOUCH:
                if share < 0.5:
                    self.lift()
            elif target >= _FIRST_EFFECT:
                (slot, name), row = self._effects[target - _FIRST_EFFECT]
                self._told.append((slot, name, row.at(share), True))
                self.turned = self.turned | {f"{slot}.{name}": row.at(share)}
            elif target >= _FIRST:
                param = Param(target - _FIRST)
                self._put(param, TABLE[param].at(share))
                self.turned = self.turned | {_NAMES[param]: float(self._set[param])}

    def _push(self, axis, share):
        """A controller moves the pad. Where a spring will take it back, that is nothing to be kept."""
        x, y = self._pad.target
        self._pad.touch((share, y) if axis == PAD_X else (x, share))
        if not self._springs:
            self.turned = self.turned | {PAD_TARGETS[axis]: share}

    def _stands(self, target):
        """Share of its range that a target is set to."""
        if target in (PAD_X, PAD_Y):
            return self._pad.target[target]
        if target >= _FIRST_EFFECT:
            address, row = self._effects[target - _FIRST_EFFECT]
            return row.share(self._effect_stands(*address))
        return TABLE[Param(target - _FIRST)].share(self._set[target - _FIRST]) if target >= _FIRST else 0.0

    def _put(self, param, value):
        self._set[param] = self.parameters[param] = value
        self.changed = True

    # -- what comes of it

    def advance(self, slots: np.ndarray, levels: np.ndarray) -> None:
        """A tick begins: renew pad, places and parameters.

        slots : int64 (n,), that sound; levels : float64 (all slots,), of their envelopes, 0..1
        """
        self._pad.advance()
        self.now = seconds, beats = self._next
        self._next = seconds + self._tick_s, beats + self._tick_s * self.tempo_bpm / 60.0
        self._modulation.place(slots, self.pad, levels, self.now)
        self._modulation.advance(levels, self.now)
        self._add()

    @property
    def next_beat(self) -> float:
        """At which the next tick begins."""
        return self._next[1]

    def arrive(self) -> None:
        """Nothing sounds: the pad need not glide."""
        self._pad.arrive()

    def _sway(self, shares):
        """Effects go where what is added takes them, and in the end back to where they are set."""
        if not (self._swayed or shares.any()):
            return
        swaying = set(np.flatnonzero(shares).tolist())
        for at in swaying | self._swayed:
            (slot, name), row = self._effects[at]
            stands = self._effect_stands(slot, name)
            value = row.at(row.share(stands) + shares[at]) if at in swaying else stands
            self._told.append((slot, name, value, False))
        self._swayed = swaying

    def _add(self):
        self._sway(self._modulation.shares[len(_NAMES) :])
        shares = self._modulation.shares[: len(_NAMES)]
        if not (self._added or shares.any()):
            return
        self._added, self.changed = bool(shares.any()), True
        for param, share in zip(Param, shares, strict=True):
            value = self._set[param]
            self.parameters[param] = TABLE[param].at(TABLE[param].share(value) + share) if share else value
