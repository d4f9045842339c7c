"""One preset: sounds as embeddings over time, and everything else a player set.

Free of engine and window; numpy only. Sounds and presets are valid by construction: PresetError names what is wrong.
"""

import math
from dataclasses import dataclass, field, replace

import numpy as np

from common.errors import PresetError
from presets import effects
from presets.effects import Slot
from presets.movement import STILL, Movement
from presets.pad import POINTS, Place, Spot, check_places, replaced

NAME_LENGTH = 56  # characters of up to 4 bytes each; with what saving adds it still fits a file name of 255 bytes
TAGS = 32
PARAMETERS = 256
FRAMES = 65536
LATENT = 512


def _check_text(what, text):
    if not 0 < len(text) <= NAME_LENGTH or not text.isprintable() or text != text.strip():
        raise PresetError(f"{what} {text[: NAME_LENGTH + 1]!r} must be 1 to {NAME_LENGTH} printable characters")


@dataclass(frozen=True, eq=False)
class EmbeddingSet:
    """One sound: what the encoder made of its notes.

    name : shown on the pad
    latents : float32 (pitches, velocities, frames, latent), finite
    pitches, velocities : MIDI numbers of the first two axes, ascending; pitches may be one where the decoder is
        told the pitch
    loop : (first, last) frame of the sustain loop, inside the held part
    release : frame at which the key was let go
    decay_db_per_s : how fast the held sound fades by itself (0: it does not); from `loop[0]` on the latents are
        stored without this slope, so that the loop can go round
    """

    name: str
    latents: np.ndarray
    pitches: tuple[int, ...] = (60,)
    velocities: tuple[int, ...] = (100,)
    loop: tuple[int, int] = (0, 0)
    release: int = 0
    decay_db_per_s: float = 0.0

    def __post_init__(self):
        _check_text("sound name", self.name)
        self._check_axes()
        self._check_times()
        if not np.isfinite(self.latents).all():
            raise PresetError(f"sound {self.name!r}: its latents contain NaN or infinity")

    def _check_axes(self):
        shape = self.latents.shape
        if self.latents.dtype != np.float32 or len(shape) != 4:
            raise PresetError(f"sound {self.name!r}: latents are {self.latents.dtype} {shape}, not float32 with 4 axes")
        if not 1 <= shape[2] <= FRAMES or not 1 <= shape[3] <= LATENT:
            raise PresetError(
                f"sound {self.name!r}: {shape[2:]} frames and latents; up to {FRAMES} and {LATENT} may be"
            )
        for axis, numbers in ((0, self.pitches), (1, self.velocities)):
            if len(numbers) != shape[axis] or list(numbers) != sorted({n for n in numbers if 0 <= n <= 127}):
                what = ("pitches", "velocities")[axis]
                raise PresetError(f"sound {self.name!r}: {what} must be {shape[axis]} ascending MIDI numbers, 0 to 127")

    def _check_times(self):
        frames = self.latents.shape[2]
        first, last = self.loop
        if not 0 <= first <= last < frames or not 0 <= self.release <= frames:
            times = f"loop {tuple(self.loop)} and release {self.release}"
            raise PresetError(f"sound {self.name!r}: {times} do not fit its {frames} frames")
        if not math.isfinite(self.decay_db_per_s):
            raise PresetError(f"sound {self.name!r}: decay_db_per_s is {self.decay_db_per_s}; it must be a number")


@dataclass(frozen=True)
class Summary:
    """What a list shows of a preset; corners are the names of its sounds, and these stand at the places."""

    name: str
    tags: tuple[str, ...]
    corners: tuple[str, ...]
    places: tuple[Place, ...] = POINTS


