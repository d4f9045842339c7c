"""What is recorded of a preset's pad, and the preset that plays the recordings."""

import math
from dataclasses import replace

import numpy as np

from common.errors import PresetError
from engine.decoder.frozen.forming import Plan, grid_weights
from engine.parameters import TABLE, Param
from engine.voice.sound import Sound
from models.config import Playable, told_pitch
from models.frozen import Channel, FrozenConfig
from presets.pad import POINTS, Layout
from presets.preset import NAME_LENGTH, EmbeddingSet, Preset

VELOCITY = 100  # of all recordings
LONGEST_LOOP_S, SHORTEST_LOOP_S = 3.2, 0.25
LONGEST_RELEASE_S = 5.0
CROSSFADE_S = 0.25  # in which a loop's end becomes its start
GAP_S = 0.08  # between loop and release: a period of the lowest key, and what is read beside a place
_ENDING = " frozen"


def make_plan(preset: Preset, config: Playable, side: int, keys: tuple[int, ...]) -> Plan:
    """How a preset for a network of this config is recorded. Loops hold all that the sounds' loops go through.

    keys : MIDI numbers; where the latents hold the pitch, the notes that they hold for these. Raises PresetError.
    """
    frames = config.hop / _speed(preset)  # in samples, as they pass
    start, length, crossfade = _loop(preset, frames, config.rate)
    held = _ticks(start + 1.05 * length + GAP_S * config.rate, config.tick)
    rest = min(max(map(_rest, preset.corners)) * frames, LONGEST_RELEASE_S * config.rate)
    samples = held + _ticks(rest, config.tick)
    release = held if samples > held else 0
    frozen = FrozenConfig(config.rate, config.hop, side, _recorded(preset, config, keys), samples, release)
    return Plan(frozen, (start, length), crossfade, grid_weights(side, preset.places), config.harmonics > 0)


def _loop(preset, frames, rate):
    """(start, length, crossfade) in samples: past every corner's loop start, one round of the longest loop."""
    start = (max(corner.loop[0] for corner in preset.corners) + 1) * frames
    round_ = max(2 * (corner.loop[1] - corner.loop[0]) for corner in preset.corners) * frames
    length = round(min(max(round_, SHORTEST_LOOP_S * rate), LONGEST_LOOP_S * rate))
    crossfade = min(round(CROSSFADE_S * rate), length // 2)
    return max(round(start), crossfade), length, crossfade


def _recorded(preset, config, keys):
    """The keys at which the network plays as it is."""
    if told_pitch(config):
        return tuple(keys)
    sound = Sound.from_preset(preset, config)
    notes = np.take_along_axis(sound.pitches, sound.sources[:, keys], axis=1)  # (corners, keys)
    if (notes != notes[0]).any():
        raise PresetError(f"preset {preset.name!r}: its corners were made of different notes; freeze one whose agree")
    return tuple(sorted({int(note) for note in notes[0]}))


def frozen_preset(preset: Preset, plan: Plan, model: str = "") -> Preset:
    """The preset that plays the recordings: its sounds keep their times and falls, and say where on the grid they are.

    It has four, whatever the preset has: in each corner that which stands nearest to it.
    model : fingerprint of the recordings
    """
    layout = Layout(preset.places)
    corners = tuple(_corner(preset, preset.corners[layout.nearest(*point)], point, plan.config) for point in POINTS)
    name = preset.name[: NAME_LENGTH - len(_ENDING)].rstrip() + _ENDING
    return replace(preset, name=name, corners=corners, places=POINTS, tags=(*preset.tags, "frozen"), model=model)


def _corner(preset, corner, point, config):
    """Where none was recorded but other corners have one, the release is as long as theirs: theirs was recorded."""
    rest = _rest(corner) or max(map(_rest, preset.corners))
    held = min(corner.release, corner.latents.shape[2]) if rest else corner.latents.shape[2]
    frames = held + 1 + rest if rest else held
    latents = np.zeros((len(config.keys), 1, frames, config.latent), np.float32)
    latents[..., Channel.X], latents[..., Channel.Y] = point
    latents[..., Channel.KEY] = np.arange(len(config.keys))[:, None, None]
    latents[..., Channel.START_S] = np.arange(frames) * config.hop / config.rate / _speed(preset)
    if rest:
        latents[:, :, held:, Channel.RELEASED] = 1.0
    return EmbeddingSet(corner.name, latents, config.keys, (VELOCITY,), corner.loop, held, corner.decay_db_per_s)


def _rest(corner):
    """Frames of its release."""
    return max(corner.latents.shape[2] - 1 - corner.release, 0)


def _speed(preset):
    return preset.parameters.get(Param.SPEED.name.lower(), TABLE[Param.SPEED].default)


def _ticks(samples, tick):
    """So many samples in whole ticks."""
    return math.ceil(samples / tick) * tick
