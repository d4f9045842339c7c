"""Plays an instrument for the measures of models/evaluation.

Everything goes through the synth, as live, at the model's own rate. The folder gets float32 WAVs and an index.json that
says of each what it is (`models.evaluation.played` reads it) and for which weights.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from common.atomic import replacing
from common.errors import SynthError
from common.pitch import key_hz
from engine.decoder.opening import open_decoder
from engine.decoder.protocol import DecoderChoice, Precision
from engine.offline.takes import Take, play
from engine.synth import spare_voices
from engine.voice.sound import Sound
from models import checkpoints
from models.analysis.recording import gain_to_level
from models.checkpoints.building import build
from models.checkpoints.source import Source
from models.encoding.matching import encode_notes
from models.evaluation.played import Note
from models.evaluation.recordings import Recordings
from presets.file import SUFFIX, read_preset
from presets.preset import EmbeddingSet, Preset
from synthapp.audition.extent import FULL, Extent
from synthapp.audition.repertoire import Repertoire
from synthapp.progress import item_bar
from synthapp.sounds.playable import AS_RECORDED
from synthapp.sounds.wavfile import write_audio

VOICES = 16  # played at once
HELD_S = 3.0  # of NSynth's notes


@dataclass(frozen=True)
class Audition:
    """weights : where they are; presets : folder of those made for them
    notes : folder of recordings, with train, valid and test
    extent : how much is played; precision : of the decoder
    """

    weights: Source | Path
    presets: Path
    notes: Path
    extent: Extent = FULL
    precision: Precision = "float32"


def perform(audition: Audition, folder: Path) -> None:
    """Play everything, write the WAVs, then the index."""
    checkpoint = checkpoints.read(audition.weights)
    config = checkpoint.config
    presets = read_presets(audition.presets)
    lines = sorted(_lines(audition, presets, config), key=_duration)  # takes of one length share the decoder best
    choice = DecoderChoice(precision=audition.precision, cores=os.cpu_count() or 1)
    decoder = open_decoder(checkpoint, VOICES, choice, spare_voices(VOICES))
    audio = play([take for _, take in lines], decoder, item_bar("playing"))
    index = folder / "index.json"
    index.unlink(missing_ok=True)  # written last: where it is, all that it lists is whole
    for (note, _), sound in zip(lines, audio, strict=True):
        path = folder / file_name(note)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_audio(path, sound, config.rate)
    about = {
        "weights": checkpoint.fingerprint,
        "presets": len(presets),
        "rate": config.rate,
        "step": audition.extent.step,
        "precision": audition.precision,
        "played": [asdict(note) | {"file": file_name(note)} for note, _ in lines],
    }
    with replacing(index) as temporary:
        temporary.write_text(json.dumps(about, indent=1))
    print(", ".join(f"{count} {name}" for name, count in Counter(note.set for note, _ in lines).items()))


def _lines(audition, presets, config):
    """(Note, Take) of all that is played."""
    recordings, extent = Recordings(audition.notes), audition.extent
    repertoire = Repertoire(presets, config, velocities_of(recordings.examples), extent.step)
    yield from repertoire.factory()
    yield from repertoire.velocity(extent.sounds)
    yield from repertoire.morph(extent.sounds)
    yield from repertoire.octaves(extent.sounds)
    yield from repertoire.bends(max(1, extent.sounds // 3))
    yield from repertoire.pad(extent.points)
    yield from heldout(audition, recordings, repertoire.instruments)
    yield from repertoire.hold(extent.minutes, extent.holds)


def _duration(line):
    _, take = line
    return take.held_s + take.tail_s


def file_name(note: Note) -> str:
    """Path of its WAV inside the folder."""
    stem = "-".join(part.replace(" ", "_").replace("/", "_") for part in (note.name, note.other) if part)
    pad = f"-{note.pad[0]:.2f}_{note.pad[1]:.2f}" if note.set == "pad" else ""
    bend = f"{note.bend_semitones:+.2f}" if note.bend_semitones else ""
    return f"{note.set}/{stem}-{note.key:03d}{bend}-{note.velocity:03d}{pad}.wav"


def read_presets(folder: Path) -> list[Preset]:
    """All presets of a folder, by name. Raises SynthError where there are none."""
    presets = [read_preset(path) for path in sorted(folder.glob(f"*{SUFFIX}"))]
    if not presets:
        raise SynthError(f"{folder}: there are no presets in it; make them with ./run.sh factory")
    return presets


def velocities_of(examples: dict[str, dict]) -> dict[tuple[str, int], list[int]]:
    """(instrument_str, pitch) -> velocities of the recordings, ascending."""
    found: dict[tuple[str, int], list[int]] = {}
    for example in (example for split in examples.values() for example in split.values()):
        found.setdefault((example["instrument_str"], example["pitch"]), []).append(example["velocity"])
    return {key: sorted(velocities) for key, velocities in found.items()}


def heldout(audition: Audition, recordings: Recordings, instruments: set[str]) -> Iterator[tuple[Note, Take]]:
    """Notes that no training saw, encoded and played back at their own pitch.

    Of the split "test" those of the factory's instruments; of "valid", where whole instruments were held out, all.
    """
    count = audition.extent.heldout
    if not count:
        return
    checkpoint, examples = checkpoints.read(audition.weights), recordings.examples
    model = build(checkpoint)
    ours = {name: note for name, note in examples.get("test", {}).items() if note["instrument_str"] in instruments}
    wanted = {"test": chosen(ours, count), "valid": chosen(examples.get("valid", {}), count)}
    decoder = open_decoder(checkpoint, count)
    for split, found in wanted.items():
        for example, latents in zip(found, _encoded(model, decoder, recordings, found), strict=True):
            key, velocity, instrument = example["pitch"], example["velocity"], example["instrument_str"]
            sound = unlooped(example["note_str"], latents, key, velocity, model.config)
            tail_s = len(latents) * model.config.hop / model.config.rate - HELD_S
            note = Note(split, instrument, key, velocity, HELD_S, instrument, example["note_str"])
            yield note, Take(sound, key, velocity, HELD_S, tail_s)


def _encoded(model, decoder, recordings, examples):
    """float32 (notes, frames, latent) of so many recordings."""
    if not examples:
        return []
    sounds = [recordings.sound(example["note_str"]) for example in examples]
    sounds = np.array([sound * gain_to_level(sound, model.config.hop) for sound in sounds])
    f0_hz = np.array([key_hz(example["pitch"]) for example in examples])
    return encode_notes(model, decoder, sounds, f0_hz, round(HELD_S * model.config.rate))


def chosen(examples: dict, count: int, seed: int = 0) -> list[dict]:
    """So many of the notes, at random, a new instrument as long as there is one."""
    names = sorted(examples)
    np.random.default_rng(seed).shuffle(names)
    seen: Counter[str] = Counter()
    turn = {}
    for name in names:
        instrument = examples[name]["instrument_str"]
        turn[name] = seen[instrument]
        seen[instrument] += 1
    return [examples[name] for name in islice(sorted(names, key=turn.__getitem__), count)]


def unlooped(name, latents, key, velocity, config) -> Sound:
    """A sound that plays these frames once, as they are. latents : float32 (frames, latent) of a note of HELD_S."""
    held = min(int(HELD_S * config.rate) // config.hop, len(latents) - 1)  # before the level falls
    embedding = EmbeddingSet(name[:56], latents[None, None], (key,), (velocity,), (held, held), held)
    return Sound.from_preset(Preset("note", (embedding,) * 4, pad=(0.0, 0.0), parameters=AS_RECORDED), config)
