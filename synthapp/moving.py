"""What moves a sound, as the window shows and changes it: the orbit, the gesture, and what routes are called."""

from dataclasses import dataclass

import msgspec

from engine.parameters import TABLE, Param, Parameter
from presets.effects import Slot
from presets.movement import MOST_POINTS, Lfo, Movement, Path, Route
from synthapp import chain

ORBIT = {
    "rate_hz": Parameter("Orbit", "Hz", 0.01, 10.0, 0.25, scale="log"),
    "size": Parameter("Size", "", 0.0, 1.0, 0.0),
    "spread": Parameter("Apart", "", 0.0, 1.0, 0.0),
}
PAD = {"pad_x": "Pad X", "pad_y": "Pad Y", "pad_centre": "Pad’s middle", "pad_touch": "Pad’s touch"}
SHORTEST_S = 0.02  # between two points of a gesture
_AXES = ("lfo1", "pad_x"), ("lfo2", "pad_y")


@dataclass(frozen=True)
class Orbit:
    """A circle on the pad: two LFOs a quarter of a cycle apart.

    rate_hz : rounds a second; size : of it, as a share of the pad's side; spread : share of a round from note to note
    """

    rate_hz: float = ORBIT["rate_hz"].default
    size: float = 0.0
    spread: float = 0.0

    @classmethod
    def of(cls, movement: Movement) -> "Orbit":
        """The one that a sound has; one of no size where it has none."""
        depths = [route.depth for route in movement.routes if (route.source, route.target) == _AXES[0]]
        if not depths or len(movement.lfos) < 2:
            return cls()
        return cls(movement.lfos[0].rate_hz, 2.0 * depths[0], movement.lfos[0].spread)

    def put_into(self, movement: Movement) -> Movement:
        """The movement with this orbit instead of its own."""
        others = tuple(route for route in movement.routes if (route.source, route.target) not in _AXES)
        axes = tuple(Route(source, target, depth=self.size / 2.0) for source, target in _AXES) if self.size else ()
        lfos = tuple(Lfo(rate_hz=self.rate_hz, phase=phase, spread=self.spread) for phase in (0.0, 0.25))
        return msgspec.structs.replace(movement, routes=others + axes, lfos=lfos + movement.lfos[2:])


class Gesture:
    """Places on the pad with their time, as a hand brings them."""

    def __init__(self):
        self._points: list[tuple[float, float, float]] = []

    def add(self, second: float, x: float, y: float) -> None:
        """The pad was moved there. second : on any clock that goes on"""
        if not self._points or second - self._points[-1][0] >= SHORTEST_S:
            self._points.append((second, x, y))

    def path(self, second: float) -> Path | None:
        """What was drawn until then; None where nothing was."""
        if len(self._points) < 2:
            return None
        begin, points = self._points[0][0], self._points[: MOST_POINTS - 1]
        last = points[-1]
        if second - last[0] >= SHORTEST_S:
            points = [*points, (second, *last[1:])]
        return Path(tuple((time - begin, x, y) for time, x, y in points), loop=True)


def label_of(target: str, effects: tuple[Slot, ...] = ()) -> str:
    """What a target of a route is called. effects : of the chain, whose parameters may be targets"""
    if target in PAD:
        return PAD[target]
    for slot in effects:
        name = target.removeprefix(f"{slot.id}.")
        if name != target and name in chain.rows(slot):
            return f"{chain.label(slot)} {chain.rows(slot)[name].label.lower()}"
    param = Param.__members__.get(target.upper())
    return target if param is None else TABLE[param].label


def text_of(route: Route, effects: tuple[Slot, ...] = ()) -> str:
    """'CC20 → Release'"""
    source = route.source.upper() if route.source.startswith(("cc", "lfo")) else route.source.capitalize()
    return f"{source} → {label_of(route.target, effects)}"


def learnt(routes: tuple[Route, ...], source: str, target: str) -> tuple[Route, ...]:
    """With another route: a source that a hand moves sets the target, once it has come to where that stands."""
    return (*forgotten(routes, target), Route(source, target, sets=True, take_over=target not in PAD))


def forgotten(routes: tuple[Route, ...], target: str) -> tuple[Route, ...]:
    """Without those that set a target."""
    return tuple(route for route in routes if not (route.sets and route.target == target))


def with_routes(movement: Movement, routes: tuple[Route, ...]) -> Movement:
    """With these routes instead of its own."""
    return msgspec.structs.replace(movement, routes=routes)


def with_path(movement: Movement, path: Path | None, **changes) -> Movement:
    """With another path, or with the one that it is given, changed."""
    return msgspec.structs.replace(movement, path=path if path is None else msgspec.structs.replace(path, **changes))
