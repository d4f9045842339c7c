"""Figures 2, 3 and 4: reconstructions, interpolations, and other pitches of one embedding, as rainbowgrams."""

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

from common.errors import ModelError
from common.lines import tell
from common.pitch import key_hz
from models.data.nsynth import RATE
from synthapp.figures import rainbowgram
from synthapp.figures.album import Album, Grid
from synthapp.figures.choice import Note, common_pitch, instruments_of, note_of
from synthapp.figures.systems import System
from synthapp.sounds.factory.sources import NoteSource
from synthapp.views.keys.piano_layout import note_name

# As the paper's figures have them, then what is nearest in a set of notes or in a sound font.
FIG2 = ("glockenspiel", "celesta", "mallet"), ("electric piano", "keyboard"), ("flugelhorn", "french horn", "brass")
FIG3 = ("fingered bass", "bass"), ("flute",), ("church organ", "organ")
FIG4 = (("electric piano", "keyboard"),)
CHORD = (0, 4, 7, 12, 16, 19, 24)  # semitones: C major over two octaves


def reconstructions(notes: NoteSource, systems: Sequence[System], folder: Path, asked: Sequence[str] | None) -> Path:
    """Figure 2: each note beside what each system makes of its embedding."""
    chosen = [note_of(notes, name) for name in instruments_of(notes, FIG2, asked)]
    rows: Grid = [(_title(note), [("original", note.audio)]) for note in chosen]
    for system in systems:
        embeddings = [_encoded(system, note) for note in chosen]
        played = system.decode(embeddings, [note.f0_hz for note in chosen])
        for (_, row), audio in zip(rows, played, strict=True):
            row.append((system.name, audio))
    text = "Notes and their reconstructions: through the bottleneck of each model and back."
    return Album(folder, RATE, 2).put("Reconstructions", text, _made_of(systems, chosen), rows, rainbowgram.draw)


def interpolations(notes: NoteSource, systems: Sequence[System], folder: Path, asked: Sequence[str] | None) -> Path:
    """Figure 3: three notes, and half-way between each two of them in audio and in each system's Z."""
    instruments = instruments_of(notes, FIG3, asked)
    pitch = common_pitch(notes, instruments)
    chosen = [note_of(notes, name, pitch) for name in instruments]
    pairs = list(combinations(range(len(chosen)), 2))
    rows: Grid = [("original", [(_title(note), note.audio) for note in chosen])]
    titles = [f"{chosen[one].instrument} + {chosen[other].instrument}" for one, other in pairs]
    mixed = [(chosen[one].audio + chosen[other].audio) / 2 for one, other in pairs]
    rows.append(("mixed in audio, 0.5 : 0.5", list(zip(titles, mixed, strict=True))))
    for system in systems:
        embeddings = [_encoded(system, note) for note in chosen]
        between = [(embeddings[one] + embeddings[other]) / 2 for one, other in pairs]
        hz = [float(key_hz((chosen[one].pitch + chosen[other].pitch) / 2)) for one, other in pairs]
        rows.append((f"{system.name}: its reconstructions", _heard(system, embeddings, chosen)))
        rows.append((f"{system.name}: half-way in Z", list(zip(titles, system.decode(between, hz), strict=True))))
    text = "Three notes, and what lies half-way between each two: mixed as sounds, and mixed as embeddings."
    return Album(folder, RATE, 3).put("Interpolations", text, _made_of(systems, chosen), rows, rainbowgram.draw)


def pitches(notes: NoteSource, systems: Sequence[System], folder: Path, asked: Sequence[str] | None) -> Path:
    """Figure 4: one embedding, played at two octaves of a C major chord. Raises ModelError without pitch input."""
    told = [system for system in systems if system.told_pitch]
    if not told:
        names = ", ".join(system.name for system in systems)
        raise ModelError(f"{names}: not told the pitch, so one embedding has one pitch; choose --weights that are told")
    note = note_of(notes, instruments_of(notes, FIG4, asked)[0])
    keys = [note.pitch + step for step in CHORD]
    rows: Grid = [("original", [(_title(note), note.audio)])]
    for system in told:
        embedding = _encoded(system, note)
        played = system.decode([embedding] * len(keys), [float(key_hz(key)) for key in keys])
        rows.append((system.name, [(note_name(key), audio) for key, audio in zip(keys, played, strict=True)]))
    text = f"One embedding, of {_title(note)}, played at other pitches: two octaves of a major chord."
    return Album(folder, RATE, 4).put(
        "Other pitches of one embedding", text, _made_of(told, [note]), rows, rainbowgram.draw
    )


def _heard(system, embeddings, chosen):
    played = system.decode(embeddings, [note.f0_hz for note in chosen])
    return [(_title(note), audio) for note, audio in zip(chosen, played, strict=True)]


def _encoded(system, note):
    tell(f"{system.name}: encoding {_title(note)}")
    return system.encode(note)


def _title(note: Note) -> str:
    return f"{note.instrument}, {note_name(note.pitch)}"


def _made_of(systems, chosen):
    return f"Models: {', '.join(system.name for system in systems)}. Notes: {'; '.join(map(_title, chosen))}."
