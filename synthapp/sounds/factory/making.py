"""Presets for any weights: an estimate, sounds encoded in the order in which presets need them, each preset written as
soon as its four sounds are there, and at the end the ranges that int8 needs for these sounds, kept with the weights.
"""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from common.errors import PresetError
from common.lines import tell
from engine.decoder.cpu import ranges
from models import checkpoints
from models.checkpoints import Checkpoint
from models.checkpoints.known import SUFFIX, KnownWeights, name_of, own_folder
from models.checkpoints.source import DEFAULT_SOURCE, Source
from presets.file import read_preset, write_new_preset
from presets.library import Library, file_name
from presets.preset import NAME_LENGTH, EmbeddingSet, Preset
from synthapp.sounds.factory.encoding import Encoder, Work, encoded, work_of
from synthapp.sounds.factory.recipes import RECIPES, Recipe, by_fours, far_apart
from synthapp.sounds.factory.sources import NoteSource
from synthapp.sounds.playable import parameters_for, with_frames

LABEL_LENGTH = 20  # characters of the weights' name that every preset's name ends with


def make_presets(weights: Source, source: NoteSource, instruments: Sequence[str] | None) -> None:
    """Fill the player's library with presets for these weights, and put the weights among the player's.

    instruments : of the source, four a preset; None: all. A preset that is there already stays as it is, and so do
        all its sounds: what was interrupted goes on
    Raises ModelError, PresetError.
    """
    checkpoint, library = with_frames(checkpoints.read(weights)), Library()
    found = KnownWeights().find(checkpoint.fingerprint)
    label = name_of(Path((found or weights).path))
    plan = _plan(recipes_of(source, instruments), library, label)
    works = _works(plan, source, checkpoint.config)
    if works:
        library.folder.mkdir(parents=True, exist_ok=True)
        kept = Path(found.path) if found else _keep(checkpoint, label)
        _tell_estimate(checkpoint, source, works, len(plan))
        _write_presets(checkpoint, plan, _sounds(weights, checkpoint, source, works))
        if found != DEFAULT_SOURCE:  # these have theirs, and belong to the program
            _store_ranges(checkpoint, kept, library)
    tell(f"{library.folder}: {len(plan)} presets made for {label}; the window lists them")


def recipes_of(source: NoteSource, instruments: Sequence[str] | None) -> Sequence[Recipe]:
    """What presets to make: of the named instruments; else those of the program, where the source has them; else all.

    Raises PresetError where there is nothing to make.
    """
    if instruments:
        return by_fours(list(dict.fromkeys(instruments)))
    there = set(source.instruments())
    recipes = [recipe for recipe in RECIPES if there.issuperset(recipe.corners)]
    if not there:
        raise PresetError("the notes have no instrument; nothing to make presets of")
    return recipes or by_fours(far_apart(sorted(there)))


def preset_name(recipe: Recipe, label: str) -> str:
    """'First Light (nsynth)'."""
    ending = f" ({label[:LABEL_LENGTH]})"
    return recipe.name[: NAME_LENGTH - len(ending)].rstrip() + ending


@dataclass(frozen=True)
class _Planned:
    """One preset that is to be made."""

    recipe: Recipe
    name: str
    path: Path


def _plan(recipes, library, label):
    """The presets that are not there yet."""
    planned = [
        _Planned(recipe, name, library.folder / file_name(name))
        for recipe in recipes
        for name in [preset_name(recipe, label)]
    ]
    there = [each for each in planned if each.path.exists()]
    if there:
        tell(f"{len(there)} of {len(planned)} presets are there already and stay, such as {there[0].name!r}")
    return [each for each in planned if each not in there]


def _works(plan, source, config):
    """Every instrument once, in the order in which the presets need them. Raises ModelError."""
    names = dict.fromkeys(name for each in plan for name in each.recipe.corners)
    return [work_of(source, name, config) for name in names]


def _keep(checkpoint, label):
    """The path of the player's own copy of these weights, which is made."""
    folder = own_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{label}{SUFFIX}"
    if path.exists():
        path = folder / f"{label} {checkpoint.fingerprint}{SUFFIX}"
    checkpoints.write(path, *checkpoint.network, checkpoint.origin or f"of {label}")
    tell(f"{path}: the weights, where presets find them")
    return path


def _tell_estimate(checkpoint: Checkpoint, source: NoteSource, works: Sequence[Work], presets: int):
    """One note is encoded for it, which is kept."""
    first = works[0].instrument, dict(list(works[0].notes.items())[:1])
    begin = time.perf_counter()
    Encoder(checkpoint, source).encode(Work(*first))
    note_s = time.perf_counter() - begin
    notes, cores = sum(len(work.notes) for work in works), os.cpu_count() or 1
    seconds = notes * note_s / min(cores, len(works)) + _ranges_s(checkpoint)
    tell(f"{notes} notes of {len(works)} instruments into {presets} presets: about {_duration(seconds)}")


def _ranges_s(checkpoint):
    """What measuring the ranges will take, about: as many products as the decoder has weights, for every sample."""
    square = np.ones((512, 512), np.float32)
    begin = time.perf_counter()
    square @ square
    pair_s = (time.perf_counter() - begin) / square.shape[0] ** 3
    pairs = sum(values.size for name, values in checkpoint.weights.items() if name.startswith("decoder."))
    return 2 * ranges.VOICES * ranges.SAMPLES * pairs * pair_s  # the products of large matrices are twice as fast


def _duration(seconds):
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _sounds(weights, checkpoint, source, works) -> Iterator[EmbeddingSet]:
    """The instruments' sounds; a bar of notes on a terminal."""
    total = sum(len(work.notes) for work in works)
    with tqdm(desc="encoding", total=total, unit="note", disable=None, leave=False) as bar:
        yield from encoded(weights, checkpoint, source, works, bar.update)


def _write_presets(checkpoint, plan: Sequence[_Planned], sounds: Iterator[EmbeddingSet]):
    """Each as soon as its sounds are there."""
    ready: dict[str, EmbeddingSet] = {}
    for each in plan:
        while not ready.keys() >= set(each.recipe.corners):
            sound = next(sounds)
            ready[sound.name] = sound
        corners = tuple(ready[name] for name in each.recipe.corners)
        parameters = parameters_for(checkpoint.config, corners)
        made = Preset(
            each.name, corners, each.recipe.tags, "", checkpoint.fingerprint, each.recipe.pad, parameters
        )  # fmt: skip
        write_new_preset(made, each.path)
        if each is plan[0]:
            tell(f"{each.path}: {each.name!r} can be played")


def _store_ranges(checkpoint, path, library):
    """Measure what int8 needs for all presets of these weights, and write it beside the weights."""
    presets = [
        preset
        for entry in library.entries()
        if not entry.problem and not entry.factory
        for preset in [read_preset(entry.path)]
        if preset.model == checkpoint.fingerprint
    ]
    measured = ranges.measure_ranges(*checkpoint.network, ranges.held_latents(presets))
    checkpoints.write(path, *checkpoint.network, checkpoint.origin, measured)
