"""Make the factory presets from the training notes: python -m synthapp.factory [--help].

Every corner is one instrument of the sound font, encoded at three pitches and two velocities by the default weights.
The decoder then plays each note once, and the loudness channel is corrected by what its level lacks: played by its mean
the network is softer where the recording is noisy or has just begun.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from engine.decoder.cpu import CpuDecoder
from errors import SynthError
from models import checkpoints
from models.data.notes import Notes, read_notes
from models.data.soundfont import HELD_SAMPLES, PROGRAMS
from models.pretrained import DEFAULT
from presets.file import write_preset
from presets.library import FACTORY
from presets.looping import looped
from presets.preset import EmbeddingSet, Preset
from synthapp.autoencode import decode_clips

PITCHES = (36, 60, 84)
VELOCITIES = (50, 120)
CORRECTION_DB = 12.0  # greatest
FAINT_DB = -50.0  # frames further below the loudest are left as they are
LEVEL = 0.2  # rms of every note at its loudest: the engine's velocity curve alone makes soft and loud


@dataclass(frozen=True)
class Recipe:
    """One factory preset: its corners by the names in PROGRAMS (bottom left, bottom right, top left, top right)."""

    name: str
    tags: tuple[str, ...]
    corners: tuple[str, str, str, str]
    pad: tuple[float, float] = (0.5, 0.5)


RECIPES = (
    Recipe("First Light", ("keys", "morph"), ("grand piano", "cello", "flute", "choir aahs"), (0.2, 0.25)),
    Recipe("Chamber Strings", ("strings", "warm"), ("cello", "violin", "string ensemble", "harp"), (0.35, 0.6)),
    Recipe("Brass Rise", ("brass", "bold"), ("trombone", "trumpet", "french horn", "saw lead"), (0.3, 0.3)),
    Recipe("Woodwind Square", ("winds", "soft"), ("clarinet", "oboe", "flute", "pan flute"), (0.2, 0.7)),
    Recipe("Felt and Metal", ("keys",), ("grand piano", "electric piano", "marimba", "vibraphone"), (0.8, 0.2)),
    Recipe("Cathedral", ("organ", "choir", "slow"), ("church organ", "choir aahs", "french horn", "string ensemble")),
    Recipe("Plucked", ("plucked", "bright"), ("nylon guitar", "clean guitar", "harp", "harpsichord"), (0.1, 0.2)),
    Recipe("Bellows", ("organ", "reeds"), ("accordion", "drawbar organ", "oboe", "church organ"), (0.2, 0.2)),
    Recipe("Deep Wood", ("bass", "dark"), ("acoustic bass", "cello", "marimba", "clarinet"), (0.15, 0.1)),
    Recipe("Neon", ("lead", "electric"), ("electric piano", "saw lead", "vibraphone", "drawbar organ"), (0.9, 0.2)),
    Recipe("Reed Quarter", ("reeds", "lead"), ("alto saxophone", "clarinet", "oboe", "accordion"), (0.1, 0.2)),
    Recipe("Silver and Air", ("soft", "morph"), ("harp", "vibraphone", "flute", "choir aahs"), (0.6, 0.6)),
)  # fmt: skip


def main():
    """Parse the command line, encode, write."""
    parser = argparse.ArgumentParser(prog="python -m synthapp.factory", description=__doc__)
    parser.add_argument("--notes", type=Path, default=Path("data/notes"), help="folder that the training rendered")
    parser.add_argument("--weights", default=DEFAULT, help="weights that the presets are made for")
    arguments = parser.parse_args()
    try:
        write_factory(read_notes(arguments.notes), arguments.weights)
    except SynthError as error:
        sys.exit(f"factory: {error}")


def write_factory(notes, weights, folder=FACTORY):
    """Encode every instrument once and write all presets of RECIPES."""
    model = checkpoints.load(weights)
    config, arrays = checkpoints.read(weights)
    decoder = CpuDecoder(config, arrays, voices=len(PITCHES) * len(VELOCITIES))
    fingerprint = checkpoints.fingerprint(arrays)
    used = sorted({name for recipe in RECIPES for name in recipe.corners})
    sounds = {name: encode_instrument(model, decoder, notes, name) for name in tqdm(used, "encoding", disable=None)}
    folder.mkdir(parents=True, exist_ok=True)
    for recipe in RECIPES:
        corners = tuple(sounds[name] for name in recipe.corners)
        preset = Preset(recipe.name, corners, recipe.tags, "Manifold", fingerprint, recipe.pad)
        write_preset(preset, folder / f"{recipe.name}.manifold")


def encode_instrument(model, decoder, notes: Notes, name: str) -> EmbeddingSet:
    """The sound of one instrument of PROGRAMS: the notes nearest to PITCHES x VELOCITIES, encoded."""
    program = next(program for program in PROGRAMS if program.name == name)
    config = model.config
    instrument = notes.names.index(f"{program.family}_{program.source}_{program.number:03d}")
    found = [_find(notes, instrument, pitch, velocity) for pitch in PITCHES for velocity in VELOCITIES]
    sounds = np.array([_levelled(notes.sound(note), config.hop) for note in found])
    latents = np.array([model.encode(sound) for sound in sounds])
    latents[..., -1] += _missing_db(decoder, latents, sounds, notes.f0_hz[found])
    latents = latents.reshape(len(PITCHES), len(VELOCITIES), *latents.shape[1:])
    held = HELD_SAMPLES // config.hop
    return looped(name, latents, PITCHES, VELOCITIES, held, config.rate / config.hop, config.loudness)


def _missing_db(decoder, latents, sounds, f0_hz):
    """What the played level lacks in every frame. latents (notes, frames, latent), sounds (notes, samples)."""
    hop, frames = decoder.config.hop, latents.shape[1]
    played = _levels_db(decode_clips(decoder, latents, f0_hz, temperature=0.0, seed=0), hop, frames)
    recorded = _levels_db(sounds, hop, frames)
    heard = recorded > recorded.max(1, keepdims=True) + FAINT_DB
    return np.where(heard, np.clip(recorded - played, -CORRECTION_DB, CORRECTION_DB), 0.0).astype(np.float32)


def _levels_db(audio, hop, frames):
    """rms under a Hann window of two hops around the centre of each frame. (notes, samples) -> (notes, frames)."""
    padded = np.pad(audio, ((0, 0), (hop // 2, hop + hop // 2)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * hop, axis=1)[:, ::hop][:, :frames]
    return 10 * np.log10((windows**2 * np.hanning(2 * hop)).mean(2) + 1e-12)


def _levelled(sound, hop):
    """The note, scaled so that its loudest hop has an rms of LEVEL."""
    hops = sound[: len(sound) // hop * hop].reshape(-1, hop)
    return sound * (LEVEL / np.sqrt((hops**2).mean(1)).max())


def _find(notes, instrument, pitch, velocity):
    found = (notes.instrument == instrument) & (notes.pitch == pitch) & (notes.velocity == velocity)
    if not found.any():
        raise SynthError(f"the notes have no {notes.names[instrument]} at pitch {pitch}, velocity {velocity}")
    return int(np.flatnonzero(found)[0])


if __name__ == "__main__":
    main()
