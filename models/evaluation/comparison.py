"""One played note beside the recording that it stands for."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from models.evaluation.estimators.distance import distance_db, log_spectra
from models.evaluation.estimators.envelope import Envelope, envelope
from models.evaluation.estimators.level import stretch
from models.evaluation.estimators.partials import harmonic_share, noise_floor_db
from models.evaluation.estimators.pitch import cents, estimate_f0
from models.evaluation.played import Note

RIVALS = 3  # notes of an instrument that are also compared with all other instruments


@dataclass(frozen=True)
class Portrait:
    """cents : pitch re the key, nan for silence; harmonic_share : 0..1; floor_db : between the harmonics"""

    cents: float
    harmonic_share: float
    floor_db: float
    envelope: Envelope


@dataclass(frozen=True)
class Comparison:
    """recorded is None where there is no recording.

    own_db : spectral distance to the own recording; nearest_db : to the nearest other instrument's at the same key,
    `nearest`; all nan or empty where that was not asked
    """

    note: Note
    played: Portrait
    recorded: Portrait | None = None
    own_db: float = np.nan
    nearest_db: float = np.nan
    nearest: str = ""


def portray(audio, rate, f0_hz, held_s, where):
    """Portrait of a note. where : slice of the samples that tell of its pitch and partials"""
    heard = estimate_f0(audio[where], rate, f0_hz)
    own_hz = f0_hz if np.isnan(heard) else heard
    return Portrait(
        cents=cents(heard, f0_hz),
        harmonic_share=harmonic_share(audio[where], rate, own_hz),
        floor_db=noise_floor_db(audio[where], rate, own_hz),
        envelope=envelope(audio, rate, f0_hz, held_s),
    )


def compare(note, audio, rate, recording=None):
    """Comparison by everything but the spectra. Both sounds are analysed over the stretch of the recording."""
    if recording is None:
        return Comparison(
            note, portray(audio, rate, note.f0_hz, note.held_s, stretch(audio, rate, note.f0_hz, note.held_s))
        )
    where = stretch(recording, rate, note.f0_hz, note.held_s)
    played, recorded = (portray(sound, rate, note.f0_hz, note.held_s, where) for sound in (audio, recording))
    return Comparison(note, played, recorded)


def compare_all(played, recordings, notes: list[Note], instruments, progress=iter) -> list[Comparison]:
    """Every note beside its recording; RIVALS of each instrument also beside the other instruments.

    played : PlayedNotes; recordings : Recordings; instruments : instrument_str of those other ones
    """
    rivalled = set(_some_of_each(notes))
    found = []
    for note in progress(notes):
        audio = played.sound(note)
        recording = recordings.sound(note.recording) if note.recording in recordings else None
        found.append(compare(note, audio, played.rate, recording))
        if recording is not None and note in rivalled:
            others = recordings.beside(set(instruments) - {note.instrument}, note.key, note.velocity)
            sounds = ((other, recordings.sound(other)) for other in others)
            found[-1] = Comparison(note, found[-1].played, found[-1].recorded, *rival(audio, recording, sounds))
    return found


def rival(audio, recording, others: Iterable[tuple[str, np.ndarray]]):
    """(own_db, nearest_db, nearest): the distances of a Comparison. others : (name, audio)"""
    samples = min(len(audio), len(recording))
    mine = log_spectra(audio[:samples])
    distances = {
        name: distance_db(mine, log_spectra(sound[:samples])) for name, sound in others if len(sound) >= samples
    }
    nearest = min(distances, key=distances.__getitem__, default="")
    own_db = distance_db(mine, log_spectra(recording[:samples]))
    return own_db, distances.get(nearest, np.nan), nearest


def by_instrument(comparisons: list[Comparison]) -> dict[str, list[Comparison]]:
    """Those that have a recording, by the name of the instrument."""
    found: dict[str, list[Comparison]] = {}
    for comparison in comparisons:
        if comparison.recorded is not None:
            found.setdefault(comparison.note.name, []).append(comparison)
    return found


def _some_of_each(notes):
    by_name: dict[str, list[Note]] = {}
    for note in notes:
        by_name.setdefault(note.name, []).append(note)
    for members in by_name.values():
        places = np.linspace(0, len(members) - 1, min(RIVALS + 2, len(members))).round().astype(int)
        yield from (members[place] for place in (places[1:-1] if len(places) == RIVALS + 2 else places))
