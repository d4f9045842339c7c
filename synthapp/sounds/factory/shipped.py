"""The presets that ship, made from the notes that their network was trained on.

Every corner is one instrument of the sound font, its embeddings fitted to notes that were trained on and matched to
their recordings as the decoder plays them. Presets share the sounds that are in several.
"""

import multiprocessing
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from common.errors import ModelError
from engine.decoder.cpu.ranges import held_latents, measure_ranges
from engine.decoder.opening import open_decoder
from engine.decoder.protocol import Decoder
from engine.offline.loudness import balanced
from models import checkpoints
from models.analysis.recording import gain_to_level
from models.checkpoints.building import build
from models.checkpoints.kinds import WAVENET
from models.checkpoints.source import Source
from models.data.notes import Notes
from models.data.programs import find_program
from models.data.soundfont import HELD_S, VELOCITIES
from models.encoding.matching import encode_notes
from models.harmonic.config import HarmonicConfig
from models.harmonic.encoding import simplified
from models.pretrained import DEFAULT, SMALL
from presets.file import SUFFIX, read_preset, remove_unnamed_sounds, write_shared_preset
from presets.latents import rounded
from presets.library import FACTORY
from presets.looping import looped
from presets.preset import EmbeddingSet, Preset
from synthapp.sounds.factory.recipes import RECIPES, SMALL_RECIPES, Recipe
from synthapp.sounds.playable import AS_RECORDED

DRAFTS = Path("runs/factory")  # to be heard before they ship
WEIGHTS = "weights.safetensors"
# Velocity 20 is some 24 dB below 127; strokes change in colour as those do that the sound font has several recordings
# of (benchmarks/velocity_layers.py); no two notes loop alike.
PLAYED = AS_RECORDED | {"velocity_curve": 0.75, "brightness": 6.0, "life": 1.0}
SOFTLY_DRAWN = AS_RECORDED | {"temperature": 0.5, "life": 1.0}  # 1 hisses, 0 has no noise at all (docs/sound.md)


@dataclass(frozen=True)
class Bank:
    """The presets that ship for one network.

    folder, weights : where they and the network are; recipes : what they are
    velocities : at which every sound is stored; parameters : what all have
    """

    folder: Path = FACTORY
    weights: Path = DEFAULT
    recipes: tuple[Recipe, ...] = RECIPES
    velocities: tuple[int, ...] = (VELOCITIES[0], VELOCITIES[-1])
    parameters: dict[str, float] = field(default_factory=PLAYED.copy)


BANKS = {
    "default": Bank(),
    "small": Bank(FACTORY / "small", SMALL, SMALL_RECIPES, (60, 110), SOFTLY_DRAWN),
}


def make_factory(
    notes: Notes, weights: Source | Path, folder: Path = DRAFTS, bank: Bank = BANKS["default"],
    processes: int | None = None, balance: Callable[[Preset, Decoder], Preset] = balanced,
) -> None:  # fmt: skip
    """Encode every instrument of the recipes once; write their presets and WEIGHTS into a folder, which is made.

    WEIGHTS are those given, with the ranges that int8 needs for these sounds.

    notes : of all these instruments, at the bank's velocities; weights : those that the presets are for
    processes : in which so many instruments are encoded at once; None: as many as there are cores
    balance : makes presets equally loud
    Raises ModelError, PresetError; nothing is written before all is encoded.
    """
    checkpoint = checkpoints.read(weights)
    sounds = _encoded(notes, weights, bank, processes)
    presets = _write(sounds, checkpoint, folder, bank, balance)
    held = held_latents(sorted(presets, key=lambda preset: preset.name))
    ranges = measure_ranges(*checkpoint.network, held) if checkpoint.kind == WAVENET else None
    checkpoints.write(folder / WEIGHTS, *checkpoint.network, checkpoint.origin, ranges)


