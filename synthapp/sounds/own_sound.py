"""A recording of a note -> a sound in a corner of a preset, or its bare embedding.

Every function tells on the standard output what it has found, as soon as it knows: the window shows those lines.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from common.atomic import replacing
from common.errors import ModelError
from common.lines import tell
from common.pitch import hz_key
from engine.decoder.opening import open_decoder
from engine.decoder.protocol import Decoder
from models.analysis.doubts import Doubts, find_doubts
from models.analysis.recording import Recording, prepare
from models.checkpoints import Checkpoint
from models.checkpoints.building import build
from models.encoding.clips import encode_clip
from models.encoding.matching import encode_notes
from presets.file import write_preset
from presets.library import Library, load_preset
from presets.looping import looped
from presets.pad import PLACES, POINTS
from presets.preset import NAME_LENGTH, EmbeddingSet, Preset
from synthapp.progress import item_bar
from synthapp.sounds.audiofile import read_audio
from synthapp.sounds.npyfile import write_embedding
from synthapp.views.keys.piano_layout import note_name

READ_SECONDS = 60.0  # of a file in which the note is looked for
OUTSIDE_TOLD = 0.05  # share of the energy outside harmonics from which it is told
VELOCITY = 100  # that the sound is stored under; one velocity stands for all


def base_preset(name: str | None, weights: str | None) -> Preset | None:
    """The preset that gives the other corners: the named one, else the first; None where that is of other weights."""
    if name is None and weights is not None:
        return None
    return load_preset(name or Library().first().path)


@dataclass(frozen=True)
class Encoder:
    """model : a network that encodes; decoder : as for `encode_notes`"""

    model: Any
    decoder: Decoder | None


def open_encoder(checkpoint: Checkpoint) -> Encoder:
    """What encodes for these weights; takes seconds, and may be used for many sounds."""
    config = checkpoint.config
    decoder = open_decoder(checkpoint, voices=1, tell=lambda _: None) if config.motion or config.loudness else None
    return Encoder(build(checkpoint), decoder)


def write_preset_with(
    checkpoint: Checkpoint, source: Path, output: Path, base: Preset | None, corner: int, note_hz=None,
    encoder: Encoder | None = None,
) -> None:  # fmt: skip
    """Write the preset `output`: `base` with the note of the file `source` in a corner, the pad there.

    checkpoint : of the weights that play it; corner : 0 to 3; base None: the sound is in every corner
    note_hz : fundamental as the player names it, where it is not to be found
    encoder : for these weights, where one is open already
    Raises ModelError, PitchError, PresetError.
    """
    fingerprint = checkpoint.fingerprint
    if base is not None:
        base.check_model(fingerprint)
    encoder = encoder or open_encoder(checkpoint)
    sound = encode_sound(encoder.model, encoder.decoder, source, note_hz)
    corners = (sound, sound, sound, sound) if base is None else _with(base.corners, corner, sound)
    made = Preset(_name(output), corners, model=fingerprint) if base is None else replace(base, corners=corners)
    write_preset(replace(made, name=_name(output), tags=(), author="", pad=POINTS[corner]), output)
    tell(f"{output}: {PLACES[corner]} is {sound.name}" if base else f"{output}: all corners are {sound.name}")


def encode_sound(model, decoder, source: Path, note_hz=None) -> EmbeddingSet:
    """The note in a sound file, encoded and looped. decoder : as for `encode_notes`"""
    config = model.config
    recording = _prepared(config, source, note_hz)
    latents = encode_notes(model, decoder, recording.audio[None], np.array([recording.f0_hz]), recording.held)
    held = recording.held // config.hop  # the release goes on from a frame in which the level has not fallen yet
    pitch = min(max(round(hz_key(recording.f0_hz)), 0), 127)
    frames_per_s = config.rate / config.hop
    return looped(_name(source), latents[None], (pitch,), (VELOCITY,), held, frames_per_s, config.loudness)


def write_embedding_of(model, source: Path, output: Path, note_hz=None) -> None:
    """Write the embedding of a whole sound file as it is. Raises ModelError; PitchError where the model needs it."""
    config = model.config
    audio = read_audio(source, config.rate).audio
    if len(audio) < config.hop:
        raise ModelError(f"{source}: shorter than one frame of {config.hop} samples; give a longer clip")
    f0_hz = _prepared(config, source, note_hz).f0_hz if config.motion else None
    with replacing(output) as temporary:
        embedding = encode_clip(model, audio, f0_hz, item_bar("encoding"))
        write_embedding(temporary, embedding)
    tell(f"{output}: {embedding.shape[0]} frames of {embedding.shape[1]}")


def describe(recording: Recording, rate: int) -> str:
    """'A4 +13 cents (443.3 Hz), from 0.21 s, 2.34 s long, released after 1.90 s, level +8.2 dB'."""
    note = hz_key(recording.f0_hz)
    cents = round(100 * (note - round(note)))
    parts = [
        f"{note_name(round(note))} {cents:+d} cents ({recording.f0_hz:.1f} Hz)",
        f"from {recording.onset_s:.2f} s",
        f"{len(recording.audio) / rate:.2f} s long",
        f"level {recording.gain_db:+.1f} dB",
    ]
    if recording.held < len(recording.audio):
        parts.insert(3, f"released after {recording.held / rate:.2f} s")
    return ", ".join(parts)


def doubtful(doubts: Doubts) -> list[str]:
    """['several pitches', 'keeps 63 % of its energy outside harmonics'], or nothing where it is one steady pitch."""
    told = []
    if doubts.glide_hz:
        first, last = (note_name(round(hz_key(hz))) for hz in doubts.glide_hz)
        told.append(f"its pitch moves, {first} to {last}")
    if doubts.several:
        told.append("several pitches")
    if doubts.outside > OUTSIDE_TOLD:
        told.append(f"keeps {100 * doubts.outside:.0f} % of its energy outside harmonics")
    return told


def _prepared(config, source, note_hz):
    """The Recording in a sound file; tells what was found in it."""
    clip = read_audio(source, config.rate, READ_SECONDS)
    try:
        recording = prepare(clip.audio, config.rate, config.hop, note_hz)
    except ModelError as error:
        looked_at = f" (only {READ_SECONDS:.0f} s from {clip.start_s:.0f} s on are looked at)" if clip.goes_on else ""
        raise type(error)(f"{source}: {error}{looked_at}") from error
    recording = replace(recording, onset_s=recording.onset_s + clip.start_s)
    doubts = find_doubts(recording.audio[: recording.held], config.rate, recording.f0_hz)
    found = [describe(recording, config.rate), *doubtful(doubts), clip.told]
    tell(f"{source}: {', '.join(filter(None, found))}")
    return recording


def _with(corners, index, sound):
    return tuple(sound if place == index else corner for place, corner in enumerate(corners))


def _name(path):
    """A name for what is in a file: its own, as far as it can be shown."""
    shown = "".join(letter if letter.isprintable() else " " for letter in Path(path).stem)
    return " ".join(shown.split())[:NAME_LENGTH].strip() or "sound"
