"""What notes a set of NSynth's has, and one of them at a time: a set of hundreds of thousands is never in memory."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from models.data import jsonwav, tfrecord
from models.data.nsynth import NAME, RATE, SAMPLES, check_audio, find_sets, parse_record

Key = tuple[int, int]  # pitch, velocity

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """Where a note's audio is. path : a WAV, or a TFRecord file; start : of the record in that"""

    path: Path
    start: int | None = None


@dataclass
class Catalogue:
    """instruments : instrument_str -> its notes -> where each is"""

    instruments: dict[str, dict[Key, Place]] = field(default_factory=dict)

    def add(self, note_str: str, place: Place) -> None:
        """Raises ValueError where that is no name of a note."""
        named = NAME.fullmatch(note_str)
        if not named:
            raise ValueError(f"note_str {note_str!r} is not <family>_<source>_<number>-<pitch>-<velocity>")
        self.instruments.setdefault(named["instrument"], {})[int(named["pitch"]), int(named["velocity"])] = place


def read_catalogue(path: str | Path, report: Callable[[str], object] = log.warning) -> Catalogue:
    """Look through a set, or a folder of sets. report : gets a line of each that is left out

    Raises ModelError where there is no set.
    """
    catalogue = Catalogue()
    for each in find_sets(path):
        try:
            _look_through(each, catalogue, report)
        except (OSError, ValueError) as error:
            report(f"{each}: {error}; the rest of it is left out")
    return catalogue


def read_note(place: Place) -> np.ndarray:
    """float32 (SAMPLES,). Raises ValueError, OSError."""
    if place.start is None:
        audio = jsonwav.read_audio(place.path, RATE, SAMPLES)
    else:
        audio = parse_record(next(tfrecord.read_records(place.path, place.start))).audio
    check_audio(audio)
    return audio


def _look_through(path, catalogue, report):
    for note_str, place in _json_notes(path) if path.is_dir() else _record_notes(path):
        try:
            catalogue.add(note_str(), place)
        except ValueError as error:
            report(f"{path}: {error}")


def _json_notes(folder):
    for name, _ in jsonwav.read_entries(folder / "examples.json"):
        yield lambda name=name: name, Place(folder / "audio" / f"{name}.wav")


def _record_notes(path):
    for record in tfrecord.read_records(path):
        yield lambda record=record: parse_record(record).note_str, Place(path, record.start)