@dataclass(frozen=True, eq=False)
class Preset:
    """All that a sound needs to come back.

    name, tags, author : for the list
    corners : its sounds, all of one latent size
    places : where they stand on the pad, (x, y) in 0..1 each; most presets have four, in the pad's corners
    model : fingerprint of the weights whose latents these are; empty: any of the same latent size
    pad : (x, y) in 0..1
    parameters : name -> value in natural units, the names of the engine's parameter table in lower case
    effects : the chain, first slot first; None: the preset says nothing of effects
    movement : what moves its pad and its parameters by itself, and by controllers
    """

    name: str
    corners: tuple[EmbeddingSet, ...]
    tags: tuple[str, ...] = ()
    author: str = ""
    model: str = ""
    pad: tuple[float, float] = (0.5, 0.5)
    parameters: dict[str, float] = field(default_factory=dict)
    effects: tuple[Slot, ...] | None = None
    movement: Movement = STILL
    places: tuple[Place, ...] = POINTS

    def __post_init__(self):
        self._check_texts()
        self._check_corners()
        if not all(0 <= position <= 1 for position in self.pad) or len(self.pad) != 2:
            raise PresetError(f"preset {self.name!r}: pad is {tuple(self.pad)}; both positions must be 0 to 1")
        if len(self.parameters) > PARAMETERS:
            raise PresetError(f"preset {self.name!r}: {len(self.parameters)} parameters; {PARAMETERS} may be")
        for name, value in self.parameters.items():
            _check_text("parameter", name)
            if not math.isfinite(value):
                raise PresetError(f"preset {self.name!r}: parameter {name} is {value}; it must be a number")
        self._check_effects()

    def _check_effects(self):
        try:
            effects.check(self.effects or ())
        except PresetError as error:
            raise PresetError(f"preset {self.name!r}: {error}") from error

    def with_sound(self, spot: Spot, sound: EmbeddingSet) -> "Preset":
        """The same with a sound in the place of another, or at a place of its own. Raises PresetError as always."""
        if isinstance(spot, int):
            if spot >= len(self.corners):
                raise PresetError(f"preset {self.name!r}: there is no sound {spot + 1}; it has {len(self.corners)}")
            return replace(self, corners=replaced(self.corners, spot, sound))
        return replace(self, corners=(*self.corners, sound), places=(*self.places, spot))

    def without_sound(self, row: int) -> "Preset":
        """The same without a sound. Raises PresetError where it is the last."""
        if len(self.corners) == 1:
            raise PresetError(f"“{self.corners[row].name}” is the only sound on the pad and stays")
        corners, places = self.corners, self.places
        return replace(self, corners=corners[:row] + corners[row + 1 :], places=places[:row] + places[row + 1 :])

    def fits(self, model: str) -> bool:
        """Whether its sounds are for the weights with that fingerprint; an empty one stands for any."""
        return not model or self.model in ("", model)

    def check_model(self, model: str) -> None:
        """Raises PresetError where its sounds are for other weights than those with that fingerprint."""
        if not self.fits(model):
            raise PresetError(f"preset {self.name!r} was made with other weights; choose those with --weights")

    def without_weights(self) -> PresetError:
        """What to raise where the weights that it was made with are not to be had."""
        return PresetError(
            f"preset {self.name!r} was made with other weights, which are not here; import them, or choose --weights"
        )

    def _check_texts(self):
        _check_text("preset name", self.name)
        if len(self.tags) > TAGS:
            raise PresetError(f"preset {self.name!r}: {len(self.tags)} tags; {TAGS} may be")
        for tag in self.tags:
            _check_text("tag", tag)
        for what, text in (("author", self.author), ("model", self.model)):
            if text:
                _check_text(what, text)

    def _check_corners(self):
        try:
            check_places(len(self.corners), self.places)
        except ValueError as error:
            raise PresetError(f"preset {self.name!r}: {error}") from error
        sizes = sorted({corner.latents.shape[3] for corner in self.corners})
        if len(sizes) > 1:
            raise PresetError(f"preset {self.name!r}: its corners have different latent sizes, {sizes}")
