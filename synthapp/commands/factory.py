"""Presets made in bulk: for any weights, from notes of many instruments; or those that ship."""

import signal
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from synthapp.commands.options import Ema, Hop, Stages, Weights, source_of

TRAINED_ON = Path("data/notes/train")


def factory(
    weights: Weights = None,
    notes: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="NSynth's: JSON and WAV, or TFRecord; default: a sound font.")
    ] = None,
    sf2: Annotated[Path | None, typer.Option(metavar="FILE", help="Sound font to render; default: FluidR3_GM.")] = None,
    instruments: Annotated[
        str | None, typer.Option(metavar="NAME,NAME", help="Four make a preset.", show_default="all")
    ] = None,
    drafts: Annotated[
        bool, typer.Option("--drafts", help="The program's own presets, from the notes that were trained on.")
    ] = False,
    ship: Annotated[bool, typer.Option("--ship", help="Then let the program come with them.")] = False,
    balance: Annotated[
        bool, typer.Option("--balance", help="The program's own presets, as they are, made equally loud anew.")
    ] = False,
    bank: Annotated[
        Literal["default", "small"], typer.Option(help="Of the program's own presets: the network that they are for.")
    ] = "default",
    hop: Hop = 512,
    stages: Stages = 10,
    ema: Ema = False,
) -> None:
    """Make presets for any weights, in your library; or those that ship.

    For any weights, such as imported ones: every corner is one instrument, encoded from its notes, every four semitones
    from 24 to 96 where the weights know no pitch. Interrupted, the same command goes on. The first preset can be played
    while the others are made; the window lists them.

    With --drafts, or to ship: this project's own presets, into runs/factory, from the notes that were trained on,
    matched to their recordings as the decoder plays them. With --balance their sounds stay, and levels are measured and
    set anew: after a change of recipes or of the decoder.
    """
    if balance:
        from synthapp.sounds.factory.shipped import BANKS, balance_again

        balance_again(BANKS[bank])
        return
    source = source_of(weights, hop, stages, ema)
    if drafts or ship:
        _make_drafts(source, notes or TRAINED_ON, bank, ship)
        return
    from synthapp.sounds.factory.making import make_presets
    from synthapp.sounds.factory.sources import open_notes

    found = open_notes(notes, sf2)
    names = [name.strip() for name in instruments.split(",")] if instruments else None
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # what is written is whole
    signal.signal(signal.SIGINT, signal.default_int_handler)  # waits for the notes at work, however long they take
    try:
        make_presets(source, found, names)
    except KeyboardInterrupt:
        print("manifold: interrupted; the same command goes on from here", file=sys.stderr)
        raise typer.Exit(130) from None


def _make_drafts(source, notes, bank, ship):
    from models.data.notes import read_notes
    from synthapp.sounds.factory import shipped

    chosen = shipped.BANKS[bank]
    shipped.make_factory(read_notes(notes), source, bank=chosen)
    if ship:
        shipped.ship(bank=chosen)
