"""The computer keyboard as a piano: A W S E D F T G Y H U J K O L P from C upwards, Z and X move by an octave.

The letters are names of places, those of a US keyboard (layout.py).
"""

LETTERS = tuple("AWSEDFTGYHUJKOLP")  # semitones above C


class NoteKeys:
    """Which notes the keys play, and which are down.

    base : MIDI note of the A key, a C from 0 to 108
    held : letter -> the note that it started, so that its release ends that note even after a move
    """

    def __init__(self, base: int = 60):
        self.base = base
        self.held: dict[str, int] = {}

    def press(self, letter: str) -> int | None:
        """The note that starts, or None."""
        if letter not in LETTERS or letter in self.held:
            return None
        note = self.base + LETTERS.index(letter)
        if note > 127:
            return None
        self.held[letter] = note
        return note

    def release(self, letter: str) -> int | None:
        """The note that ends, or None."""
        return self.held.pop(letter, None)

    def release_all(self) -> list[int]:
        """The notes that end: the window lost the keyboard and will not see the keys go up."""
        notes = list(self.held.values())
        self.held.clear()
        return notes

    def move(self, octaves: int) -> None:
        """Up or down, as far as MIDI goes."""
        self.base = min(max(self.base + 12 * octaves, 0), 108)

    @property
    def notes(self) -> dict[int, str]:
        """note -> letter, for the labels on the keys."""
        return {self.base + i: letter for i, letter in enumerate(LETTERS)}
