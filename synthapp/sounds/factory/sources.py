"""Where the notes of instruments come from, one instrument at a time: a sound font, or a set in NSynth's form.

Both go to worker processes as they are made: what cannot go with them is opened where it is needed first.
"""

import threading
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Protocol

import numpy as np

from common.errors import ModelError, SynthError
from common.lines import tell
from models.data.catalogue import Place, read_catalogue, read_note
from models.data.nsynth import RATE
from models.data.programs import PROGRAMS, find_program
from models.data.soundfont import FONT, FontPlayer

VELOCITY = 100  # that is played, or the nearest there is; where no other is asked for
FULL_SCALE = 32768
_PLAYING = threading.Lock()  # a font has one player


class NoteSource(Protocol):
    """Notes of one rate and length, held for models.data.soundfont.HELD_S."""

    def at(self, rate: int) -> "NoteSource":
        """The same notes at a rate. Raises ModelError where there are none."""

    def instruments(self) -> Sequence[str]:
        """What there is, by name."""

    def pitches(self, instrument: str) -> Sequence[int]:
        """Of its notes, ascending. Raises ModelError for what is not there."""

    def sound(self, instrument: str, pitch: int) -> np.ndarray:
        """float32 (samples,). Raises ModelError."""


@dataclass(frozen=True)
class FontNotes:
    """Instruments of a General MIDI sound font, by their names in models.data.programs, played in their own range."""

    path: str
    _: KW_ONLY
    rate: int = RATE
    velocity: int = VELOCITY

    def at(self, rate):
        return replace(self, rate=rate)

    def instruments(self):
        return [program.name for program in PROGRAMS if self._player.has(program)]

    def pitches(self, instrument):
        program = find_program(instrument)
        if not self._player.has(program):
            raise ModelError(f"sound font {self.path}: has no {program.name} (program {program.number})")
        return range(program.low, program.high + 1)

    def sound(self, instrument, pitch):
        with _PLAYING:
            return self._player.play(find_program(instrument), pitch, self.velocity).astype(np.float32) / FULL_SCALE

    @cached_property
    def _player(self):
        return FontPlayer(self.path, self.rate)

    def __reduce__(self):
        return partial(FontNotes, rate=self.rate, velocity=self.velocity), (self.path,)


class SetNotes:
    """Instruments of NSynth's notes, by instrument_str. notes : {instrument: {pitch: Place}}"""

    def __init__(self, notes: dict[str, dict[int, Place]]):
        self._notes = notes

    @classmethod
    def read(cls, path: Path, report, velocity: int = VELOCITY) -> "SetNotes":
        """Of every pitch the note nearest to a velocity. report : gets a line of each note that is left out"""
        there = read_catalogue(path, report).instruments
        return cls({name: _nearest(notes, velocity) for name, notes in there.items()})

    def at(self, rate):
        if rate != RATE:
            raise ModelError(f"these weights are for {rate} Hz, the notes have {RATE}; take a sound font: --sf2 FILE")
        return self

    def instruments(self):
        return sorted(self._notes)

    def pitches(self, instrument):
        if instrument not in self._notes:
            raise ModelError(f"the notes have no {instrument!r}; there are {', '.join(sorted(self._notes)[:8])} ...")
        return sorted(self._notes[instrument])

    def sound(self, instrument, pitch):
        place = self._notes[instrument][pitch]
        try:
            return read_note(place)
        except (ValueError, OSError) as error:
            raise ModelError(f"{place.path}: {error}; take it out of the set") from error


def open_notes(notes: Path | None, sf2: Path | None, velocity: int = VELOCITY) -> NoteSource:
    """A set in NSynth's form, or a sound font: FONT where neither is given. Raises SynthError where both are."""
    if notes and sf2:
        raise SynthError("--notes and --sf2: give one of them")
    return SetNotes.read(notes, tell, velocity) if notes else FontNotes(str(sf2 or FONT), velocity=velocity)


def _nearest(notes, velocity):
    """{pitch: Place} of {(pitch, velocity): Place}."""
    ordered = sorted(notes, key=lambda key: abs(key[1] - velocity), reverse=True)
    return {pitch: notes[pitch, velocity] for pitch, velocity in ordered}
