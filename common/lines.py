"""Text from anywhere as one line that can be shown: names of files and what stands in them may hold anything."""

LONGEST = 500  # characters; the beginning says what and where, the end how to mend it
_CUT = " ... "


def one_line(text: object) -> str:
    """The text with a question mark for all that is no plain character, the middle of a long one left out.

    Line breaks, bidirectional controls and the surrogates of names that are not UTF-8 are no plain characters.
    """
    shown = "".join(letter if letter.isprintable() else "?" for letter in str(text))
    kept = LONGEST - len(_CUT)
    return shown if len(shown) <= LONGEST else shown[: kept // 2] + _CUT + shown[-(kept - kept // 2) :]


def tell(text: object) -> None:
    """Print one line at once."""
    print(one_line(text), flush=True)
