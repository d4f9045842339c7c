"""What a player may write for a note, and for an effect."""

import pytest
import typer

from engine.commands import SetMpe
from presets.effects import Slot
from synthapp.commands.options import Wish, _parse_effect, _parse_mpe, _parse_note, mpe_of_song, with_effects


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


def test_an_effect_and_its_values():
    assert _parse_effect("reverb") == Wish("reverb", {})
    assert _parse_effect("delay:sync=1/8.,wet=0.3") == Wish("delay", {"sync": 6.0, "wet": 0.3})


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("echo", "'echo': there is no such effect; choose from reverb, chorus"),
        ("reverb:wt=0.3", "reverb has no 'wt'; choose from wet, on, size"),
        ("reverb:wet=1.5", "reverb: wet is '1.5'; it must be from 0 to 1"),
        ("reverb:wet", "reverb: wet is ''; it must be"),
        ("drive:drive_db=loud", "drive_db is 'loud'; it must be from 0 to 36 dB"),
        ("delay:sync=1/5", "sync is '1/5'; it must be one of free, 1/32"),
        ("drive:drive_db=nan", "drive_db is 'nan'"),
    ],
)
def test_an_effect_that_cannot_be(text, line):
    with pytest.raises(typer.BadParameter, match=line.replace("(", "[(]")):
        _parse_effect(text)


def test_effects_are_added_to_a_chain_or_override_it():
    own = (Slot(1, "reverb", on=False, wet=0.2, parameters={"size": 0.8}), Slot(4, "eq"))
    wishes = [Wish("reverb", {"wet": 0.5, "damping": 0.1}), Wish("drive", {})]
    assert with_effects(own, wishes) == (
        Slot(1, "reverb", wet=0.5, parameters={"size": 0.8, "damping": 0.1}), Slot(4, "eq"), Slot(5, "drive"),
    )  # fmt: skip
    assert with_effects((), [Wish("reverb", {})]) == (Slot(1, "reverb", wet=0.2),)


def test_mpe_by_port():
    assert [_parse_mpe(text) for text in ("on", "LinnStrument=off", "a=b=auto")] == [
        ("", "on"), ("LinnStrument", "off"), ("a=b", "auto"),
    ]  # fmt: skip
    assert mpe_of_song({"2": "on", "": "off"}) == [SetMpe("off"), SetMpe("on", 1)]
    with pytest.raises(typer.BadParameter, match="'maybe'.*auto, on, off"):
        _parse_mpe("maybe")
    with pytest.raises(typer.BadParameter, match="'Keys'.*1 to 16"):
        mpe_of_song({"Keys": "on"})
