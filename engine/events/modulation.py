"""Sources move targets: each voice its own place on the pad, all of them the parameters.

    sources.py (what controllers, key strokes and LFOs say) -> routes -> places (a voice each), shares (of parameters)

A route that sets moves its target as a hand would, whenever its controller speaks; the others are added once a tick.
On a channel of MPE that holds single notes, what sets the pad sets the place of that channel's note alone.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numba import njit

from common.smoothing import one_pole
from engine.commands import CHANNELS
from engine.events.mpe import Zones
from engine.events.sources import BEND, NAMES, PRESSURE, UNSAID, Sources, said
from presets.movement import PAD_TARGETS, STILL, USUAL, Movement, Route

PAD_X, PAD_Y, PAD_CENTRE, PAD_TOUCH = range(len(PAD_TARGETS))
SMOOTHING_MS = 8.0  # of what is added
_RESTS = {1: 0, 74: 64}  # what these controls say where nobody has moved them
_NEAR = 2.5 / 127  # a source takes over where it comes so close to its target
_ARRIVED = 1e-5
ROUTE = np.dtype(
    [("source", np.int64), ("target", np.int64), ("depth", np.float64), ("exponent", np.float64)], align=True
)
PATH = np.dtype([("beats", np.bool_), ("loop", np.bool_), ("per_note", np.bool_)], align=True)


class Modulation:
    """targets : names of the parameters that can be moved, besides the pad's own; tick_s : seconds between `advance`s
    zones : of MPE, changed by others

    places : float64 (slots, 2), (x, y) of each voice on the pad
    shares : float64 (targets,), what is added to each parameter, as shares of its range
    usual : the routes of every sound; movement : of this one
    """

    def __init__(self, slots: int, targets: Sequence[str], tick_s: float, zones: Zones):
        self.sources = Sources(slots, zones.masters)
        self.places = np.zeros((slots, 2))
        self.shares = np.zeros(len(targets))
        self._zones = zones
        self._rows = {name: row for row, name in enumerate((*PAD_TARGETS, *targets))}
        self._keep = 1.0 - one_pole(SMOOTHING_MS, 1.0 / tick_s)
        self._own = np.full((slots, 2), UNSAID)  # places that MPE gave to single notes
        self._channel_own = np.full((CHANNELS, 2), UNSAID)  # and will give to the next
        self._shifts = np.zeros((CHANNELS, 2))  # that masters of MPE give to all notes of their zone
        self._bases = np.zeros((slots, 2))  # the pad, or the own places, smoothed
        self._offsets = np.zeros((slots, 2))  # of the places from there, smoothed
        self._fresh = np.ones(slots, np.bool_)
        self._newest = 0  # the slot whose sources move parameters
        self.movement: Movement = STILL
        self.usual: tuple[Route, ...] = USUAL
        self._held: set[Route] = set()  # of those that must take over: they have
        self._last: dict[Route, float] = {}  # the share that they set last, or would have
        self._prepare()

    # -- what is routed

    def set_targets(self, targets: Sequence[str]) -> None:
        """There are other parameters now, such as those of effects."""
        self._rows = {name: row for row, name in enumerate((*PAD_TARGETS, *targets))}
        self.shares = np.zeros(len(targets))
        self._prepare()

    def set_movement(self, movement: Movement) -> None:
        """Of the sound that plays from now on."""
        self.movement = movement
        self._prepare()

    def set_usual(self, routes: tuple[Route, ...]) -> None:
        """What holds for every sound, but where that routes the same source to the same target."""
        self.usual = routes
        self._prepare()

    def _prepare(self):
        movement = self.movement
        particular = {(route.source, route.target) for route in movement.routes}
        usual = [route for route in self.usual if (route.source, route.target) not in particular]
        routes = [route for route in (*movement.routes, *usual) if route.source in NAMES and route.target in self._rows]
        self._setting: dict[int, list[Route]] = {}
        for route in routes:
            if route.sets:
                self._setting.setdefault(NAMES[route.source], []).append(route)
        added = [route for route in routes if not route.sets]
        self._added = np.zeros(len(added), ROUTE)
        for row, route in enumerate(added):
            self._added[row] = (NAMES[route.source], self._rows[route.target], route.depth, _exponent(route.curve))
        self._points = np.array(movement.path.points if movement.path else [(0, 0, 0)], np.float64)
        self._path = np.zeros(1, PATH)
        if movement.path:
            self._path[0] = (movement.path.in_beats, movement.path.loop, movement.path.per_note)
        self._wanted = np.zeros_like(self.shares)
        self.sources.set_lfos(movement.lfos)
        self._held.clear()

    # -- what is played

    def reset(self) -> None:
        """As if nobody had ever played."""
        self.sources.reset()
        self._own[:] = self._channel_own[:] = UNSAID
        self._shifts[:] = 0.0
        self._offsets[:] = self.shares[:] = 0.0
        self._fresh[:] = True
        self._held.clear()
        self._last.clear()

    def copy(self, other: "Modulation") -> None:
        """The controllers, the places of MPE's channels and the routes of every sound are the other's."""
        self.sources.copy(other.sources)
        self._channel_own[:], self._shifts[:] = other._channel_own, other._shifts
        self.set_usual(other.usual)

    def start(self, slot: int, channel: int, number: int, note: float, velocity: int, now: tuple[float, float]) -> None:
        """A note begins; see `Sources.start`. Its channel's place is its own."""
        self.sources.start(slot, channel, number, note, velocity, now)
        self._own[slot] = self._channel_own[channel]
        self._fresh[slot], self._newest = True, slot

    def release(self, slot: int, velocity: int) -> None:
        """The key came up so fast, 0..127."""
        self.sources.voices[slot]["release"] = velocity / 127

    def part(self, slot: int) -> None:
        """Its channel moves it no more; see `Sources.part`."""
        self.sources.part(slot)

    def press(self, slot: int, value: int) -> None:
        """Polyphonic pressure."""
        self.sources.voices[slot]["pressure"] = value / 127

    def rest(self, channel: int) -> None:
        """The channel's controllers have said nothing."""
        self.sources.rest(channel)
        self._channel_own[channel] = UNSAID
        self._shifts[channel] = 0.0

    def control(
        self, channel: int, control: int, value: int, slots: Sequence[int], stands: Callable[[int], float]
    ) -> list[tuple[int, float]]:
        """A control change.

        slots : of the keys that are down on the channel; stands : target -> its share now
        returns : (target, share) of what it sets for all; targets as of `row`
        """
        first = self.sources.controls[channel, control] == UNSAID
        about, said = self.sources.control(channel, control, value)
        if first and value == _RESTS.get(control) and not self._zones.members[channel]:
            return []  # songs and keyboards say so to begin with
        return self._set(about, said, channel, slots, stands)

    def pressed(
        self, channel: int, value: int, slots: Sequence[int], stands: Callable[[int], float]
    ) -> list[tuple[int, float]]:
        """Channel pressure, as `control`."""
        self.sources.pressure[channel] = value / 127
        return self._set(PRESSURE, value / 127, channel, slots, stands)

    def bent(
        self, channel: int, bend: float, slots: Sequence[int], stands: Callable[[int], float]
    ) -> list[tuple[int, float]]:
        """Pitch bend, -1..1, as `control`."""
        self.sources.bend[channel] = bend
        return self._set(BEND, 0.5 + 0.5 * bend, channel, slots, stands)

    def find(self, target: str) -> int | None:
        """The number of a target; None where there is none of that name."""
        return self._rows.get(target)

    def let_go_of(self, *targets: int) -> None:
        """Something else has moved these: what sets them must take over again, where it is to."""
        self._held = {route for route in self._held if self._rows[route.target] not in targets}

    def _set(self, source, value, channel, slots, stands):
        """What the routes of a source set for all; the places of single notes are set here."""
        for_all = []
        for route in self._setting.get(source, ()):
            target = self._rows[route.target]
            share = 0.5 + route.depth * (value ** _exponent(route.curve) - 0.5)
            if target in (PAD_X, PAD_Y) and self._zones.members[channel]:
                self._channel_own[channel, target] = share
                self._own[list(slots), target] = share
            elif target in (PAD_X, PAD_Y) and self._zones.of(channel):
                self._shifts[channel, target] = share - 0.5
            elif not route.take_over or self._takes(route, share, stands(target)):
                for_all.append((target, share))
        return for_all

    def _takes(self, route, share, stands):
        """Whether it holds its target: it has come to it, or past it."""
        last = self._last.get(route, share)
        self._last[route] = share
        if route not in self._held and (abs(share - stands) <= _NEAR or (last - stands) * (share - stands) < 0.0):
            self._held.add(route)
        return route in self._held

    # -- what comes of it

    def place(self, slots: np.ndarray, pad: tuple[float, float], levels: np.ndarray, now: tuple[float, float]) -> None:
        """Renew `places` of these slots.

        slots : int64 (n,); pad : (x, y) where it stands for all; levels : float64 (slots,), of the envelopes, 0..1
        now : (seconds, beats)
        """
        _place(
            slots, pad, self._added, self._points, self._path, self.sources.arrays(levels), now, self._keep,
            self._own, self._shifts, self._bases, self._offsets, self._fresh, self.places,
        )  # fmt: skip

    def advance(self, levels: np.ndarray, now: tuple[float, float]) -> None:
        """Renew `shares`: the newest note's sources move them. Arguments as of `place`."""
        _add(self._newest, self._added, self.sources.arrays(levels), now, self._keep, self._wanted, self.shares)


