"""Notes with what a classifier is to tell of them."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from common.errors import ModelError
from models.data.notes import FULL_SCALE
from models.data.nsynth import QUALITIES, Example, find_sets, read_examples
from models.evaluation.tables.qualities import NAMES, RULES, measured


@dataclass(frozen=True)
class Labelled:
    """audio : int16 (notes, samples); pitch : int64 (notes,); qualities : bool (notes, QUALITIES)

    judged : bool (QUALITIES,), the qualities that are known; measured : they are by qualities.py, nobody labelled them
    """

    audio: np.ndarray
    pitch: np.ndarray
    qualities: np.ndarray
    judged: np.ndarray
    measured: bool

    def sound(self, note: int) -> np.ndarray:
        """float32 (samples,)."""
        return self.audio[note] / np.float32(FULL_SCALE)

    def describe(self) -> list[str]:
        """A line a quality: its rule where it is measured, and how many notes have it."""
        counts = dict(zip(NAMES, self.qualities.sum(0), strict=True))
        if not self.measured:
            return [f"{name}: NSynth's label, {count} of {len(self.pitch)}" for name, count in counts.items()]
        return [
            f"{name}: {RULES[name].text}, {count} of {len(self.pitch)}" if name in RULES else f"{name}: -"
            for name, count in counts.items()
        ]


def find_split(folder: Path, split: str) -> Path:
    """The set of a split: FOLDER/train, FOLDER/nsynth-train or FOLDER/nsynth-train.tfrecord. Raises ModelError."""
    tried = [folder / split, folder / f"nsynth-{split}", folder / f"nsynth-{split}.tfrecord"]
    found = next((path for path in tried if path.exists()), None)
    if found is None:
        raise ModelError(f"notes {folder}: has no {' nor '.join(path.name for path in tried)}; make them: notes render")
    return found


def read_labelled(folder: Path, split: str, count: int, seed: int = 0) -> Labelled:
    """Notes of a split, drawn from all of it, one in memory that is not kept. Raises ModelError where there is none.

    count : at most so many; 0: all
    """
    kept: list[Example] = []
    rng = np.random.default_rng(seed)
    examples = (each for path in find_sets(find_split(folder, split)) for each in read_examples(path))
    for number, example in enumerate(examples):  # a reservoir: Vitter 1985, algorithm R
        place = len(kept) if not count or len(kept) < count else int(rng.integers(0, number + 1))
        if place < len(kept):
            kept[place] = _small(example)
        elif place == len(kept) and (not count or place < count):
            kept.append(_small(example))
    if not kept:
        raise ModelError(f"notes {folder}: {split} holds no note that can be used")
    given, audio = np.array([each.qualities for each in kept], np.bool_), np.stack([each.audio for each in kept])
    nobody = not given.any()
    qualities = np.array([measured(each / np.float32(FULL_SCALE)) for each in audio]) if nobody else given
    judged = np.isin(NAMES, list(RULES)) if nobody else np.ones(QUALITIES, np.bool_)
    return Labelled(audio, np.array([each.pitch for each in kept]), qualities, judged, nobody)


def _small(example):
    """Its audio as int16."""
    return replace(example, audio=np.rint(np.clip(example.audio, -1, 1 - 2**-15) * FULL_SCALE).astype(np.int16))
