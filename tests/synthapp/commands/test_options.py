"""What a player may write for a note."""

import pytest
import typer

from synthapp.commands.options import _parse_note


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("A4", 69),
        ("c4", 60),
        ("C#3", 49),
        ("Bb2", 46),
        ("b2", 47),
        ("E♭5", 75),
        ("C-1", 0),
        ("G9", 127),
        ("69.5", 69.5),
    ],
)
def test_names_and_numbers(text, note):
    assert _parse_note(text) == note


@pytest.mark.parametrize("text", ["H4", "A", "A44", "128", "-1", "Cb-1", "A9", "", "nan"])
def test_anything_else_is_refused(text):
    with pytest.raises(typer.BadParameter):
        _parse_note(text)
