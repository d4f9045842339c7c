"""Make the factory presets from the training notes.

Every corner is one instrument of the sound font, its embeddings fitted to all notes that were trained on at two
velocities, and matched to their recordings as the decoder plays them. Presets share the sounds that are in several.
"""

import multiprocessing
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from common.errors import ModelError
from engine.decoder.cpu.ranges import held_latents, measure_ranges
from engine.decoder.opening import open_decoder
from engine.parameters import TABLE, Param
from models import checkpoints
from models.analysis.recording import gain_to_level
from models.checkpoints.building import build
from models.checkpoints.source import Source
from models.data.notes import Notes
from models.data.programs import find_program
from models.data.soundfont import HELD_SAMPLES, VELOCITIES
from models.encoding.matching import encode_notes
from models.pretrained import DEFAULT
from presets.file import SUFFIX, remove_unnamed_sounds, write_shared_preset
from presets.latents import rounded
from presets.library import FACTORY
from presets.looping import looped
from presets.preset import EmbeddingSet, Preset

DRAFTS = Path("runs/factory")  # to be heard before they ship
WEIGHTS = "weights.safetensors"
STORED_VELOCITIES = (VELOCITIES[0], VELOCITIES[-1])
PARAMETERS = {"release_ms": TABLE[Param.RELEASE_MS].maximum}  # so that recorded releases are heard as they are


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
    Recipe(
        "Slow Weather",
        ("strings", "pad", "slow"),
        ("slow strings", "synth strings", "tremolo strings", "halo pad"),
        (0.4, 0.4),
    ),
    Recipe("Brass Rise", ("brass", "bold"), ("trombone", "trumpet", "french horn", "brass section"), (0.3, 0.3)),
    Recipe("Low Brass", ("brass", "dark"), ("tuba", "trombone", "french horn", "contrabass"), (0.25, 0.2)),
    Recipe("Woodwind Square", ("winds", "soft"), ("clarinet", "oboe", "flute", "pan flute"), (0.2, 0.7)),
    Recipe("Double Reeds", ("reeds", "winds"), ("oboe", "english horn", "bassoon", "clarinet"), (0.3, 0.3)),
    Recipe(
        "Saxophones",
        ("reeds", "lead"),
        ("soprano saxophone", "alto saxophone", "tenor saxophone", "clarinet"),
        (0.5, 0.3),
    ),
    Recipe("High Wind", ("flutes", "air"), ("piccolo", "flute", "pan flute", "shakuhachi"), (0.4, 0.6)),
    Recipe("Felt and Metal", ("keys",), ("grand piano", "electric piano", "marimba", "vibraphone"), (0.8, 0.2)),
    Recipe(
        "Stage Keys", ("keys", "electric"), ("electric piano", "clavinet", "electric grand", "grand piano"), (0.1, 0.2)
    ),
    Recipe("Small Bells", ("mallets", "bright"), ("celesta", "music box", "vibraphone", "kalimba"), (0.3, 0.5)),
    Recipe("Struck Wood", ("mallets", "dry"), ("marimba", "dulcimer", "kalimba", "steel drums"), (0.2, 0.2)),
    Recipe(
        "Cathedral",
        ("organ", "choir", "slow"),
        ("church organ", "choir aahs", "french horn", "string ensemble"),
        (0.3, 0.4),
    ),
    Recipe("Bellows", ("organ", "reeds"), ("accordion", "bandoneon", "reed organ", "harmonica"), (0.2, 0.2)),
    Recipe("Plucked", ("plucked", "bright"), ("nylon guitar", "clean guitar", "harp", "harpsichord"), (0.1, 0.2)),
    Recipe(
        "Six Strings", ("guitar",), ("jazz guitar", "clean guitar", "overdriven guitar", "nylon guitar"), (0.2, 0.2)
    ),
    Recipe("Silk Road", ("plucked", "world"), ("koto", "sitar", "shamisen", "banjo"), (0.2, 0.3)),
    Recipe("Deep Wood", ("bass", "dark"), ("acoustic bass", "cello", "marimba", "bassoon"), (0.15, 0.1)),
    Recipe(
        "Electric Low", ("bass", "electric"), ("fingered bass", "fretless bass", "slap bass", "synth bass"), (0.2, 0.5)
    ),
    Recipe("Rubber Floor", ("bass", "synth"), ("synth bass", "fretless bass", "square lead", "saw lead"), (0.3, 0.3)),
    Recipe("Neon", ("lead", "electric"), ("square lead", "saw lead", "electric piano", "polysynth"), (0.7, 0.2)),
    Recipe("Voices", ("choir", "pad"), ("choir aahs", "synth voice", "solo voice", "halo pad"), (0.3, 0.3)),
    Recipe("Glass Garden", ("pad", "synth"), ("fantasia", "bowed glass", "crystal", "celesta"), (0.4, 0.4)),
    Recipe("Silver and Air", ("soft", "morph"), ("harp", "vibraphone", "flute", "choir aahs"), (0.6, 0.6)),
    Recipe("Piper's Road", ("reeds", "world"), ("bagpipe", "english horn", "harmonica", "violin"), (0.2, 0.3)),
)


