"""What each part of the default instrument is worth: held-out notes played without it, beside their recordings.

91 notes of 13 instruments, at pitches and velocities that nothing was learnt from; their first 1.5 s.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import soxr

from common.pitch import key_hz
from engine.decoder.protocol import Decoder
from models.analysis.recording import gain_to_level
from models.data.programs import find_program
from models.data.soundfont import HELD_S
from models.encoding.clips import decode_clips
from models.encoding.matching import encode_notes
from models.evaluation.estimators.logmel import logmel_db
from models.evaluation.estimators.partials import noise_floor_db
from models.evaluation.recordings import Recordings
from presets.latents import rounded

INSTRUMENTS = (
    "flute", "shakuhachi", "violin", "cello", "clarinet", "alto saxophone", "trumpet", "grand piano", "vibraphone",
    "nylon guitar", "church organ", "choir aahs", "saw lead",
)  # fmt: skip
APART = "saw lead"  # makes more than half of every mean gain, and is told apart
LENGTH_S, STEADY_S = 1.536, 0.3
BAND_HZ = 16000  # rate of the narrow band
NOTHING = -4.0  # LEVEL of a free partial that is not there
FAINT_DB = 50.0  # below its loudest a frame does not count in what is held for a whole note


@dataclass(frozen=True)
class Heard:
    """One note: dB of log mel at the model's rate and in the 16 kHz band, and how far the noise floor is off."""

    instrument: str
    full_db: float
    band_db: float
    floor_db: float


def chosen(recordings: Recordings) -> list[dict]:
    """Entries of examples.json: of these instruments one held-out note a pitch, the velocities in turn."""
    names = {find_program(name).instrument_str: name for name in INSTRUMENTS}
    notes = [each for each in recordings.examples["test"].values() if each["instrument_str"] in names]
    found = []
    for instrument in sorted(names):
        own = [each for each in notes if each["instrument_str"] == instrument]
        own.sort(key=lambda each: (each["pitch"], each["velocity"]))
        found += [each | {"named": names[instrument]} for number, each in enumerate(own) if number % 4 in (0, 3)]
    return found


def ablations(config) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Name -> what is done to latents, float32 (notes, frames, latent). config : HarmonicConfig"""
    noise = slice(config.detail.start + config.harmonics, config.detail.stop)
    harmonics = slice(config.detail.start, noise.start)
    lines = slice(config.free.start, config.free.start + config.partials)

    def stored(latents):
        return rounded(latents, config.rounding)

    return {
        "as it was analysed": lambda latents: latents,
        "as stored": stored,
        "as stored, noise held for the note": lambda latents: stored(held_for_note(latents, noise)),
        "as stored, all detail held for the note": lambda latents: stored(held_for_note(latents, config.detail)),
        "without detail of harmonics": lambda latents: _without(stored(latents), harmonics, 0.0),
        "without detail of noise": lambda latents: _without(stored(latents), noise, 0.0),
        "without free partials": lambda latents: _without(stored(latents), lines, NOTHING),
        "the network alone": lambda latents: _without(_without(latents, config.detail, 0.0), lines, NOTHING),
        "without noise": lambda latents: _without(stored(latents), noise, -20.0),
        "without the network": lambda latents: _without(stored(latents), slice(0, config.timbre), 0.0),
    }




def encoded(model, decoder: Decoder, recordings: Recordings, notes):
    """(latents, sounds, f0_hz) of notes, in groups of as many as the decoder has voices."""
    rate, hop = model.config.rate, model.config.hop
    sounds = [recordings.sound(note["note_str"]) for note in notes]
    sounds = np.array([sound * gain_to_level(sound, hop) for sound in sounds])
    f0_hz = key_hz(np.array([note["pitch"] for note in notes]))
    groups = range(0, len(notes), decoder.voices)
    latents = [
        encode_notes(model, decoder, sounds[first:last], f0_hz[first:last], HELD_S * rate)
        for first in groups
        for last in [first + decoder.voices]
    ]
    return np.concatenate(latents), sounds, f0_hz


def hear(decoder: Decoder, latents, sounds, f0_hz, notes, seed=5) -> list[Heard]:
    """Each note beside its recording."""
    config = decoder.config
    frames = round(LENGTH_S * config.rate) // config.hop
    found = []
    for first in range(0, len(notes), decoder.voices):
        rows = slice(first, first + decoder.voices)
        played = decode_clips(decoder, latents[rows, :frames], f0_hz[rows], temperature=0.0, seed=seed)
        found += [_heard(config.rate, *each) for each in zip(played, sounds[rows], f0_hz[rows], notes[rows], strict=True)]
    return found


def _heard(rate, played, sound, hz, note):
    sound = sound[: len(played)]
    narrow = [soxr.resample(each, rate, BAND_HZ) if rate != BAND_HZ else each for each in (played, sound)]
    steady = slice(round(STEADY_S * BAND_HZ), None)
    floors = [noise_floor_db(each[steady], BAND_HZ, hz) for each in narrow]
    return Heard(note["named"], logmel_db(played, sound, rate), logmel_db(*narrow, BAND_HZ), floors[0] - floors[1])


def _without(latents, channels, value):
    changed = latents.copy()
    changed[..., channels] = value
    return changed


def held_for_note(latents, channels):
    """Some channels at their mean over the frames that are heard. latents : (notes, frames, latent)"""
    changed, levels = latents.copy(), latents[..., -1]
    weights = levels > levels.max(1, keepdims=True) - FAINT_DB
    means = (latents[..., channels] * weights[..., None]).sum(1) / weights.sum(1)[:, None]
    changed[..., channels] = means[:, None]
    return changed
