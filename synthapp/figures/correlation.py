"""Figure 5: how alike the embeddings of an instrument's pitches are, for some instruments and in the mean."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from common.errors import ModelError
from models.data.nsynth import RATE
from synthapp.figures.album import Album
from synthapp.figures.choice import Note, instruments_of
from synthapp.figures.systems import System
from synthapp.sounds.factory.sources import NoteSource
from synthapp.views.keys.piano_layout import note_name

LOWEST, PITCHES = 21, 88  # the piano's keys, as NSynth has them
REACH = 2  # semitones
SHOWN = ("electric piano", "keyboard"), ("fingered bass", "bass"), ("flute",)

Bar = Callable[[Iterable], Iterable]


def correlations(embeddings: dict[int, np.ndarray]) -> np.ndarray:
    """float (PITCHES, PITCHES): Pearson's r of each two embeddings, flattened; NaN where a pitch is not there.

    embeddings : {MIDI number: any shape, the same of all}
    """
    there = sorted(key for key in embeddings if LOWEST <= key < LOWEST + PITCHES)
    whole = np.full((PITCHES, PITCHES), np.nan)
    if len(there) > 1:
        rows = np.stack([embeddings[key].ravel() for key in there]).astype(float)
        with np.errstate(invalid="ignore"):  # an embedding that never moves correlates with nothing
            whole[np.ix_(*[np.array(there) - LOWEST] * 2)] = np.corrcoef(rows)
    return whole


def mean_of(matrices: Sequence[np.ndarray]) -> np.ndarray:
    """Of those that know each pair of pitches; NaN where none does."""
    stacked = np.stack(matrices)
    known = np.isfinite(stacked)
    count = known.sum(0)
    return np.where(count > 0, np.where(known, stacked, 0.0).sum(0) / np.maximum(count, 1), np.nan)


def spread(matrix: np.ndarray) -> np.ndarray:
    """As it is drawn: a pitch that is missing is as its nearest, up to REACH semitones away."""
    known = np.flatnonzero(np.isfinite(np.diagonal(matrix)))
    if not len(known):
        return matrix
    pitches = np.arange(len(matrix))
    nearest = known[np.abs(pitches[:, None] - known).argmin(1)]
    far = np.abs(pitches - nearest) > REACH
    drawn = matrix[np.ix_(nearest, nearest)]
    drawn[far], drawn[:, far] = np.nan, np.nan
    return drawn


def draw(
    notes: NoteSource, systems: Sequence[System], folder: Path, asked: Sequence[str] | None, most: int, bar: Bar
) -> Path:
    """The figure: a row a system. most : instruments in the mean, those that are shown among them"""
    from matplotlib.figure import Figure

    shown = instruments_of(notes, SHOWN, asked)
    others = [name for name in notes.instruments() if name not in shown]
    every = [*shown, *_spread(others, most - len(shown))]
    album, (height, width) = Album(folder, RATE, 5), (len(systems), len(shown) + 1)
    whole = Figure(figsize=(2.6 * width + 0.6, 2.6 * height + 0.3), layout="constrained")
    axes = whole.subplots(height, width, squeeze=False)
    for system, line in zip(systems, axes, strict=True):
        matrices = [_of_instrument(notes, system, name) for name in bar(every)]
        panels = [*zip(shown, matrices, strict=False), (f"mean of {len(every)} instruments", mean_of(matrices))]
        for (title, matrix), cell in zip(panels, line, strict=True):
            image = _panel(cell, title, matrix)
        line[0].set_ylabel(system.name, fontsize=8)
    whole.colorbar(image, ax=axes, shrink=0.8)
    _add_sounds(album, notes, shown)
    text = (
        "Correlation of the embeddings between all pitches of an instrument, as loud as it is there, and the mean. "
        "Blocks along the diagonal are registers; a pitch that the notes lack is drawn as its nearest, up to two "
        "semitones away, else grey."
    )
    names = ", ".join(system.name for system in systems)
    return album.close("Correlation across pitches", text, f"Models: {names}. Mean over: {', '.join(every)}.", whole)


def _of_instrument(notes, system, instrument):
    there = [pitch for pitch in notes.pitches(instrument) if LOWEST <= pitch < LOWEST + PITCHES]
    if len(there) < 2:
        raise ModelError(f"{instrument}: {len(there)} pitches; a correlation needs two")
    played = (Note(instrument, pitch, notes.sound(instrument, pitch)) for pitch in there)
    return correlations({note.pitch: system.embed(note) for note in played})


def _spread(names, count):
    """So many of them, evenly."""
    if count <= 0 or not names:
        return []
    places = np.linspace(0, len(names) - 1, min(count, len(names))).round().astype(int)
    return [names[place] for place in places]


def _panel(cell, title, matrix):
    ends = (LOWEST - 0.5, LOWEST + PITCHES - 0.5)
    cell.set_facecolor("0.85")
    image = cell.imshow(spread(matrix), origin="lower", extent=(*ends, *ends), vmin=-1, vmax=1, cmap="RdBu_r")
    octaves = range(24, 109, 24)
    cell.set_xticks(octaves, [note_name(key) for key in octaves], fontsize=7)
    cell.set_yticks(octaves, [note_name(key) for key in octaves], fontsize=7)
    cell.set_title(title, fontsize=9)
    return image


def _add_sounds(album, notes, shown):
    """The lowest, the middle and the highest note of each."""
    for instrument in shown:
        there = list(notes.pitches(instrument))
        for pitch in dict.fromkeys((there[0], there[len(there) // 2], there[-1])):
            album.add(note_name(pitch), instrument, notes.sound(instrument, pitch))