def _exponent(curve: float) -> float:
    return 2.0 ** (2.0 * curve)


@njit(cache=True, nogil=True, error_model="numpy")
def _place(slots, pad, routes, points, path, sources, now, keep, own, shifts, bases, offsets, fresh, places):
    voices, masters = sources[0], sources[4]
    for slot in slots:
        voice, base, offset = voices[slot], bases[slot], offsets[slot]
        for axis in range(2):
            base[axis] = _based(own[slot, axis], pad[axis], base[axis], fresh[slot], keep)
        x, y = _moved(base, shifts[masters[voice.channel]], voice, points, path[0], now)
        x, y = _led(x, y, slot, routes, sources, now)
        offset[0] = _offset(min(max(x, 0.0), 1.0) - base[0], offset[0], fresh[slot], keep)
        offset[1] = _offset(min(max(y, 0.0), 1.0) - base[1], offset[1], fresh[slot], keep)
        for axis in range(2):
            places[slot, axis] = min(max(base[axis] + offset[axis], 0.0), 1.0)
        fresh[slot] = False


@njit(cache=True, nogil=True, error_model="numpy")
def _moved(base, shift, voice, points, path, now):
    """From the base by what the master of MPE says, and along the path."""
    x, y = base[0] + shift[0], base[1] + shift[1]
    if len(points) > 1:
        along, up = _travel(points, path, voice, now)
        x, y = x + along, y + up
    return x, y