def balance_again(bank: Bank = BANKS["default"], balance: Callable[[Preset, Decoder], Preset] = balanced) -> None:
    """Write the presets that ship anew, with the sounds that they have: after a change of recipes or of the decoder."""
    shipped = [read_preset(path) for path in sorted(bank.folder.glob(f"*{SUFFIX}"))]
    sounds = {corner.name: corner for preset in shipped for corner in preset.corners}
    _write(sounds, checkpoints.read(bank.weights), bank.folder, bank, balance)


def _write(sounds, checkpoint, folder, bank, balance):
    """The presets of all recipes, into a folder. sounds : {name: EmbeddingSet}"""
    presets, decoder = [], open_decoder(checkpoint, 2)
    for recipe in bank.recipes:
        corners, parameters = tuple(sounds[name] for name in recipe.corners), bank.parameters | recipe.parameters
        preset = Preset(recipe.name, corners, recipe.tags, "Manifold", checkpoint.fingerprint, recipe.pad, parameters)
        presets.append(balance(preset, decoder))
        write_shared_preset(presets[-1], folder / f"{recipe.name}{SUFFIX}")
    remove_unnamed_sounds(folder)
    return presets


def ship(drafts: Path = DRAFTS, bank: Bank = BANKS["default"]) -> None:
    """Let the program come with the presets and weights of a folder, and no others in this bank."""
    made = {path.name for path in drafts.glob(f"*{SUFFIX}")}
    for path in bank.folder.glob(f"*{SUFFIX}"):
        if path.name not in made:
            path.unlink()
    shutil.copytree(drafts, bank.folder, ignore=shutil.ignore_patterns(WEIGHTS), dirs_exist_ok=True)
    remove_unnamed_sounds(bank.folder)
    shutil.copyfile(drafts / WEIGHTS, bank.weights)


def _encoded(notes, weights, bank, processes):
    """{name: EmbeddingSet}"""
    names = sorted({name for recipe in bank.recipes for name in recipe.corners})
    chosen = [_chosen(notes, name, bank) for name in names]
    voices = max(map(len, chosen))
    jobs = ((name, bank.velocities, _only(notes, rows)) for name, rows in zip(names, chosen, strict=True))
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


def encode_instrument(model, decoder, name: str, velocities: tuple[int, ...], notes: Notes) -> EmbeddingSet:
    """The sound of one instrument of PROGRAMS. notes : `_chosen`"""
    config = model.config
    recordings = [notes.sound(note) for note in range(len(notes.pitch))]
    sounds = np.array([sound * gain_to_level(sound, config.hop) for sound in recordings])
    latents = encode_notes(model, decoder, sounds, notes.f0_hz, HELD_S * config.rate)
    pitches = notes.pitch[: len(notes.pitch) // len(velocities)].tolist()
    latents = latents.reshape(len(velocities), len(pitches), *latents.shape[1:]).swapaxes(0, 1)
    held = HELD_S * config.rate // config.hop
    sound = looped(name, latents, pitches, velocities, held, config.rate / config.hop, config.loudness)
    kept = simplified(config, sound.latents) if isinstance(config, HarmonicConfig) else sound.latents
    return replace(sound, latents=rounded(kept, config.rounding))


def _chosen(notes, name, bank):
    """Rows of the notes of one instrument of PROGRAMS: of each of the bank's velocities in turn all pitches,
    ascending, that there are at every one of them."""
    own = np.array(notes.names)[notes.instrument] == find_program(name).instrument_str
    known = [set(notes.pitch[own & (notes.velocity == velocity)].tolist()) for velocity in bank.velocities]
    pitches = sorted(set.intersection(*known))
    if not pitches:
        raise ModelError(f"notes have no {name} at velocities {bank.velocities}; render them with models.data")
    return [_find(notes, own, pitch, velocity) for velocity in bank.velocities for pitch in pitches]


def _find(notes, own, pitch, velocity):
    return int(np.flatnonzero(own & (notes.pitch == pitch) & (notes.velocity == velocity))[0])


def _only(notes, rows):
    fields = ("audio", "scale", "pitch", "velocity", "instrument")
    return replace(notes, **{field: getattr(notes, field)[rows] for field in fields})
