"""How an instrument sounds: its presets are played, and what is heard is measured."""

from pathlib import Path
from typing import Annotated

import typer

from presets.library import FACTORY
from synthapp.audition.extent import FULL, QUICK, Extent
from synthapp.commands.options import Docs, Precision, Weights, source_of

Presets = Annotated[
    Path, typer.Option(help="Folder of the presets made for the weights.", show_default="the factory's")
]
Recorded = Annotated[Path, typer.Option("--notes", help="Recordings, with folders train, valid and test.")]
NOTES = Path("data/notes")

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, help="Play an instrument and its presets, and measure how they sound."
)


@app.command()
def sound(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the report.")] = Path("listening/report"),
    played: Annotated[
        Path | None,
        typer.Option(help="Folder of the notes; played first where it is not there.", show_default="OUTPUT/played"),
    ] = None,
    weights: Weights = None,
    presets: Presets = FACTORY,
    notes: Recorded = NOTES,
    quick: Annotated[bool, typer.Option("--quick", help="A few notes only.")] = False,
    docs: Docs = None,
) -> None:
    """The table of measures, goal by goal, beside recordings."""
    from synthapp.audition.evaluate import evaluate
    from synthapp.audition.perform import Audition

    audition = Audition(source_of(weights), presets, notes, QUICK if quick else FULL)
    evaluate(audition, played or output / "played", output, docs)


@app.command()
def reproductions(
    weights: Weights = None,
    notes: Recorded = NOTES,
    count: Annotated[int, typer.Option(help="Held-out notes, evenly over the instruments.")] = 24,
    temperature: Annotated[float, typer.Option(help="Of the draws.")] = 0.8,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Folder for the WAVs.")] = None,
) -> None:
    """Held-out recordings, encoded and played again, also with each other's embeddings: is the embedding heard?"""
    from synthapp.audition.reproduce import reproduce

    print(reproduce(source_of(weights), notes, count, temperature, output))


@app.command()
def play(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the WAVs and their index.")],
    weights: Weights = None,
    presets: Presets = FACTORY,
    notes: Recorded = NOTES,
    step: Annotated[int, typer.Option(help="Semitones between the keys that every sound plays.")] = FULL.step,
    heldout: Annotated[int, typer.Option(help="Notes of each held-out split to encode and play back.")] = FULL.heldout,
    sounds: Annotated[int, typer.Option(help="Sounds for morphs, velocities, bends and octaves.")] = FULL.sounds,
    points: Annotated[int, typer.Option(help="Random points on the pad.")] = FULL.points,
    minutes: Annotated[float, typer.Option(help="How long notes are held.")] = FULL.minutes,
    precision: Precision = "float32",
    holds: Annotated[int, typer.Option(help="How many notes are held so long.")] = FULL.holds,
) -> None:
    """The notes that `evaluate sound` measures, into a folder."""
    from synthapp.audition.perform import Audition, perform

    extent = Extent(step, heldout, sounds, points, minutes, holds)
    perform(Audition(source_of(weights), presets, notes, extent, precision), output)


@app.command()
def parts(
    weights: Weights = None,
    notes: Recorded = NOTES,
    every: Annotated[int, typer.Option(help="Take every so many of the 91 notes.")] = 1,
) -> None:
    """What each part of an instrument is worth, beside held-out recordings at 32 kHz."""
    from models.checkpoints import read
    from synthapp.audition.parts import print_parts

    print_parts(read(source_of(weights)), notes, every)


@app.command()
def beside(
    sounds: Annotated[
        list[Path] | None,
        typer.Argument(metavar="IN.wav...", help="Sound files; without: a held-out note of each of 13 instruments."),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="Gets sounds, pictures, a page.")] = (
        Path("listening/beside")
    ),
    weights: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="As elsewhere; repeatable; default: the first default, and today's."),
    ] = None,
    notes: Recorded = NOTES,
) -> None:
    """Recordings side by side with what instruments make of them, for the ear and the eye."""
    from common.lines import tell
    from synthapp.audition.beside import from_file, from_notes, show

    sources = [source_of(each) for each in weights] if weights else [source_of("wavenet"), source_of(None)]
    found = [from_file(path) for path in sounds] if sounds else from_notes(notes)
    tell(f"{show(found, sources, output)}: open it in a browser")


@app.command()
def loudness(
    weights: Weights = None,
    presets: Presets = FACTORY,
    balance: Annotated[
        bool, typer.Option("--balance", help="As they would be with trim and low keys set anew.")
    ] = False,
) -> None:
    """How loud presets are, dry: five notes in LUFS (ITU-R BS.1770), low keys beside C4, soft strokes beside hard."""
    from engine.decoder.opening import open_decoder
    from engine.offline.loudness import balanced, table
    from models import checkpoints
    from synthapp.audition.perform import read_presets

    decoder = open_decoder(checkpoints.read(source_of(weights)), 2)
    found = read_presets(presets)
    for line in table((balanced(each, decoder) for each in found) if balance else found, decoder):
        print(line, flush=True)
