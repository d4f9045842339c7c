"""The preset being played, and what the player changed since it was loaded or saved."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from common.errors import PresetError
from engine.parameters import TABLE, Param
from presets.effects import Slot
from presets.movement import STILL, Movement
from presets.pad import CORNERS, POINTS, Place, Spot, replaced
from presets.preset import EmbeddingSet, Preset


@dataclass(frozen=True, eq=False)
class Moment:
    """All of a session at one time, to come back to; fields as of Session. Nothing in it ever changes."""

    preset: Preset | None
    path: Path | None
    corners: tuple[EmbeddingSet, ...]
    pad: tuple[float, float]
    parameters: dict[Param, float]
    effects: tuple[Slot, ...] | None = None
    movement: Movement = STILL
    places: tuple[Place, ...] = POINTS

    def equals(self, other: "Moment") -> bool:
        """Whether both are one preset with the same sounds and places, pad, parameters, effects and movement."""
        names = "path", "pad", "parameters", "effects", "movement", "places"
        rest = [[getattr(each, name) for name in names] for each in (self, other)]
        return self.preset is other.preset and self.sounds_as(other) and rest[0] == rest[1]

    def snapshot(self) -> Preset | None:
        """The preset as it sounded then. Parameters that this version does not know are kept."""
        if self.preset is None:
            return None
        known = {param.name.lower(): value for param, value in self.parameters.items()}
        parameters = self.preset.parameters | known
        return replace(
            self.preset, corners=self.corners, pad=self.pad, parameters=parameters, effects=self.effects,
            movement=self.movement, places=self.places,
        )  # fmt: skip

    def sounds_as(self, other: "Moment") -> bool:
        """Whether only places, pad, parameters and effects may differ."""
        pairs = zip(self.corners, other.corners, strict=False)
        return len(self.corners) == len(other.corners) and all(same_sound(one, another) for one, another in pairs)


class Session:
    """What the window shows and saves.

    preset : as it is on disk; None where there is none yet
    path : its file; None where it is in none, such as after it was deleted
    corners : its sounds, or what the player put in their place; places : where they stand on the pad
    pad : (x, y) as the player asked for it
    parameters : every row of the parameter table, in its unit
    effects : the chain, first slot first; None: the preset says nothing of effects, and there are none
    movement : what moves pad and parameters
    """

    def __init__(self):
        self.preset: Preset | None = None
        self.path: Path | None = None
        self.corners: tuple[EmbeddingSet, ...] = ()
        self.places: tuple[Place, ...] = POINTS
        self.pad = (0.5, 0.5)
        self.parameters = {param: row.default for param, row in TABLE.items()}
        self.effects: tuple[Slot, ...] | None = None
        self.movement = STILL

    @property
    def moment(self) -> Moment:
        parameters = dict(self.parameters)
        return Moment(
            self.preset, self.path, self.corners, self.pad, parameters, self.effects, self.movement, self.places
        )

    def go(self, moment: Moment) -> None:
        """Be again as at another moment."""
        self.preset, self.path, self.corners, self.pad = moment.preset, moment.path, moment.corners, moment.pad
        self.parameters, self.effects = dict(moment.parameters), moment.effects
        self.movement, self.places = moment.movement, moment.places

    def load(self, preset: Preset, path: Path | None) -> None:
        """Take over a preset; what it does not set is at its default."""
        self.preset, self.path = preset, path
        self.restore(preset)

    def restore(self, state: Preset) -> None:
        """Take over all but name and file, as changes to the preset that is loaded."""
        self._take_sounds(state)
        self.pad = state.pad
        self.parameters = parameters_of(state)
        self.effects, self.movement = state.effects, state.movement

    def put_sound(self, spot: Spot, sound: EmbeddingSet) -> None:
        """Put a sound on the pad. Raises PresetError where it is for another model than its neighbours."""
        state = self.snapshot()
        if state is None:
            raise PresetError("load a preset first; the sound goes onto its pad")
        self._take_sounds(state.with_sound(spot, sound))

    def move_sound(self, row: int, place: Place) -> None:
        """Let a sound stand elsewhere on the pad."""
        self.places = replaced(self.places, row, place)

    def remove_sound(self, row: int) -> None:
        """Take a sound from the pad. Raises PresetError where it is the last."""
        state = self.snapshot()
        if state is not None:
            self._take_sounds(state.without_sound(row))

    def _take_sounds(self, state: Preset):
        self.corners, self.places = state.corners, state.places

    @property
    def changed(self) -> bool:
        """True where saving would write something else than what is on disk."""
        if self.preset is None:
            return False
        sounds = zip(self.corners, self.preset.corners, strict=False)
        return (
            self.path is None
            or self.places != self.preset.places
            or self.pad != self.preset.pad
            or self.parameters != parameters_of(self.preset)
            or self.effects != self.preset.effects
            or self.movement != self.preset.movement
            or not all(same_sound(sound, saved) for sound, saved in sounds)
        )

    @property
    def title(self) -> str:
        """The preset's name, with an asterisk where something is unsaved."""
        name = self.preset.name if self.preset else "No preset"
        return name + "*" * self.changed

    @property
    def corner_names(self) -> tuple[str, ...]:
        """The sounds; empty names without a preset."""
        return tuple(corner.name for corner in self.corners) if self.preset else ("",) * CORNERS

    def snapshot(self) -> Preset | None:
        """The preset as it sounds now; None where there is none."""
        return self.moment.snapshot()


def parameters_of(preset: Preset) -> dict[Param, float]:
    """Values of all rows of the table, inside their ranges."""
    return {param: row.clamp(preset.parameters.get(param.name.lower(), row.default)) for param, row in TABLE.items()}


def same_sound(one: EmbeddingSet, other: EmbeddingSet) -> bool:
    """True for equal sounds; most are the same object."""
    if one is other:
        return True
    rest = [(each.name, each.pitches, each.velocities, each.loop, each.release, each.decay_db_per_s)
            for each in (one, other)]  # fmt: skip
    return rest[0] == rest[1] and np.array_equal(one.latents, other.latents)
