"""A folder of notes in NSynth's JSON + WAV layout, in memory."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from errors import ModelError

PEAK_LEVEL = 0.5  # every instrument is scaled so that its louder notes peak here


@dataclass(frozen=True)
class Notes:
    """Every note of a data set, grouped by instrument.

    audio : int16 (notes, samples); multiply row i by scale[i]
    scale : float32 (notes,); one number for all notes of an instrument, so that they keep their balance
    pitch, velocity, instrument : int64 (notes,); instrument indexes `names`
    names : instrument_str of each instrument
    rate : samples per second
    """

    audio: np.ndarray
    scale: np.ndarray
    pitch: np.ndarray
    velocity: np.ndarray
    instrument: np.ndarray
    names: tuple[str, ...]
    rate: int

    @property
    def f0_hz(self):
        """float64 (notes,): nominal pitch."""
        return 440.0 * 2.0 ** ((self.pitch - 69) / 12.0)

    def sound(self, note):
        """float32 (samples,): one note, scaled."""
        return self.audio[note].astype(np.float32) * self.scale[note]


def read_notes(folder):
    """Read examples.json and audio/*.wav.

    Raises ModelError naming the entry that is missing, of another rate or of another length.
    Source: the NSynth dataset's JSON + WAV layout.
    """
    folder = Path(folder)
    try:
        examples = json.loads((folder / "examples.json").read_text())
    except (OSError, ValueError) as error:
        raise ModelError(f"notes {folder}: cannot read examples.json ({error})") from error
    if not examples:
        raise ModelError(f"notes {folder}: examples.json lists no notes")
    entries = [examples[name] for name in sorted(examples)]
    audio = np.stack([_read_wav(folder, entry, entries[0]["sample_rate"]) for entry in entries])
    names = tuple(sorted({entry["instrument_str"] for entry in entries}))
    instrument = np.array([names.index(entry["instrument_str"]) for entry in entries])
    return Notes(
        audio=audio,
        scale=_instrument_scale(audio, instrument),
        pitch=np.array([entry["pitch"] for entry in entries]),
        velocity=np.array([entry["velocity"] for entry in entries]),
        instrument=instrument,
        names=names,
        rate=entries[0]["sample_rate"],
    )


def _read_wav(folder, entry, rate):
    path = folder / "audio" / f"{entry['note_str']}.wav"
    try:
        audio, file_rate = soundfile.read(path, dtype="int16")
    except (OSError, soundfile.LibsndfileError) as error:
        raise ModelError(f"notes {path}: cannot be read ({error})") from error
    if audio.ndim != 1 or file_rate != rate:
        raise ModelError(f"notes {path}: must be mono at {rate} Hz, is {audio.shape} at {file_rate} Hz")
    return audio


def _instrument_scale(audio, instrument):
    """float32 (notes,): brings the 95th percentile of each instrument's peaks to PEAK_LEVEL."""
    peaks = np.abs(audio.astype(np.int32)).max(1)
    scale = np.zeros(len(audio), np.float32)
    for index in np.unique(instrument):
        members = instrument == index
        scale[members] = PEAK_LEVEL / max(np.percentile(peaks[members], 95), 1.0)
    return scale
