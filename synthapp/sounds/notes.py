"""Notes as a player writes them."""

import re

_SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}


def parse_note(text: str) -> float:
    """MIDI number of '69', '69.5', 'A4', 'c#3', 'Bb2'; C4 is 60. Raises ValueError, one line."""
    named = re.fullmatch(r"([A-Ga-g])([#♯b♭]?)(-?\d)", text)
    if named:
        letter, sign, octave = named.groups()
        note = float(_SEMITONES[letter.upper()] + _SIGNS[sign] + 12 * (int(octave) + 1))
    else:
        try:
            note = float(text)
        except ValueError:
            raise ValueError(f"{text!r} is neither a note such as A4 nor a MIDI number") from None
    if not 0 <= note <= 127:
        raise ValueError(f"{text!r}: notes are from C-1 to G9, MIDI numbers from 0 to 127")
    return note
