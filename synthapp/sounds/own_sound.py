"""Recordings of notes of one instrument, or an embedding -> a sound in a corner of a preset; or a bare embedding.

Every function tells on the standard output what it has found, as soon as it knows: the window shows those lines.
"""

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from common.atomic import replacing
from common.errors import ModelError
from common.lines import tell
from common.pitch import hz_key
from engine.decoder.protocol import Decoder
from models.analysis.doubts import Doubts, find_doubts
from models.analysis.recording import Recording, prepare
from models.checkpoints import Checkpoint
from models.checkpoints.building import build
from models.encoding import source_notes
from models.encoding.clips import encode_clip, encode_pieces
from models.encoding.matching import encode_notes
from models.encoding.source_notes import hears_pitch
from presets.file import write_preset
from presets.library import Library, load_preset
from presets.looping import Row, looped_rows
from presets.pad import CORNERS, Spot, place_in_words
from presets.preset import FRAMES, NAME_LENGTH, EmbeddingSet, Preset
from synthapp.progress import item_bar
from synthapp.sounds.audiofile import read_audio, spooled_audio
from synthapp.sounds.npyfile import SUFFIX as EMBEDDING_SUFFIX
from synthapp.sounds.npyfile import read_embedding, write_pieces
from synthapp.sounds.playable import draws, parameters_for, row_of, within_full_scale
from synthapp.views.keys.piano_layout import note_name

READ_SECONDS = 60.0  # of a file in which the note is looked for
OUTSIDE_TOLD = 0.05  # share of the energy outside harmonics from which it is told
VELOCITY = 100  # that the sound is stored under; one velocity stands for all
UNNAMED_KEY = 60  # of an embedding whose note is not named
FINER = 2  # times the samples, of a recording that may be played an octave lower


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
    from engine.decoder.opening import open_decoder  # only here: it takes 60 MB

    config = checkpoint.config
    decoder = open_decoder(checkpoint, voices=1, tell=lambda _: None) if config.motion or config.loudness else None
    return Encoder(build(checkpoint), decoder)


def write_preset_with(
    checkpoint: Checkpoint, sources: Sequence[Path], output: Path, base: Preset | None, spot: Spot, note_hz=None,
    encoder: Encoder | None = None,
) -> None:  # fmt: skip
    """Write the preset `output`: `base` with the notes of the files `sources` as one sound on its pad, played there.

    checkpoint : of the weights that play it; spot : where on the pad; base None: the sound is in every corner
    note_hz : fundamental as the player names it, where it is not to be found
    encoder : for these weights, where one is open already
    Raises ModelError, PitchError, PresetError.
    """
    if base is not None:
        base.check_model(checkpoint.fingerprint)
    encoder = encoder or open_encoder(checkpoint)
    put_into_preset(checkpoint, encode_sound(encoder.model, encoder.decoder, sources, note_hz), output, base, spot)


def put_into_preset(checkpoint: Checkpoint, sound: EmbeddingSet, output: Path, base: Preset | None, spot: Spot):
    """Write the preset `output`: `base` with this sound on the pad, the pad there. Arguments as above.

    Raises PresetError.
    """
    parameters = parameters_for(checkpoint.config, [sound]) if draws(checkpoint.config) else {}
    fresh = Preset(_name(output), (sound,) * CORNERS, model=checkpoint.fingerprint, parameters=parameters)
    made = (base or fresh).with_sound(spot, sound)
    pad = made.places[spot] if isinstance(spot, int) else spot
    write_preset(replace(made, name=_name(output), tags=(), author="", pad=pad), output)
    tell(f"{output}: {place_in_words(pad)} is {sound.name}" if base else f"{output}: all corners are {sound.name}")


def encode_sound(model, decoder, sources: Sequence[Path], note_hz=None) -> EmbeddingSet:
    """The notes in sound files of one instrument, or an embedding's file, encoded and looped.

    decoder : as for `encode_notes`; note_hz : of one file alone
    Raises ModelError, PitchError.
    """
    config = model.config
    if len(sources) > 1 and note_hz is not None:
        raise ModelError(f"{len(sources)} recordings and one note; encode them one by one to name their notes")
    if sources[0].suffix.lower() == EMBEDDING_SUFFIX:
        notes, longest = _embedded(config, sources, note_hz)
    elif hears_pitch(config):
        notes, longest = [_encoded(model, decoder, source, note_hz) for source in sources], FRAMES
    else:
        notes, longest = _repitched(model, sources, note_hz)
    rows = dict(sorted(notes, key=lambda note: note[0]))
    if len(rows) < len(notes):
        raise ModelError("two of the recordings are of one pitch; give one recording of each")
    held = min(max(row.held for row in rows.values()), longest)
    frames_per_s = config.rate / config.hop
    return looped_rows(
        _name(sources[0]), list(rows.values()), list(rows), held, frames_per_s, VELOCITY, config.loudness
    )  # fmt: skip


