"""Notes that the tests make, in both of NSynth's forms, and a system whose Z is the sound itself."""

import json

import numpy as np
from scipy.io import wavfile

from models.data.nsynth import FAMILIES, RATE
from tests.models.data.record_writer import example, note_features, record

SAMPLES = RATE // 2
INSTRUMENTS = ("bass_electronic_011", "flute_acoustic_002", "organ_synthetic_001", "keyboard_electronic_004")


def tone(pitch, brightness, samples=SAMPLES):
    """float64 (samples,): harmonics that fall by their number to a power."""
    t = np.arange(samples) / RATE
    hz = 440 * 2 ** ((pitch - 69) / 12)
    wave = sum(np.sin(2 * np.pi * k * hz * t + k) / k**brightness for k in range(1, 6) if k * hz < RATE / 2)
    return 0.2 * wave * np.minimum(1, t / 0.01)


def names(pitches):
    return [f"{instrument}-{pitch:03d}-100" for instrument in INSTRUMENTS for pitch in pitches]


def sound_of(name):
    instrument, pitch, _ = name.rsplit("-", 2)
    return tone(int(pitch), 1 + INSTRUMENTS.index(instrument))


def write_records(path, pitches):
    path.write_bytes(b"".join(record(example(note_features(name, sound_of(name)))) for name in names(pitches)))
    return path


def write_folder(folder, pitches):
    (folder / "audio").mkdir(parents=True)
    entries = {}
    for name in names(pitches):
        instrument, pitch, velocity = name.rsplit("-", 2)
        family, source, _ = instrument.rsplit("_", 2)
        wavfile.write(folder / "audio" / f"{name}.wav", RATE, np.rint(32767 * sound_of(name)).astype(np.int16))
        entries[name] = {
            "note_str": name, "pitch": int(pitch), "velocity": int(velocity), "sample_rate": RATE,
            "instrument_family": FAMILIES.index(family), "qualities": [0] * 10,
            "instrument_source": ("acoustic", "electronic", "synthetic").index(source),
        }  # fmt: skip
    (folder / "examples.json").write_text(json.dumps(entries))
    return folder


class Mirror:
    """A system that keeps the sound: what the figures do with Z can be heard in it exactly."""

    name = "mirror"
    told_pitch = True

    def encode(self, note):
        return note.audio[:, None]

    embed = encode

    def decode(self, embeddings, f0_hz):
        self.asked_hz = list(f0_hz)
        return [embedding[:, 0] for embedding in embeddings]
