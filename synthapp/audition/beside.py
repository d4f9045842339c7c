"""Recordings beside what several instruments make of them: one page to look at and to listen to."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from common.errors import PitchError
from common.lines import tell
from common.pitch import key_hz
from engine.decoder.opening import open_decoder
from models import checkpoints
from models.analysis.recording import gain_to_level, prepare, resampled
from models.checkpoints.building import build
from models.checkpoints.known import name_of
from models.checkpoints.source import Source
from models.data.soundfont import HELD_S
from models.encoding.clips import decode_clips
from models.encoding.matching import encode_notes
from models.evaluation.recordings import Recordings
from synthapp.audition.parts import FULL_HZ, INSTRUMENTS, chosen
from synthapp.audition.pictures import draw_spectrogram
from synthapp.figures.album import Album, Book, Grid
from synthapp.sounds.audiofile import read_audio
from synthapp.views.keys.piano_layout import note_name

HOP = 512  # at FULL_HZ
SECONDS = 3.5  # of a sound that are played
READ_SECONDS = 10.0  # of a file
UNPITCHED_HZ = float(key_hz(60))  # what a player would name where no pitch is found
PAGE = Book(
    "Side by side", "Recordings, and what instruments make of them, dry. Brightness is the level, to 80 dB down."
)


@dataclass(frozen=True)
class Recorded:
    """title; audio : float32 (samples,) at FULL_HZ, at the level at which sounds are encoded
    f0_hz : its fundamental; held : samples until the key was let go
    """

    title: str
    audio: np.ndarray
    f0_hz: float
    held: int


def from_notes(folder: Path) -> list[Recorded]:
    """Of each of INSTRUMENTS one note that no training saw, in the middle of its range. Raises ModelError."""
    recordings = Recordings(folder)
    found = chosen(recordings)
    groups = [[note for note in found if note["named"] == name] for name in INSTRUMENTS]
    return [_from_note(recordings, notes[len(notes) // 2]) for notes in groups if notes]


def show(sounds: Sequence[Recorded], weights: Sequence[Source | Path], folder: Path) -> Path:
    """Play every sound with every instrument; write WAVs, spectrograms and a page. returns : the page"""
    rows: Grid = [(sound.title, [("recording", sound.audio[: round(SECONDS * FULL_HZ)])]) for sound in sounds]
    for source in weights:
        checkpoint = checkpoints.read(source)
        model, decoder = build(checkpoint), open_decoder(checkpoint, 1)
        name = f"{name_of(Path(source.path if isinstance(source, Source) else source))} {checkpoint.fingerprint[:4]}"
        for sound, (_, cells) in zip(sounds, rows, strict=True):
            tell(f"{name}: {sound.title}")
            cells.append((name, _played(model, decoder, sound)))
    text = f"{len(sounds)} sounds, encoded and played again at their own pitch."
    return Album(folder, FULL_HZ, book=PAGE).put("Reproductions", text, "", rows, draw_spectrogram)


def from_file(path: Path, note_hz: float = UNPITCHED_HZ) -> Recorded:
    """A sound file as `encode` takes it. note_hz : its pitch where none is found"""
    audio = read_audio(path, FULL_HZ, READ_SECONDS).audio
    try:
        found = prepare(audio, FULL_HZ, HOP)
    except PitchError:
        found = prepare(audio, FULL_HZ, HOP, note_hz)
    return Recorded(path.stem, found.audio, found.f0_hz, found.held)


def _from_note(recordings, note):
    audio = resampled(recordings.sound(note["note_str"]), note["sample_rate"], FULL_HZ)
    title = f"{note['named']}, {note_name(note['pitch'])}"
    audio = audio * np.float32(gain_to_level(audio, HOP))
    return Recorded(title, audio, float(key_hz(note["pitch"])), round(HELD_S * FULL_HZ))


def _played(model, decoder, sound):
    config, hz = model.config, np.array([sound.f0_hz])
    heard = resampled(sound.audio, FULL_HZ, config.rate)
    heard = np.pad(heard, (0, -len(heard) % config.hop))
    latents = encode_notes(model, decoder, heard[None], hz, sound.held * config.rate // FULL_HZ)
    frames = round(SECONDS * config.rate / config.hop)
    (audio,) = decode_clips(decoder, latents[:, :frames], hz, temperature=0.0, seed=0)
    return resampled(audio, config.rate, FULL_HZ)[: min(len(sound.audio), round(SECONDS * FULL_HZ))]