def make_factory(
    notes: Notes, weights: Source | Path, folder: Path = DRAFTS, recipes=RECIPES, processes: int | None = None
) -> None:  # fmt: skip
    """Encode every instrument of the recipes once; write their presets and WEIGHTS into a folder, which is made.

    WEIGHTS are those given, with the ranges that int8 needs for these sounds.

    notes : of all these instruments, at STORED_VELOCITIES; weights : those that the presets are for
    processes : in which so many instruments are encoded at once; None: as many as there are cores
    Raises ModelError, PresetError; nothing is written before all is encoded.
    """
    checkpoint = checkpoints.read(weights)
    sounds = _encoded(notes, weights, sorted({name for recipe in recipes for name in recipe.corners}), processes)
    presets = []
    for recipe in recipes:
        corners = tuple(sounds[name] for name in recipe.corners)
        presets.append(
            Preset(recipe.name, corners, recipe.tags, "Manifold", checkpoint.fingerprint, recipe.pad, PARAMETERS)
        )
        write_shared_preset(presets[-1], folder / f"{recipe.name}{SUFFIX}")
    remove_unnamed_sounds(folder)
    ranges = measure_ranges(*checkpoint.network, held_latents(sorted(presets, key=lambda preset: preset.name)))
    checkpoints.write(folder / WEIGHTS, *checkpoint.network, checkpoint.origin, ranges)


def ship(drafts: Path = DRAFTS, factory: Path = FACTORY, weights: Path = DEFAULT) -> None:
    """Let the program come with the presets and weights of a folder, and no others."""
    made = {path.name for path in drafts.glob(f"*{SUFFIX}")}
    for path in factory.glob(f"*{SUFFIX}"):
        if path.name not in made:
            path.unlink()
    shutil.copytree(drafts, factory, ignore=shutil.ignore_patterns(WEIGHTS), dirs_exist_ok=True)
    remove_unnamed_sounds(factory)
    shutil.copyfile(drafts / WEIGHTS, weights)


def _encoded(notes, weights, names, processes):
    """{name: EmbeddingSet}"""
    chosen = [_chosen(notes, name) for name in names]
    voices = max(map(len, chosen))
    jobs = ((name, _only(notes, rows)) for name, rows in zip(names, chosen, strict=True))
    spawn = multiprocessing.get_context("spawn")  # forking a process with torch's threads may hang
    with spawn.Pool(processes, _prepare, (weights, voices)) as pool:
        sounds = tqdm(pool.imap(_encode, jobs), "encoding", len(names), disable=None)
        return dict(zip(names, sounds, strict=True))


def _prepare(weights, voices):
    """What a worker needs for every instrument."""
    global _worker
    checkpoint = checkpoints.read(weights)
    _worker = (build(checkpoint), open_decoder(checkpoint, voices))


def _encode(job):
    return encode_instrument(*_worker, *job)


def encode_instrument(model, decoder, name: str, notes: Notes) -> EmbeddingSet:
    """The sound of one instrument of PROGRAMS. notes : `_chosen`"""
    config = model.config
    recordings = [notes.sound(note) for note in range(len(notes.pitch))]
    sounds = np.array([sound * gain_to_level(sound, config.hop) for sound in recordings])
    latents = encode_notes(model, decoder, sounds, notes.f0_hz, HELD_SAMPLES)
    pitches = notes.pitch[: len(notes.pitch) // len(STORED_VELOCITIES)].tolist()
    latents = latents.reshape(len(STORED_VELOCITIES), len(pitches), *latents.shape[1:]).swapaxes(0, 1)
    held = HELD_SAMPLES // config.hop
    sound = looped(name, latents, pitches, STORED_VELOCITIES, held, config.rate / config.hop, config.loudness)
    return replace(sound, latents=rounded(sound.latents, config.timbre))


def _chosen(notes, name):
    """Rows of the notes of one instrument of PROGRAMS: of each of STORED_VELOCITIES in turn all pitches, ascending,
    that there are at every one of them."""
    own = np.array(notes.names)[notes.instrument] == find_program(name).instrument_str
    known = [set(notes.pitch[own & (notes.velocity == velocity)].tolist()) for velocity in STORED_VELOCITIES]
    pitches = sorted(set.intersection(*known))
    if not pitches:
        raise ModelError(f"notes have no {name} at velocities {STORED_VELOCITIES}; render them with models.data")
    return [_find(notes, own, pitch, velocity) for velocity in STORED_VELOCITIES for pitch in pitches]


def _find(notes, own, pitch, velocity):
    return int(np.flatnonzero(own & (notes.pitch == pitch) & (notes.velocity == velocity))[0])


def _only(notes, rows):
    fields = ("audio", "scale", "pitch", "velocity", "instrument")
    return replace(notes, **{field: getattr(notes, field)[rows] for field in fields})
