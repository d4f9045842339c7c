"""The notes that a network without pitch input is given of every sound: there a latent is of one pitch.

All corners of a voice are read at one of them, and the keys between are made by resampling what the voice plays. So all
sounds have theirs on one grid, as Open NSynth Super's had (a note every four semitones); a recording of another pitch
is repitched to those within an octave before it is encoded.
"""

from collections.abc import Iterable
from typing import TypeVar

import numpy as np
import soxr

from models.config import WaveNetConfig

STEP = 4  # semitones
SOURCE_NOTES = range(24, 97, STEP)  # MIDI numbers
REACH = 12  # semitones by which a recording is repitched at most
QUALITY = "VHQ"

Pitch = TypeVar("Pitch", int, float)


def hears_pitch(config: WaveNetConfig) -> bool:
    """Whether the network is told the pitch, so that its latents are of none."""
    return bool(config.pitch or config.harmonics)


def sources(pitches: Iterable[Pitch]) -> dict[int, Pitch]:
    """{source note: the nearest of these pitches}, of the source notes in reach; of none, the nearest source note.

    pitches : MIDI numbers of recordings, with fractions
    """
    there = sorted(pitches)
    nearest = {note: min(there, key=lambda pitch: abs(pitch - note)) for note in SOURCE_NOTES}
    reached = {note: pitch for note, pitch in nearest.items() if abs(pitch - note) <= REACH}
    return reached or dict([min(nearest.items(), key=lambda pair: abs(pair[0] - pair[1]))])


def thinned(pitches: Iterable[int]) -> list[int]:
    """Of these pitches one in a STEP: what a network that is told the pitch needs of an instrument."""
    pitches = sorted(pitches)
    wanted = range(pitches[0], pitches[-1] + 1, STEP)
    return sorted({min(pitches, key=lambda pitch: abs(pitch - note)) for note in wanted})


def repitched(audio: np.ndarray, semitones: float, rate: float = 1.0) -> np.ndarray:
    """A recording played faster or slower. rate : samples of it for each sample wanted; float32 (samples,)"""
    ratio = rate * 2.0 ** (semitones / 12)
    return audio if ratio == 1.0 else soxr.resample(audio, ratio, 1.0, QUALITY).astype(np.float32)
