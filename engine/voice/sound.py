"""A preset packed for playing: plain contiguous arrays that the trajectory kernel reads."""

from dataclasses import dataclass

import numpy as np

from common.errors import PresetError
from engine.parameters import TABLE, Param
from models.config import Playable, told_pitch
from presets.movement import STILL, Movement
from presets.pad import CORNERS, Layout
from presets.preset import EmbeddingSet, Preset

_MIDI_NUMBERS = 128
PIANO = range(21, 109)
SOURCE_RANGE = 24  # semitones from a key to the note that is repitched for it, at most (varispeed.py: 1/4 to 4)

# One corner's place in `Sound.latents`, and its times in frames.
CORNER = np.dtype(
    [
        ("offset", np.int64),  # row of its first frame
        ("pitches", np.int64),
        ("velocities", np.int64),
        ("frames", np.int64),
        ("loop_start", np.float64),
        ("loop_end", np.float64),
        ("release", np.float64),
        ("fall_db", np.float64),  # per frame, from the loop's start on
    ],
    align=True,
)


@dataclass(frozen=True)
class Sound:
    """What the voices of one preset read.

    name : the preset's
    latents : float32 (rows, latent); row = offset + (pitch * velocities + velocity) * frames + frame
    corners : CORNER (points,), in the order of the preset's
    pitches, velocities : float64 (points, 128), the MIDI numbers of the corners' axes, as many as `corners` says
    sources : int64 (points, 128), which of its notes a corner plays for a key where the latents hold the pitch
    layout : where its sounds stand on the pad
    pad : (x, y) in 0..1
    parameters : float64 (parameters,), rows of the parameter table; defaults where the preset says nothing
    movement : see Preset; preset : what it was made of
    """

    name: str
    latents: np.ndarray
    corners: np.ndarray
    pitches: np.ndarray
    velocities: np.ndarray
    sources: np.ndarray
    layout: Layout
    pad: tuple[float, float]
    parameters: np.ndarray
    movement: Movement = STILL
    preset: Preset | None = None

    @classmethod
    def from_preset(cls, preset: Preset, config: Playable) -> "Sound":
        """Pack a preset for a decoder of this config.

        Raises PresetError naming the corner that does not fit the decoder, or the parameter that is unknown or out of
        range. All else a Preset has checked itself.
        """
        for embedding in preset.corners:
            size = embedding.latents.shape[-1]
            if size != config.latent:
                raise PresetError(
                    f"preset {preset.name}: the latents of {embedding.name} have {size} channels and the model has"
                    f" {config.latent}; choose the weights that it was made with"
                )
        return cls(
            name=preset.name,
            latents=np.concatenate(
                [np.asarray(corner.latents, np.float32).reshape(-1, config.latent) for corner in preset.corners]
            ),
            corners=_corners(preset, config),
            pitches=_axes([corner.pitches for corner in preset.corners]),
            velocities=_axes([corner.velocities for corner in preset.corners]),
            sources=_sources([corner.pitches for corner in preset.corners]),
            layout=Layout(preset.places),
            pad=(float(preset.pad[0]), float(preset.pad[1])),
            parameters=_parameters(preset),
            movement=preset.movement,
            preset=preset,
        )

    @classmethod
    def blank(cls, config: Playable) -> "Sound":
        """All zeros, one frame a corner: what sounds before anything was loaded."""
        corner = EmbeddingSet("blank", np.zeros((1, 1, 1, config.latent), np.float32))
        return cls.from_preset(Preset("blank", (corner,) * CORNERS), config)


def recorded_release_ms(preset: Preset, config: Playable) -> float:
    """The longest release that its sounds were recorded with, at their own speed; 0 where one has none and rings on."""
    rests = [corner.latents.shape[2] - 1 - corner.release for corner in preset.corners]
    return max(rests) * config.hop / config.rate * 1000 if min(rests) > 0 else 0.0


