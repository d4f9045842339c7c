"""Held-out recordings -> embeddings -> played again, with their own embeddings and with each other's; the table."""

import os
from pathlib import Path

import numpy as np

from engine.decoder.opening import open_decoder
from engine.decoder.protocol import DecoderChoice
from models import checkpoints
from models.analysis.recording import gain_to_level
from models.checkpoints.building import build
from models.checkpoints.source import Source
from models.encoding.clips import decode_clips
from models.encoding.matching import encode_notes
from models.evaluation.estimators.pitch import key_hz
from models.evaluation.reconstructions import HEADINGS, NEAR, Original, line, mean_spectrum, reproduction
from models.evaluation.recordings import Recordings
from synthapp.audition.perform import HELD_S
from synthapp.sounds.wavfile import write_audio

SECONDS = 3.2  # of each note, a little beyond its release


def reproduce(weights: Source | Path, notes: Path, count: int, temperature: float, output: Path | None, seed=0) -> str:
    """The table in Markdown.

    notes : folder with train and test; count : held-out notes, evenly over the instruments
    temperature : of the draws; output : folder for the WAVs, if they are wanted
    """
    checkpoint, recordings = checkpoints.read(weights), Recordings(notes)
    config, model = checkpoint.config, build(checkpoint)
    originals = [_original(recordings, example, config) for example in chosen(recordings.examples["test"], count)]
    references = [_references(recordings, original, config) for original in originals]
    decoder = open_decoder(checkpoint, len(originals), DecoderChoice("cpu", "float32", os.cpu_count() or 1))
    sounds, f0_hz = np.stack([each.audio for each in originals]), np.array([each.f0_hz for each in originals])
    latents = encode_notes(model, decoder, sounds, f0_hz, round(HELD_S * config.rate))
    others = np.roll(np.arange(len(originals)), len(originals) // 2)  # of another instrument, as they are sorted
    rows = {
        "recordings": sounds,
        "played": decode_clips(decoder, latents, f0_hz, temperature, seed),
        "played, each with another's embedding": decode_clips(decoder, latents[others], f0_hz, temperature, seed),
    }
    table = [("", *HEADINGS), ("---",) * (1 + len(HEADINGS))]
    for name, played in rows.items():
        found = [reproduction(*each) for each in zip(originals, played, references, strict=True)]
        table.append((name, *line(found)))
        if output:
            _write(output / name.replace(", ", "-").replace(" ", "-"), originals, played)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in table)


def chosen(examples: dict[str, dict], count: int) -> list[dict]:
    """Entries of examples.json, as many of every instrument, evenly over its pitches; by instrument."""
    by_name: dict[str, list[dict]] = {}
    for example in sorted(examples.values(), key=lambda each: (each["pitch"], each["velocity"])):
        by_name.setdefault(example["instrument_str"], []).append(example)
    each = max(1, count // len(by_name))
    return [
        members[place]
        for _, members in sorted(by_name.items())
        for place in np.unique(np.linspace(0, len(members) - 1, each + 2).round().astype(int)[1:-1])
    ]


def _original(recordings, example, config):
    audio = _sound(recordings, example["note_str"], config)
    pitch = example["pitch"]
    return Original(audio, config.rate, example["instrument_str"], pitch, key_hz(pitch), HELD_S)


def _sound(recordings, note_str, config):
    """At the level at which sounds are encoded."""
    audio = recordings.sound(note_str)[: round(SECONDS * config.rate) // config.hop * config.hop]
    return audio * np.float32(gain_to_level(audio, config.hop))


def _references(recordings, original, config):
    """Mean spectra of the instruments that were trained on at a pitch nearby, each one's nearest."""
    nearest: dict[str, tuple[int, str]] = {}
    for name, example in sorted(recordings.examples["train"].items()):
        place = abs(example["pitch"] - original.pitch), name
        if place[0] <= NEAR:
            nearest[example["instrument_str"]] = min(place, nearest.get(example["instrument_str"], place))
    return {
        instrument: mean_spectrum(_sound(recordings, name, config), config.rate)
        for instrument, (_, name) in nearest.items()
    }


def _write(folder, originals, played):
    folder.mkdir(parents=True, exist_ok=True)
    for original, audio in zip(originals, played, strict=True):
        write_audio(folder / f"{original.instrument}-{original.pitch:03d}.wav", audio, original.rate)
