"""The tables of `evaluate parts`: held-out notes beside their recordings, as they are played and without each part.

91 notes of 13 instruments, at pitches and velocities that nothing was learnt from; their first 1.5 s. Classifiers that
have learnt these instruments from their other recordings say which one they hear.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from common.errors import ModelError
from common.pitch import key_hz
from engine.decoder.opening import open_decoder
from engine.decoder.protocol import Decoder
from models.analysis.recording import gain_to_level, resampled
from models.checkpoints import Checkpoint
from models.checkpoints.building import build
from models.checkpoints.kinds import HARMONIC
from models.data.programs import find_program
from models.data.soundfont import HELD_S
from models.encoding.clips import decode_clips
from models.encoding.matching import encode_notes
from models.evaluation.estimators.logmel import logmel_db
from models.evaluation.estimators.partials import noise_floor_db
from models.evaluation.identity import Classifier, log_mel
from models.evaluation.recordings import Recordings
from models.harmonic.config import ABSENT
from models.harmonic.encoding import simplified
from models.threads import one_thread
from presets.latents import rounded

INSTRUMENTS = (
    "flute", "shakuhachi", "violin", "cello", "clarinet", "alto saxophone", "trumpet", "grand piano", "vibraphone",
    "nylon guitar", "church organ", "choir aahs", "saw lead",
)  # fmt: skip
APART = "saw lead"  # makes more than half of every mean gain, and is told apart
LENGTH_S, STEADY_S = 1.536, 0.3
FULL_HZ = 32000  # rate of the recordings
BAND_HZ = 16000  # rate of the narrow band
FAINT_DB = 50.0  # below its loudest a frame does not count in what is held for a whole note
VOICES = 13  # that are played at once
CLASSIFIERS = 3  # from so many seeds
OWN = "as stored"  # whose instruments are told one by one


@dataclass(frozen=True)
class Heard:
    """One note: dB of log mel at FULL_HZ and at BAND_HZ, and how far the noise floor is off, in dB.

    features : float32 (bands, frames), see `log_mel`
    """

    instrument: str
    full_db: float
    band_db: float
    floor_db: float
    features: np.ndarray


def print_parts(checkpoint: Checkpoint, folder: Path, every: int) -> None:
    """Rows as they are found. Raises ModelError where the recordings are not of FULL_HZ."""
    recordings = Recordings(folder)
    notes = chosen(recordings)[::every]
    if not notes or notes[0]["sample_rate"] != FULL_HZ:
        raise ModelError(f"notes {folder}: none at {FULL_HZ} Hz; make them: notes render --rate {FULL_HZ}")
    decoder = open_decoder(checkpoint, VOICES)
    with one_thread():
        classifiers = _classifiers(recordings)
        latents, recorded, f0_hz = encoded(build(checkpoint), decoder, recordings, notes)
    print(f"{len(notes)} notes: log mel in dB (without {APART}); the floor, median and of its magnitude; named right")
    print(f"{'':42s} {'32 kHz':>13s} {'16 kHz':>13s} {'floor':>11s} {'named':>7s}")
    print(_row("recordings", beside(recorded, FULL_HZ, recorded, f0_hz, notes), classifiers), flush=True)
    found = {}
    for name, change in ablations(checkpoint).items():
        found[name] = hear(decoder, change(latents), recorded, f0_hz, notes)
        print(_row(name, found[name], classifiers), flush=True)
    top_hz = checkpoint.config.harmonic_limit_hz
    _print_instruments(found[OWN], beside(_cut(recorded, top_hz), FULL_HZ, recorded, f0_hz, notes), top_hz)


def _print_instruments(own, cut, top_hz):
    print(f"\n{OWN}, by instruments, and what the recordings lose above {top_hz:.0f} Hz")
    print(f"{'':42s} {'32 kHz':>6s} {'16 kHz':>6s} {'lost':>6s}")
    for name in INSTRUMENTS:
        own_db, cut_db = ([each for each in heard if each.instrument == name] for heard in (own, cut))
        figures = [_mean(own_db, "full_db"), _mean(own_db, "band_db"), _mean(cut_db, "full_db")]
        print(f"{name:42s} {' '.join(f'{figure:6.2f}' for figure in figures)}")


def _classifiers(recordings):
    """Of the instruments, learnt from the recordings that are not held out; as long as the notes are heard."""
    names = {find_program(name).instrument_str: name for name in INSTRUMENTS}
    notes = [each for each in recordings.examples["train"].values() if each["instrument_str"] in names]
    sounds = (recordings.sound(each["note_str"])[: round(LENGTH_S * FULL_HZ)] for each in notes)
    features = [log_mel(resampled(sound, FULL_HZ, BAND_HZ), BAND_HZ) for sound in sounds]
    labels = [names[each["instrument_str"]] for each in notes]
    return [Classifier(np.array(features), labels, seed) for seed in range(CLASSIFIERS)]


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


def ablations(checkpoint: Checkpoint) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Name -> what is done to latents, float32 (notes, frames, latent); OWN is among them."""
    config = checkpoint.config
    if checkpoint.kind != HARMONIC:
        return {OWN: lambda latents: latents}
    noise = slice(config.detail.start + config.harmonics, config.detail.stop)
    harmonics = slice(config.detail.start, noise.start)
    lines = slice(config.free.start, config.free.start + config.partials)

    def stored(latents):
        return rounded(latents, config.rounding)

    return {
        "as it was analysed": lambda latents: latents,
        OWN: stored,
        "as the factory stores it": lambda latents: stored(simplified(config, latents)),
        "as stored, all detail held for the note": lambda latents: stored(_held(latents, config.detail)),
        "without detail of harmonics": lambda latents: _without(stored(latents), harmonics, 0.0),
        "without detail of noise": lambda latents: _without(stored(latents), noise, 0.0),
        "without free partials": lambda latents: _without(stored(latents), lines, ABSENT),
        "the network alone": lambda latents: _without(_without(latents, config.detail, 0.0), lines, ABSENT),
        "without noise": lambda latents: _without(stored(latents), noise, -20.0),
        "without the network": lambda latents: _without(stored(latents), slice(0, config.timbre), 0.0),
    }


