"""Where the program is: the folder that holds its rooms, in a checkout as in an installed package."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ICON = ROOT / "synthapp" / "manifold.svg"
SONG = ROOT / "songs" / "minuet.mid"  # ships, so that there is something to play
