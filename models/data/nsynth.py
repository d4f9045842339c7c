"""NSynth's notes, one at a time, from either form: a folder with examples.json and audio/*.wav, or a TFRecord file.

Every note is checked against its own name. What does not hold is reported and left out; the rest goes on.
Source: Engel et al. 2017, section 3 and appendix; magenta.tensorflow.org/datasets/nsynth.
"""

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from common.errors import ModelError
from models.data import jsonwav, tfrecord

RATE = 16000  # NSynth's own
RATES = (RATE, 32000)  # that notes may have
SAMPLES = 4 * RATE
QUALITIES = 10
FAMILIES = (
    "bass", "brass", "flute", "guitar", "keyboard", "mallet", "organ", "reed", "string", "synth_lead", "vocal",
)  # fmt: skip
SOURCES = ("acoustic", "electronic", "synthetic")
NAME = re.compile(
    rf"(?P<instrument>(?P<family>{'|'.join(FAMILIES)})_(?P<source>{'|'.join(SOURCES)})_[0-9]{{3,}})"
    r"-(?P<pitch>[0-9]{3})-(?P<velocity>[0-9]{3})"
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Example:
    """One note.

    note_str, instrument_str : such as flute_acoustic_002-069-100 and flute_acoustic_002
    family, source : one of FAMILIES, SOURCES
    pitch, velocity : as in MIDI
    qualities : NSynth's ten labels, 0 or 1
    audio : float32 (samples_at(sample_rate),), within [-1, 1]
    """

    note_str: str
    instrument_str: str
    family: str
    source: str
    pitch: int
    velocity: int
    qualities: tuple[int, ...]
    sample_rate: int
    audio: np.ndarray


def samples_at(rate: int) -> int:
    """Of a note: four seconds."""
    return SAMPLES * rate // RATE


def find_sets(path: str | Path) -> list[Path]:
    """What read_examples can read at or directly below `path`. Raises ModelError where that is nothing."""
    path = Path(path)
    if path.is_file() or (path / "examples.json").is_file():
        return [path]
    sets = sorted([*path.glob("*.tfrecord"), *(file.parent for file in path.glob("*/examples.json"))])
    if not sets:
        raise ModelError(f"notes {path}: has neither examples.json nor a .tfrecord file, nor folders with such")
    return sets


def read_examples(path: str | Path, report: Callable[[str], object] = log.warning) -> Iterator[Example]:
    """Every sound note of one set, without holding more than one in memory.

    report : is given a line for each note that is left out, saying which and why
    Raises ModelError where there is no such set.
    """
    path = Path(path)
    entries = _jsonwav_entries(path) if path.is_dir() else _tfrecord_entries(path)
    while True:
        try:
            name, load = next(entries)
        except StopIteration:
            return
        except OSError as error:
            raise ModelError(f"notes {path}: cannot be read ({error.strerror}); is it NSynth's?") from error
        except ValueError as error:
            report(f"{path}: {error}; the rest of it is left out")
            return
        try:
            yield load()
        except ValueError as error:
            report(f"{path}: {name}: {error}")


def _jsonwav_entries(folder):
    """(note_str, function that makes its Example)."""

    def read_audio(note_str, rate):
        return jsonwav.read_audio(folder / "audio" / f"{note_str}.wav", rate, samples_at(rate))

    for name, entry in jsonwav.read_entries(folder / "examples.json"):
        yield name, lambda entry=entry: _example(entry, read_audio)


def _tfrecord_entries(path):
    """(record and its number, function that makes its Example)."""
    for number, record in enumerate(tfrecord.read_records(path)):
        yield f"record {number}", lambda record=record: parse_record(record)


def parse_record(record: tfrecord.Record) -> Example:
    """The note in a record. Raises ValueError saying what is wrong with it."""
    features = tfrecord.parse_example(record.content())
    features.setdefault("sample_rate", RATE)
    return _example(features, lambda note_str, rate: _field(features, "audio", np.ndarray))


def _example(entry, read_audio):
    """Check the annotation, then the audio. Raises ValueError saying what is wrong."""
    note_str = _field(entry, "note_str", str)
    named = NAME.fullmatch(note_str)
    if not named:
        raise ValueError(f"note_str {note_str!r} is not <family>_<source>_<number>-<pitch>-<velocity>")
    _check_annotation(entry, named)
    audio = read_audio(note_str, entry["sample_rate"])
    check_audio(audio, entry["sample_rate"])
    return Example(
        note_str=note_str,
        instrument_str=named["instrument"],
        family=named["family"],
        source=named["source"],
        pitch=entry["pitch"],
        velocity=entry["velocity"],
        qualities=tuple(entry["qualities"]),
        sample_rate=entry["sample_rate"],
        audio=audio,
    )


def _check_annotation(entry, named):
    """The numbers must be what the name says, and possible."""
    expected = {
        "pitch": int(named["pitch"]),
        "velocity": int(named["velocity"]),
        "instrument_family": FAMILIES.index(named["family"]),
        "instrument_source": SOURCES.index(named["source"]),
    }
    for key, value in expected.items():
        if _field(entry, key, int) != value:
            raise ValueError(f"{key} is {entry[key]}, must be {value}")
    if _field(entry, "sample_rate", int) not in RATES:
        raise ValueError(f"sample_rate is {entry['sample_rate']}, must be {' or '.join(map(str, RATES))}")
    if entry["pitch"] > 127 or not 1 <= entry["velocity"] <= 127:
        raise ValueError(f"pitch {entry['pitch']}, velocity {entry['velocity']}: not MIDI's")
    if entry.get("instrument_str", named["instrument"]) != named["instrument"]:
        raise ValueError(f"instrument_str is {entry['instrument_str']!r}, must be {named['instrument']!r}")
    qualities = _field(entry, "qualities", list)
    if len(qualities) != QUALITIES or any(quality not in (0, 1) for quality in qualities):
        raise ValueError(f"qualities are not {QUALITIES} zeros and ones")


def check_audio(audio: np.ndarray, rate: int = RATE) -> None:
    """Raises ValueError where it is no note's: of another length, not finite, or beyond full scale."""
    if audio.shape != (samples_at(rate),):
        raise ValueError(f"has {len(audio)} samples, must have {samples_at(rate)}")
    if not np.isfinite(audio).all():
        raise ValueError("audio is not finite")
    if np.abs(audio).max() > 1.0:
        raise ValueError(f"audio reaches {np.abs(audio).max():.3g}, beyond full scale")


def _field(entry, key, kind):
    """entry[key], of that type. Raises ValueError."""
    if key not in entry:
        raise ValueError(f"has no {key}")
    if not isinstance(entry[key], kind) or isinstance(entry[key], bool):
        raise ValueError(f"{key} is {type(entry[key]).__name__}, must be {kind.__name__}")
    return entry[key]
