"""What was played for the measures: the folder that `python -m synthapp.audition.perform` writes."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from common.errors import ModelError
from models.evaluation.pitch import key_hz
from models.evaluation.recordings import read_wav


@dataclass(frozen=True)
class Note:
    """One line of the index (synthapp/repertoire.py says what the fields are)."""

    set: str
    name: str
    key: int
    velocity: int
    held_s: float
    instrument: str
    recording: str
    other: str
    preset: str
    pad: tuple[float, float]
    bend_semitones: float
    file: str

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
            notes = [Note(**entry | {"pad": tuple(entry["pad"])}) for entry in self.about.pop("played")]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{folder}: no index of played notes ({error}); remove the folder") from error
        self.rate = self.about["rate"]
        self.notes: dict[str, list[Note]] = {}
        for note in notes:
            self.notes.setdefault(note.set, []).append(note)

    def of(self, *sets):
        """All Notes of these sets."""
        return [note for name in sets for note in self.notes.get(name, [])]

    def sound(self, note):
        """float32 (samples,)."""
        return read_wav(self.folder / note.file)[0]


def play(folder, options):
    """Play into the folder. A process of its own: the models know nothing of the synth.

    options : of synthapp.audition.perform, a list of strings
    """
    command = [sys.executable, "-m", "synthapp.audition.perform", "-o", str(folder), *options]
    if subprocess.run(command, cwd=Path(__file__).parents[2]).returncode:
        raise ModelError(f"{folder}: could not be played; see above")
