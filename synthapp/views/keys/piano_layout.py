"""Where the 88 keys lie, in a strip of width 1 and height 1 with y downwards."""

from dataclasses import dataclass

LOWEST, HIGHEST = 21, 108  # A0 .. C8
BLACK_HEIGHT = 0.62  # of a white key
BLACK_WIDTH = 0.58
_BLACK = (1, 3, 6, 8, 10)  # semitones above C
_LEAN = {1: -0.09, 3: 0.09, 6: -0.12, 8: 0.0, 10: 0.12}  # black keys stand a little apart within their group
WHITES = sum(note % 12 not in _BLACK for note in range(LOWEST, HIGHEST + 1))


@dataclass(frozen=True)
class Key:
    """One key: its note and its rectangle."""

    note: int
    black: bool
    left: float
    right: float
    bottom: float


def _lay_out():
    keys, white = [], 0
    for note in range(LOWEST, HIGHEST + 1):
        if note % 12 in _BLACK:
            middle = white + _LEAN[note % 12]
            keys.append(
                Key(note, True, (middle - BLACK_WIDTH / 2) / WHITES, (middle + BLACK_WIDTH / 2) / WHITES, BLACK_HEIGHT)
            )
        else:
            keys.append(Key(note, False, white / WHITES, (white + 1) / WHITES, 1.0))
            white += 1
    return tuple(keys)


KEYS = _lay_out()
BLACKS = tuple(key for key in KEYS if key.black)
IVORIES = tuple(key for key in KEYS if not key.black)


def key_at(x: float, y: float) -> Key | None:
    """The key at a point of the strip; black keys lie on top."""
    for key in (*BLACKS, *IVORIES):
        if key.left <= x < key.right and 0 <= y <= key.bottom:
            return key
    return None


def velocity_at(key: Key, y: float) -> int:
    """1..127: softer at the top of the key, louder towards its front edge."""
    return min(max(round(30 + 97 * y / key.bottom), 1), 127)


def note_name(note: int) -> str:
    """'C4' for 60."""
    return f"{('C', 'C♯', 'D', 'E♭', 'E', 'F', 'F♯', 'G', 'A♭', 'A', 'B♭', 'B')[note % 12]}{note // 12 - 1}"
