"""Which notes a figure takes: instruments by their family, as near to a pitch as there are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from common.errors import ModelError
from common.pitch import key_hz
from models.data.nsynth import NAME, RATE
from models.data.programs import PROGRAMS
from models.data.soundfont import HELD_S
from synthapp.sounds.factory.sources import NoteSource

MIDDLE_C = 60


@dataclass(frozen=True)
class Note:
    """audio : float32 (samples,) at models.data.nsynth.RATE, held for HELD_S"""

    instrument: str
    pitch: int
    audio: np.ndarray
    held: int = HELD_S * RATE

    @property
    def f0_hz(self) -> float:
        return float(key_hz(self.pitch))


def family_of(instrument: str) -> str:
    """NSynth's family of an instrument_str or of a program; empty for another name."""
    named = NAME.fullmatch(f"{instrument}-060-100")
    if named:
        return named["family"]
    return next((program.family for program in PROGRAMS if program.name == instrument), "")


def instruments_of(notes: NoteSource, wanted: Sequence[tuple[str, ...]], asked: Sequence[str] | None) -> list[str]:
    """One instrument each of what is wanted, or those that are asked for by name.

    wanted : for each, what is looked for, the best first: a program's name or a family of NSynth's; where there is none
        of them, any other that has not been taken
    Raises ModelError where there are too few.
    """
    there = list(notes.instruments())
    if asked:
        for name in asked:
            notes.pitches(name)
        return list(asked)
    if len(there) < len(wanted):
        raise ModelError(f"the notes are of {len(there)} instruments; this figure needs {len(wanted)}")
    taken: list[str] = []
    for names in wanted:
        left = [name for name in there if name not in taken]
        named = [each for each in names if each in left]
        ranked = named + [name for each in names for name in left if each == family_of(name)]
        taken.append((ranked or left)[0])
    return taken


def note_of(notes: NoteSource, instrument: str, pitch: int = MIDDLE_C) -> Note:
    """The one that is nearest to the pitch."""
    nearest = min(notes.pitches(instrument), key=lambda each: (abs(each - pitch), each))
    return Note(instrument, nearest, notes.sound(instrument, nearest))


def common_pitch(notes: NoteSource, instruments: Sequence[str], near: int = MIDDLE_C) -> int:
    """The pitch nearest to another that all have; where there is none, that other itself."""
    shared = set.intersection(*(set(notes.pitches(instrument)) for instrument in instruments))
    return min(shared, key=lambda pitch: (abs(pitch - near), pitch), default=near)