def pitch_notice(preset: Preset, config: Playable) -> str:
    """One line on the keys of a piano that these weights cannot play in tune with it; empty where there are none."""
    if told_pitch(config):
        return ""
    axes = [corner.pitches for corner in preset.corners]
    rows = _sources(axes)
    notes = np.array([np.array(axis)[row] for axis, row in zip(axes, rows, strict=True)])
    far = _keys(np.abs(notes - np.arange(_MIDI_NUMBERS)).max(0) > SOURCE_RANGE)
    apart = _keys(np.ptp(notes, axis=0) > 0)
    lines = (
        f"keys {far} lie more than two octaves from its notes and stay within two octaves" if far else "",
        f"at keys {apart} its sounds have no note in common, so between the pad's corners they blur" if apart else "",
    )
    told = "; ".join(line for line in lines if line)
    return f"preset {preset.name}: {told}" if told else ""


def _keys(chosen) -> str:
    """Those of a piano's keys that are chosen, as "21-35, 85-108"."""
    keys = [key for key in PIANO if chosen[key]]
    first = [key for key in keys if key - 1 not in keys]
    last = [key for key in keys if key + 1 not in keys]
    return ", ".join(f"{low}-{high}" if low < high else str(low) for low, high in zip(first, last, strict=True))


def _corners(preset: Preset, config: Playable) -> np.ndarray:
    corners = np.zeros(len(preset.corners), CORNER)
    offset = 0
    for index, embedding in enumerate(preset.corners):
        pitches, velocities, frames, _ = embedding.latents.shape
        # Either sign reads as a fall, because a held note must not grow without bound.
        fall_db = -abs(embedding.decay_db_per_s) * config.hop / config.rate
        loop_start, loop_end = embedding.loop
        release = min(embedding.release, frames - 1)  # a sound without release frames goes on
        corners[index] = (offset, pitches, velocities, frames, loop_start, loop_end, release, fall_db)
        offset += pitches * velocities * frames
    return corners


def _axes(axes) -> np.ndarray:
    table = np.zeros((len(axes), _MIDI_NUMBERS))
    for row, numbers in zip(table, axes, strict=True):
        row[: len(numbers)] = numbers
    return table


def _sources(axes) -> np.ndarray:
    shared = set.intersection(*map(set, axes))
    rows = np.zeros((len(axes), _MIDI_NUMBERS), np.int64)
    for key in range(_MIDI_NUMBERS):
        notes = _source_notes(axes, shared, key)
        rows[:, key] = [axis.index(note) for axis, note in zip(axes, notes, strict=True)]
    return rows


def _source_notes(axes, shared, key) -> list[int]:
    """The nearest note that all corners have, so that what the pad mixes has one pitch.

    Where it is out of range, or there is none, each corner's own nearest, if these are in range: then the pad's corners
    are in tune, and what is between them has the pitch between theirs.
    """
    own = [_nearest(axis, key) for axis in axes]
    common = [_nearest(shared, key)] * len(axes) if shared else own
    return own if _distance(common, key) > SOURCE_RANGE >= _distance(own, key) else common


def _distance(notes, key) -> int:
    return max(abs(note - key) for note in notes)


def _nearest(notes, key) -> int:
    """The higher one of two that are as near: its stream is read slower, so it costs less."""
    return min(notes, key=lambda note: (abs(note - key), -note))


def _parameters(preset: Preset) -> np.ndarray:
    values = np.array([TABLE[param].default for param in Param])
    for name, value in preset.parameters.items():
        param = Param.__members__.get(name.upper())
        if param is None or name != name.lower():
            raise PresetError(f"preset {preset.name}: unknown parameter {name!r}; was it written by a newer version?")
        row = TABLE[param]
        if not row.minimum <= value <= row.maximum:
            raise PresetError(
                f"preset {preset.name}: {name} is {value}; it must be from {row.minimum} to {row.maximum} {row.unit}"
            )
        values[param] = value
    return values
