"""A made-up instrument that is right, the same one broken in every way, and folders of what they play."""

import json

import numpy as np
import soundfile

from models import checkpoints
from models.evaluation.estimators.pitch import key_hz
from models.evaluation.played import PlayedNotes
from tests.models.evaluation.synthetic import RATE, shaped, tone

INSTRUMENTS = {"reed_acoustic_001": [1, 0] * 6, "brass_acoustic_002": np.ones(12), "flute_acoustic_003": [1, 0.1, 0.01]}
KEYS = (48, 54, 60, 66)


def recorded(instrument, key, velocity=85):
    audio = shaped(
        tone(key_hz(key), 4.0, INSTRUMENTS[instrument], seed=int(key)),
        0.1,
        3.0,
        held_s=3.0,
        release_db_per_s=60,
    )
    return (audio * (velocity / 127) ** 2).astype(np.float32)


def broken(instrument, key, velocity=85):
    """Another instrument's sound, detuned, with another envelope and much noise that swells."""
    audio = shaped(tone(key_hz(key + 0.3), 4.0, INSTRUMENTS["flute_acoustic_003"]), 0.5, 20.0)
    return (
        audio + np.linspace(0, 0.1, len(audio)) * np.random.default_rng(int(key)).standard_normal(len(audio))
    ) * 0.03


def write_recordings(folder):
    """Notes of all INSTRUMENTS, with splits train and test."""
    for split, keys in (("train", range(45, 70, 3)), ("test", KEYS)):
        examples = {}
        (folder / split / "audio").mkdir(parents=True)
        for instrument in INSTRUMENTS:
            for key in keys:
                name = f"{instrument}-{key:03d}-085"
                examples[name] = {"note_str": name, "instrument_str": instrument, "pitch": key, "velocity": 85}
                examples[name]["instrument_family_str"] = instrument.split("_")[0]
                soundfile.write(folder / split / "audio" / f"{name}.wav", recorded(instrument, key), RATE)
        (folder / split / "examples.json").write_text(json.dumps(examples))
    return folder


def play(folder, instrument_path, voice, morph=None):
    """A folder as the audition writes it, with `voice` for the instrument."""
    lines = []

    def add(question, name, key, audio, held_s=3.0, velocity=85, other="", recording="", semitones=0.0):
        file = f"{question}-{len(lines)}.wav"
        soundfile.write(folder / file, audio.astype(np.float32), RATE, subtype="FLOAT")
        lines.append(
            {"set": question, "name": name, "key": key, "velocity": velocity, "held_s": held_s, "instrument": name,
             "recording": recording, "other": other, "preset": "", "pad": [0, 0], "bend_semitones": semitones,
             "file": file}
        )  # fmt: skip

    for name in INSTRUMENTS:
        for key in KEYS:
            for question in ("factory", "test"):
                add(question, name, key, voice(name, key), recording=f"{name}-{key:03d}-085")
        add("octaves", name, 54, voice(name, 54))
        add("ends", name, 60, recorded(name, 60))
    for velocity in (1, 64, 127):
        add("velocity", "reed_acoustic_001", 60, voice("reed_acoustic_001", 60, velocity), velocity=velocity)
    add("pad", "somewhere", 60, voice("reed_acoustic_001", 60, 127), velocity=127)
    add("scale", "reed_acoustic_001", 60, voice("reed_acoustic_001", 60.5), semitones=0.5)
    reed, brass = (recorded(name, 60) for name in list(INSTRUMENTS)[:2])
    half = shaped(tone(key_hz(60), 4.0, [1, 0.3] * 6), 0.1, 3.0, held_s=3.0, release_db_per_s=60)
    half *= np.sqrt(np.mean(reed**2) / np.mean(half**2))
    add("morph", "reed_acoustic_001", 60, half if voice is recorded else voice("", 60), other="brass_acoustic_002")
    long = tone(220.0, 12.0) if voice is recorded else shaped(tone(220.0, 12.0), decay_db_per_s=4.0)
    add("hold", "reed_acoustic_001", 57, long, held_s=12.0)
    weights = checkpoints.read(instrument_path).fingerprint
    (folder / "index.json").write_text(
        json.dumps({"weights": weights, "rate": RATE, "step": 6, "precision": "float32", "played": lines})
    )
    return PlayedNotes(folder)
