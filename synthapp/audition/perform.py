"""Play the instrument for the measures of models/evaluation: python -m synthapp.audition.perform -o FOLDER [--help].

Everything goes through the synth, as live, at the model's own rate. The folder gets float32 WAVs and an index.json that
says of each what it is (repertoire.Played) and for which weights. `python -m models.evaluation sound` reads it.
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import get_args

import numpy as np

from common.atomic import replacing
from common.errors import SynthError
from common.pitch import key_hz
from engine.decoder.opening import open_decoder
from engine.decoder.protocol import DecoderChoice, Precision
from engine.live.server import SPARE_VOICES
from engine.offline.takes import Take, play
from engine.voice.sound import Sound
from models import checkpoints
from models.analysis.recording import gain_to_level
from models.encoding.matching import encode_notes
from models.evaluation.recordings import Recordings
from models.pretrained import DEFAULT
from presets.file import SUFFIX, read_preset
from presets.library import FACTORY
from presets.preset import EmbeddingSet, Preset
from synthapp.audition.repertoire import Played, Repertoire
from synthapp.progress import item_bar
from synthapp.sounds.audiofile import write_audio
from synthapp.sounds.factory import PARAMETERS

VOICES = 16  # played at once
HELD_S = 3.0  # of NSynth's notes


def main():
    """Parse the command line, play, write."""
    parser = argparse.ArgumentParser(prog="python -m synthapp.audition.perform", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for the WAVs and their index")
    parser.add_argument("--weights", default=DEFAULT, help="the instrument to play")
    parser.add_argument("--presets", type=Path, default=FACTORY, help="its factory presets")
    parser.add_argument(
        "--notes", type=Path, default=Path("data/notes"), help="recordings, with folders train, valid and test"
    )
    parser.add_argument("--step", type=int, default=3, help="semitones between the keys that every sound plays")
    parser.add_argument("--heldout", type=int, default=64, help="notes of each held-out split to encode and play back")
    parser.add_argument("--sounds", type=int, default=8, help="sounds for morphs, velocities, bends and octaves")
    parser.add_argument("--points", type=int, default=100, help="random points on the pad")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long notes are held")
    parser.add_argument("--precision", choices=get_args(Precision), default="float32", help="of the decoder")
    parser.add_argument("--holds", type=int, default=8, help="how many notes are held so long")
    arguments = parser.parse_args()
    try:
        audition(arguments)
    except SynthError as error:
        sys.exit(f"audition: {error}")


def audition(arguments):
    """Play everything, write the WAVs, then the index."""
    checkpoint = checkpoints.read(arguments.weights)
    config = checkpoint.config
    presets = read_presets(arguments.presets)
    recordings = Recordings(arguments.notes)
    examples = recordings.examples
    repertoire = Repertoire(presets, config, velocities_of(examples), arguments.step)
    lines = [
        *repertoire.factory(),
        *repertoire.velocity(arguments.sounds),
        *repertoire.morph(arguments.sounds),
        *repertoire.octaves(arguments.sounds),
        *repertoire.bends(max(1, arguments.sounds // 3)),
        *repertoire.pad(arguments.points),
        *heldout(arguments, recordings, repertoire.instruments),
        *repertoire.hold(arguments.minutes, arguments.holds),
    ]
    lines.sort(key=lambda line: line[1].held_s + line[1].tail_s)  # takes of one length share the decoder best
    choice = DecoderChoice(precision=arguments.precision, cores=os.cpu_count() or 1)
    decoder = open_decoder(checkpoint, VOICES, choice, SPARE_VOICES)
    audio = play([take for _, take in lines], decoder, item_bar("playing"))
    index = arguments.output / "index.json"
    index.unlink(missing_ok=True)  # written last: where it is, all that it lists is whole
    for (entry, _), sound in zip(lines, audio, strict=True):
        path = arguments.output / entry.file
        path.parent.mkdir(parents=True, exist_ok=True)
        write_audio(path, sound, config.rate)
    about = {
        "weights": checkpoint.fingerprint,
        "presets": len(presets),
        "rate": config.rate,
        "step": arguments.step,
        "precision": arguments.precision,
        "played": [asdict(entry) | {"file": entry.file} for entry, _ in lines],
    }
    with replacing(index) as temporary:
        temporary.write_text(json.dumps(about, indent=1))
    print(", ".join(f"{count} {name}" for name, count in Counter(entry.set for entry, _ in lines).items()))


def read_presets(folder: Path) -> list[Preset]:
    """All presets of a folder, by name. Raises SynthError where there are none."""
    presets = [read_preset(path) for path in sorted(folder.glob(f"*{SUFFIX}"))]
    if not presets:
        raise SynthError(f"{folder}: there are no presets in it; make them with python -m synthapp.sounds.factory")
    return presets


def velocities_of(examples: dict[str, dict]) -> dict[tuple[str, int], list[int]]:
    """(instrument_str, pitch) -> velocities of the recordings, ascending."""
    found: dict[tuple[str, int], list[int]] = {}
    for example in (example for split in examples.values() for example in split.values()):
        found.setdefault((example["instrument_str"], example["pitch"]), []).append(example["velocity"])
    return {key: sorted(velocities) for key, velocities in found.items()}


def heldout(arguments, recordings: Recordings, instruments: set[str]) -> Iterator[tuple[Played, Take]]:
    """Notes that no training saw, encoded and played back at their own pitch.

    Of the split "test" those of the factory's instruments; of "valid", where whole instruments were held out, all.
    """
    if not arguments.heldout:
        return
    checkpoint, examples = checkpoints.read(arguments.weights), recordings.examples
    model = checkpoint.build()
    ours = {name: note for name, note in examples.get("test", {}).items() if note["instrument_str"] in instruments}
    wanted = {"test": chosen(ours, arguments.heldout), "valid": chosen(examples.get("valid", {}), arguments.heldout)}
    decoder = open_decoder(checkpoint, arguments.heldout)
    for split, found in wanted.items():
        for example, latents in zip(found, _encoded(model, decoder, recordings, found), strict=True):
            key, velocity, instrument = example["pitch"], example["velocity"], example["instrument_str"]
            sound = unlooped(example["note_str"], latents, key, velocity, model.config)
            entry = Played(split, instrument, key, velocity, HELD_S, instrument, example["note_str"])
            yield (
                entry,
                Take(sound, key, velocity, HELD_S, len(latents) * model.config.hop / model.config.rate - HELD_S),
            )


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
    return Sound.from_preset(Preset("note", (embedding,) * 4, pad=(0.0, 0.0), parameters=PARAMETERS), config)


if __name__ == "__main__":
    main()