@njit(cache=True, nogil=True, error_model="numpy")
def _led(x, y, slot, routes, sources, now):
    """Then by the routes to the pad, and last towards its middle."""
    centre = 0.0
    for route in routes:
        if route.target <= PAD_CENTRE:
            value = _share(route, slot, sources, now)
            x += value if route.target == PAD_X else 0.0
            y += value if route.target == PAD_Y else 0.0
            centre += value if route.target == PAD_CENTRE else 0.0
    centre = min(max(centre, -1.0), 1.0)
    return x + centre * (0.5 - x), y + centre * (0.5 - y)


@njit(cache=True, nogil=True, error_model="numpy")
def _add(newest, routes, sources, now, keep, wanted, shares):
    wanted[:] = 0.0
    for route in routes:
        if route.target > PAD_TOUCH:
            value = _share(route, newest, sources, now)
            wanted[route.target - PAD_TOUCH - 1] += value
    for target in range(shares.size):
        shares[target] = _near(wanted[target], shares[target], keep)


@njit(cache=True, nogil=True, error_model="numpy")
def _share(route, slot, sources, now):
    """What a route adds, as a share of its target's range."""
    value = said(route.source, slot, sources, now)
    if route.exponent != 1.0:
        value = abs(value) ** route.exponent * (1.0 if value >= 0.0 else -1.0)
    return route.depth * value


@njit(cache=True, nogil=True)
def _based(own, pad, now, fresh, keep):
    """Where a voice stands before anything is added: where the pad does, or on its way to its own place."""
    if own == UNSAID:
        return pad
    return own if fresh else _near(own, now, keep)


@njit(cache=True, nogil=True)
def _offset(to, now, fresh, keep):
    return to if fresh else _near(to, now, keep)


@njit(cache=True, nogil=True)
def _near(to, now, keep):
    """One step nearer; there, once it is close."""
    left = (now - to) * keep
    return to if abs(left) < _ARRIVED else to + left


@njit(cache=True, nogil=True, error_model="numpy")
def _travel(points, path, voice, now):
    """How far from its first point the path has come."""
    time = now[1] if path.beats else now[0]
    if path.per_note:
        time -= voice.beat if path.beats else voice.second
    end = points[-1, 0]
    time = time % end if path.loop else min(max(time, 0.0), end)
    after = min(max(np.searchsorted(points[:, 0], time, side="right"), 1), len(points) - 1)
    before = after - 1
    share = (time - points[before, 0]) / (points[after, 0] - points[before, 0])
    x = points[before, 1] + share * (points[after, 1] - points[before, 1])
    y = points[before, 2] + share * (points[after, 2] - points[before, 2])
    return x - points[0, 1], y - points[0, 2]
