"""What was played for the measures: a folder of WAVs with an index.json that says of each what it is."""

import json
from dataclasses import dataclass
from pathlib import Path

from common.errors import ModelError
from models.evaluation.estimators.pitch import key_hz
from models.evaluation.recordings import read_wav


@dataclass(frozen=True)
class Note:
    """One line of the index; what a measure needs to know of a file.

    set : the question that it helps to answer
    name : of the sound; other : of the sound at the pad's other side
    instrument : NSynth's instrument_str, empty where it is not one sound font program
    recording : note_str of the recording that it stands beside, which need not exist
    bend_semitones : added to the key
    velocity_curve : of what it was played with: the level is to follow velocity ** (2 velocity_curve)
    """

    set: str
    name: str
    key: int
    velocity: int
    held_s: float = 3.0
    instrument: str = ""
    recording: str = ""
    other: str = ""
    preset: str = ""
    pad: tuple[float, float] = (0.0, 0.0)
    bend_semitones: float = 0.0
    velocity_curve: float = 1.0

    @property
    def f0_hz(self):
        """What it is to sound at."""
        return key_hz(self.key + self.bend_semitones)

    @property
    def family(self):
        """NSynth's, from the instrument's name such as keyboard_acoustic_000; empty where it has none."""
        return self.instrument.rsplit("_", 2)[0]


class PlayedNotes:
    """notes : Notes by set; rate : of all; about : the rest of the index"""

    def __init__(self, folder):
        self.folder = Path(folder)
        try:
            self.about = json.loads((self.folder / "index.json").read_text())
            self._files = {_note(entry): entry["file"] for entry in self.about.pop("played")}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{folder}: no index of played notes ({error}); remove the folder") from error
        self.rate = self.about["rate"]
        self.notes: dict[str, list[Note]] = {}
        for note in self._files:
            self.notes.setdefault(note.set, []).append(note)

    def of(self, *sets):
        """All Notes of these sets."""
        return [note for name in sets for note in self.notes.get(name, [])]

    def sound(self, note):
        """float32 (samples,)."""
        return read_wav(self.folder / self._files[note])[0]


def _note(entry):
    fields = {name: value for name, value in entry.items() if name != "file"}
    return Note(**fields | {"pad": tuple(entry["pad"])})
