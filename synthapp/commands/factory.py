"""The factory presets, made for any weights."""

from pathlib import Path
from typing import Annotated

import typer

from synthapp.commands.options import Weights, source_of


def factory(
    notes: Annotated[Path, typer.Option(help="Notes that were trained on.")] = Path("data/notes/train"),
    weights: Weights = None,
    ship: Annotated[bool, typer.Option("--ship", help="Then let the program come with them.")] = False,
) -> None:
    """Make the factory presets from the training notes.

    Every corner is one instrument of the sound font, its embeddings fitted to all notes that were trained on at two
    velocities, and matched to their recordings as the decoder plays them.
    """
    from models.data.notes import read_notes
    from synthapp.sounds import factory as workshop

    workshop.make_factory(read_notes(notes), source_of(weights))
    if ship:
        workshop.ship()
