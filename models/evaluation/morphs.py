"""What lies half-way between two sounds: level, pitch, and whether it is more than both of them at once."""

from dataclasses import dataclass

import numpy as np

from models.evaluation.estimators.distance import distance_db, log_spectra
from models.evaluation.estimators.level import rms_db, stretch
from models.evaluation.estimators.pitch import cents, estimate_f0


@dataclass(frozen=True)
class Morph:
    """Of one pair at one key; distances are spectral, in dB.

    outside_db : how far the level lies above the louder or below the softer end; 0 between them
    cents : pitch re the key
    apart_db : between the ends; to_one_db, to_other_db : from the morph to each; to_mix_db : to both ends at once
    """

    name: str
    other: str
    key: int
    outside_db: float
    cents: float
    apart_db: float
    to_one_db: float
    to_other_db: float
    to_mix_db: float

    @property
    def between(self):
        """Nearer to both ends than they are to each other."""
        return max(self.to_one_db, self.to_other_db) < self.apart_db


def morph(note, audio, one, other, rate):
    """Morph of a played Note, with both ends at the same key. All float (samples,) of one length."""
    level_db, ends_db = rms_db(audio), sorted((rms_db(one), rms_db(other)))
    where = stretch(audio, rate, note.f0_hz, note.held_s)
    spectra, first, second, mix = (log_spectra(sound) for sound in (audio, one, other, (one + other) / 2))
    return Morph(
        note.name,
        note.other,
        note.key,
        outside_db=max(level_db - ends_db[1], ends_db[0] - level_db, 0.0),
        cents=cents(estimate_f0(audio[where], rate, note.f0_hz), note.f0_hz),
        apart_db=distance_db(first, second),
        to_one_db=distance_db(spectra, first),
        to_other_db=distance_db(spectra, second),
        to_mix_db=distance_db(spectra, mix),
    )


def morphs(played):
    """Every Morph of the set "morph". played : PlayedNotes"""
    ends = {(note.name, note.key): note for note in played.of("ends")}
    return [
        morph(
            note,
            played.sound(note),
            *(np.asarray(played.sound(ends[name, note.key])) for name in (note.name, note.other)),
            played.rate,
        )
        for note in played.of("morph")
    ]
