"""The notes of one data set in memory, as training wants them."""

import logging
from dataclasses import dataclass, replace

import numpy as np

from common.errors import ModelError
from common.pitch import key_hz
from models.data.nsynth import read_examples, samples_at

PEAK_LEVEL = 0.5  # every instrument is scaled so that its louder notes peak here
FULL_SCALE = 32768  # of int16
SHOWN = 20  # left-out notes that are named; the others are counted

log = logging.getLogger(__name__)


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
        return key_hz(self.pitch)

    def every(self, count):
        """Every `count`-th note alone."""
        fields = ("audio", "scale", "pitch", "velocity", "instrument")
        return replace(self, **{field: getattr(self, field)[::count] for field in fields})

    def sound(self, note):
        """float32 (samples,): one note, scaled."""
        return self.audio[note].astype(np.float32) * self.scale[note]


def read_notes(path):
    """Read a set of either form (see nsynth.py). Corrupt notes are named in the log, counted and left out.

    Raises ModelError where there is no set, or no sound note in it.
    """
    corrupt, keys, audio, rate = [], [], bytearray(), 0
    for example in read_examples(path, corrupt.append):
        rate = rate or example.sample_rate
        if example.sample_rate != rate:
            corrupt.append(f"{example.note_str}: {example.sample_rate} Hz, the notes before it {rate}")
            continue
        keys.append((example.instrument_str, example.pitch, example.velocity))
        audio += np.rint(np.clip(example.audio * FULL_SCALE, -FULL_SCALE, FULL_SCALE - 1)).astype(np.int16).tobytes()
    _report(path, corrupt, len(keys))
    if not keys:
        raise ModelError(f"notes {path}: holds no note that can be used")
    owners, pitch, velocity = zip(*keys, strict=True)
    names, instrument = np.unique(owners, return_inverse=True)
    samples = np.frombuffer(audio, np.int16).reshape(-1, samples_at(rate))
    return Notes(
        audio=samples,
        scale=_instrument_scale(samples, instrument),
        pitch=np.array(pitch),
        velocity=np.array(velocity),
        instrument=instrument,
        names=tuple(names.tolist()),
        rate=rate,
    )


def _report(path, corrupt, sound):
    for line in corrupt[:SHOWN]:
        log.warning("%s", line)
    if corrupt:
        log.warning("notes %s: %d corrupt notes left out, %d read", path, len(corrupt), sound)


def _instrument_scale(audio, instrument):
    """float32 (notes,): brings the 95th percentile of each instrument's peaks to PEAK_LEVEL."""
    peaks = np.maximum(audio.max(1).astype(np.int32), -audio.min(1).astype(np.int32))
    scale = np.zeros(len(audio), np.float32)
    for index in np.unique(instrument):
        members = instrument == index
        scale[members] = PEAK_LEVEL / max(np.percentile(peaks[members], 95), 1.0)
    return scale
