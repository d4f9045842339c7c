"""What passes between the window and the process that encodes. Imports nothing heavy: the window reads this, too."""

import msgspec

from models.checkpoints.source import DEFAULT_SOURCE, Source
from presets.pad import Spot


class Request(msgspec.Struct, frozen=True):
    """Put the note of a file onto the pad of a preset.

    path : of the sound; empty: only make everything ready for these weights
    output : the preset to write; preset : the one that gives the other sounds
    spot : where on its pad; note : as the player names it, where it is not to be found
    source : of the weights that play the preset
    """

    path: str = ""
    output: str = ""
    preset: str = ""
    spot: Spot = 0
    note: str | None = None
    source: Source = DEFAULT_SOURCE


class Answer(msgspec.Struct, frozen=True):
    """status : as the command `encode` would exit with; error : one line, empty where there is none"""

    status: int = 0
    error: str = ""
