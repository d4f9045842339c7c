"""What passes between the window and the process that encodes. Imports nothing heavy: the window reads this, too."""

import msgspec

from models.checkpoints.source import DEFAULT_SOURCE, Source


class Request(msgspec.Struct, frozen=True):
    """Put the note of a file into a corner of a preset.

    path : of the sound; empty: only make everything ready for these weights
    output : the preset to write; preset : the one that gives the other corners
    corner : 0 to 3; note : as the player names it, where it is not to be found
    source : of the weights that play the preset
    """

    path: str = ""
    output: str = ""
    preset: str = ""
    corner: int = 0
    note: str | None = None
    source: Source = DEFAULT_SOURCE


class Answer(msgspec.Struct, frozen=True):
    """status : as the command `encode` would exit with; error : one line, empty where there is none"""

    status: int = 0
    error: str = ""