def _embedded(config, sources, note_hz):
    """([(pitch, Row)], frames) of an embedding as it is: nothing is known of its levels, and its note must be named."""
    if len(sources) > 1:
        raise ModelError(f"{sources[1]}: an embedding is a sound by itself; give one")
    latents = read_embedding(sources[0], config.latent)
    key = UNNAMED_KEY if note_hz is None else _midi(note_hz)
    tell(f"{sources[0]}: {len(latents)} frames, taken for {note_name(key)}")
    return [(key, Row(latents, np.zeros(len(latents)), len(latents)))], len(latents)


def _encoded(model, decoder, source, note_hz):
    """(pitch, Row) of a recording, for a network that is told the pitch."""
    recording = _prepared(model.config, source, note_hz)
    latents = encode_notes(model, decoder, recording.audio[None], np.array([recording.f0_hz]), recording.held)
    # The release goes on from a frame in which the level has not fallen yet.
    return _midi(recording.f0_hz), row_of(model.config, latents[0], recording.audio, recording.held)


def _repitched(model, sources, note_hz):
    """([(pitch, Row)], frames that the recordings are held): every source note within reach, of the nearest recording;
    see models.encoding.source_notes.
    """
    config = model.config
    recordings = {hz_key(each.f0_hz): each for each in (_prepared(config, s, note_hz, FINER) for s in sources)}
    notes = source_notes.sources(recordings)
    names = [note_name(note) for note in notes]
    tell(f"encoded as {', '.join(names)}; keys beyond take the nearest of them")
    held = max(each.held for each in recordings.values()) // (FINER * config.hop)
    return [(note, _note_at(model, recordings[key], note - key)) for note, key in notes.items()], max(held, 1)


def _note_at(model, recording, semitones):
    """Row of a recording, which has FINER times the samples, so many semitones higher."""
    config, speed = model.config, FINER * 2.0 ** (semitones / 12)
    audio = source_notes.repitched(recording.audio, semitones, FINER)
    audio = within_full_scale(np.pad(audio, (0, -len(audio) % config.hop)))
    return row_of(config, encode_clip(model, audio), audio, round(recording.held / speed))


def _midi(hz):
    return min(max(round(hz_key(hz)), 0), 127)


def write_embedding_of(model, source: Path, output: Path, note_hz=None) -> None:
    """Write the embedding of a whole sound file as it is. Raises as `embedding_of` does."""
    with replacing(output) as temporary, _embedding(model, source, note_hz) as (frames, pieces):
        write_pieces(temporary, pieces, (frames, model.config.latent))
    tell(f"{output}: {frames} frames of {model.config.latent}")


def embedding_of(model, source: Path, note_hz=None) -> np.ndarray:
    """float32 (frames, latent) of a whole sound file as it is. Raises ModelError, and PitchError where it needs one."""
    with _embedding(model, source, note_hz) as (_, pieces):
        return np.concatenate(list(pieces))


@contextmanager
def _embedding(model, source, note_hz):
    """(its frames, float32 (frames, latent) after each other)"""
    config = model.config
    with spooled_audio(source, config.rate) as audio:
        if len(audio) < config.hop:
            raise ModelError(f"{source}: shorter than one frame of {config.hop} samples; give a longer clip")
        f0_hz = _prepared(config, source, note_hz).f0_hz if config.motion else None
        yield len(audio) // config.hop, encode_pieces(model, audio, f0_hz, item_bar("encoding"))


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


def _prepared(config, source, note_hz, finer=1):
    """The Recording in a sound file, of `finer` times the samples; tells what was found in it."""
    rate = finer * config.rate
    clip = read_audio(source, rate, READ_SECONDS)
    try:
        recording = prepare(clip.audio, rate, finer * config.hop, note_hz)
    except ModelError as error:
        looked_at = f" (only {READ_SECONDS:.0f} s from {clip.start_s:.0f} s on are looked at)" if clip.goes_on else ""
        raise type(error)(f"{source}: {error}{looked_at}") from error
    recording = replace(recording, onset_s=recording.onset_s + clip.start_s)
    doubts = find_doubts(recording.audio[: recording.held], rate, recording.f0_hz)
    found = [describe(recording, rate), *doubtful(doubts), clip.told]
    tell(f"{source}: {', '.join(filter(None, found))}")
    return recording


def _name(path):
    """A name for what is in a file: its own, as far as it can be shown."""
    shown = "".join(letter if letter.isprintable() else " " for letter in Path(path).stem)
    return " ".join(shown.split())[:NAME_LENGTH].strip() or "sound"