def encoded(model, decoder: Decoder, recordings: Recordings, notes):
    """(latents, recordings at FULL_HZ, f0_hz) of notes, in groups of as many as the decoder has voices."""
    rate = model.config.rate
    found = [recordings.sound(note["note_str"]) for note in notes]
    full = np.array([sound * gain_to_level(sound, FULL_HZ * model.config.hop // rate) for sound in found])
    sounds = [resampled(sound, FULL_HZ, rate) for sound in full]
    f0_hz = key_hz(np.array([note["pitch"] for note in notes]))
    groups = range(0, len(notes), decoder.voices)
    latents = [
        encode_notes(model, decoder, np.array(sounds[first:last]), f0_hz[first:last], HELD_S * rate)
        for first in groups
        for last in [first + decoder.voices]
    ]
    return np.concatenate(latents), full, f0_hz


def hear(decoder: Decoder, latents, recorded, f0_hz, notes, seed=5) -> list[Heard]:
    """Each note beside its recording at FULL_HZ."""
    config = decoder.config
    frames = round(LENGTH_S * config.rate) // config.hop
    found = []
    for first in range(0, len(notes), decoder.voices):
        rows = slice(first, first + decoder.voices)
        played = decode_clips(decoder, latents[rows, :frames], f0_hz[rows], temperature=0.0, seed=seed)
        found += beside(played, config.rate, recorded[rows], f0_hz[rows], notes[rows])
    return found


def beside(sounds, rate, recorded, f0_hz, notes) -> list[Heard]:
    """Each sound, which has this rate, beside its recording at FULL_HZ, up to LENGTH_S."""
    return [_heard(rate, *each) for each in zip(sounds, recorded, f0_hz, notes, strict=True)]


def _heard(rate, played, sound, hz, note):
    both = [resampled(played, rate, FULL_HZ), sound]
    both = [each[: min(*map(len, both), round(LENGTH_S * FULL_HZ))] for each in both]
    narrow = [resampled(each, FULL_HZ, BAND_HZ) for each in both]
    steady = slice(round(STEADY_S * BAND_HZ), None)
    floors = [noise_floor_db(each[steady], BAND_HZ, hz) for each in narrow]
    distances = logmel_db(*both, FULL_HZ), logmel_db(*narrow, BAND_HZ)
    return Heard(note["named"], *distances, floors[0] - floors[1], log_mel(narrow[0], BAND_HZ))


def _cut(sounds, top_hz):
    """Without what is above a frequency. sounds : float32 (notes, samples) at FULL_HZ"""
    spectra = np.fft.rfft(sounds)
    spectra[:, np.fft.rfftfreq(sounds.shape[1], 1 / FULL_HZ) > top_hz] = 0.0
    return np.fft.irfft(spectra, sounds.shape[1]).astype(np.float32)


def _held(latents, channels):
    """Some channels at their mean over the frames that are heard. latents : float32 (..., frames, latent)"""
    changed, levels = latents.copy(), latents[..., -1:]
    weights = levels > levels.max(-2, keepdims=True) - FAINT_DB
    means = (latents[..., channels] * weights).sum(-2, keepdims=True) / weights.sum(-2, keepdims=True)
    changed[..., channels] = means
    return changed


def _without(latents, channels, value):
    changed = latents.copy()
    changed[..., channels] = value
    return changed


def _row(name, heard, classifiers):
    others = [each for each in heard if each.instrument != APART]

    def means(field):
        return " ".join(f"{_mean(some, field):6.2f}" for some in (heard, others))

    floors = np.array([each.floor_db for each in heard])
    features, labels = np.array([each.features for each in heard]), [each.instrument for each in heard]
    named = 100 * np.mean([classifier.accuracy(features, labels) for classifier in classifiers])
    return (
        f"{name:42s} {means('full_db')} {means('band_db')} {np.median(floors):+5.1f} {np.median(np.abs(floors)):5.1f}"
        f" {named:5.1f} %"
    )


def _mean(heard, field):
    return np.mean([getattr(each, field) for each in heard]) if heard else np.nan
