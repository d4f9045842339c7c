"""Recorded notes on disk, in NSynth's JSON + WAV layout: read one by one, so that a large data set needs no memory."""

import json
from pathlib import Path

import numpy as np
import soundfile

from common.errors import ModelError

SPLITS = ("train", "valid", "test")


class Recordings:
    """The notes of a folder with the splits train, valid and test.

    Raises ModelError where none of them is there.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        paths = {split: self.folder / split / "examples.json" for split in SPLITS}
        self.examples = {split: json.loads(path.read_text()) for split, path in paths.items() if path.is_file()}
        if not self.examples:
            raise ModelError(f"notes {folder}: no {', '.join(SPLITS)}; make them with ./run.sh notes render")
        self._split = {name: split for split, notes in self.examples.items() for name in notes}

    def __contains__(self, note_str):
        return note_str in self._split

    def sound(self, note_str):
        """float32 (samples,). Raises ModelError where its file cannot be read."""
        return read_wav(self.folder / self._split[note_str] / "audio" / f"{note_str}.wav")[0]

    def beside(self, instruments, key, velocity):
        """note_str of these instruments' recordings at a key: of this velocity, else of the nearest one."""
        names = (self._nearest(instrument, key, velocity) for instrument in sorted(instruments))
        return [name for name in names if name]

    def draw(self, split, count, seed=0):
        """So many entries of examples.json, at random, all there are where they are fewer."""
        notes = self.examples.get(split, {})
        names = np.random.default_rng(seed).permutation(sorted(notes))[:count]
        return [notes[name] for name in names]

    def _nearest(self, instrument, key, velocity):
        for apart in range(128):
            for other in (velocity - apart, velocity + apart):
                if (name := f"{instrument}-{key:03d}-{other:03d}") in self._split:
                    return name
        return None


def read_wav(path):
    """(float32 (samples,), rate) of a mono file. Raises ModelError."""
    try:
        audio, rate = soundfile.read(path, dtype="float32")
    except (OSError, soundfile.LibsndfileError) as error:
        raise ModelError(f"{path}: cannot be read ({error}); make the folder anew") from error
    if audio.ndim != 1:
        raise ModelError(f"{path}: has {audio.shape[1]} channels; measures are of mono files")
    return audio, rate
