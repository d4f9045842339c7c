"""The factory presets, made for any weights."""

from pathlib import Path
from typing import Annotated

import typer

from synthapp.commands.options import Weights, weights_path


def factory(
    notes: Annotated[Path, typer.Option(help="Notes that were trained on.")] = Path("data/notes/train"),
    weights: Weights = None,
) -> None:
    """Make the factory presets from the training notes.

    Every corner is one instrument of the sound font, its embeddings fitted to all notes that were trained on at two
    velocities, and matched to their recordings as the decoder plays them.
    """
    from models.data.notes import read_notes
    from synthapp.sounds.factory import write_factory

    write_factory(read_notes(notes), weights_path(weights))
