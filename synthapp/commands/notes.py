"""Notes to train on: rendered from a sound font, or NSynth's; checked."""

import signal
import sys
import textwrap
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from common.errors import ModelError
from models.data.nsynth import RATE, RATES, find_sets, read_examples
from models.data.programs import PROGRAMS, find_program
from models.data.soundfont import FONT, STEP, VELOCITIES, render_notes

FIELDS = ("instrument_str", "family", "source", "pitch", "velocity")  # of Example, counted by check

app = typer.Typer(add_completion=False, rich_markup_mode=None, help="Notes to train on: render them, check them.")


@app.command()
def render(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Gets train, valid and test.")],
    font: Annotated[str, typer.Argument(help="An SF2 file.")] = FONT,
    programs: Annotated[
        str | None, typer.Option(metavar="NAME,NAME", help="Names or numbers of programs.", show_default="all")
    ] = None,
    step: Annotated[int, typer.Option(help="Semitones between notes.")] = STEP,
    velocities: Annotated[str, typer.Option(metavar="V,V", help="Of the notes.")] = ",".join(map(str, VELOCITIES)),
    rate: Annotated[int, typer.Option(help="Samples per second: 16000, as NSynth's, or 32000.")] = RATE,
) -> None:
    """Render a sound font, in NSynth's JSON + WAV layout.

    Started again after an interruption, it goes on.
    """
    if step < 1:
        raise ModelError(f"--step {step}: at least 1 semitone")
    if rate not in RATES:
        raise ModelError(f"--rate {rate}: {' or '.join(map(str, RATES))}")
    chosen = tuple(dict.fromkeys(map(find_program, _parts(programs)))) if programs else PROGRAMS
    strengths = sorted(set(map(_velocity, _parts(velocities))))
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # what is written is whole, and workers end with this process
    signal.signal(signal.SIGINT, signal.default_int_handler)  # waits for the parts at work, however long they take
    try:
        counts = render_notes(
            font, out, chosen, step, strengths, rate, lambda parts: tqdm(parts, "rendering", unit="part", disable=None)
        )
    except KeyboardInterrupt:
        print("manifold: interrupted; the same command goes on from here", file=sys.stderr)
        raise typer.Exit(130) from None
    print(", ".join(f"{count} notes in {out / split}" for split, count in counts.items()))


@app.command()
def check(
    path: Annotated[Path, typer.Argument(help="A folder with examples.json, a .tfrecord file, or a folder of such.")],
) -> None:
    """Count the notes of a data set and name the corrupt ones.

    Where there are any, the exit status is 1.
    """
    sets = find_sets(path)
    raise typer.Exit(sum(_check_set(path) for path in sets) > 0)


def _parts(text):
    return [part.strip() for part in text.split(",")]


def _velocity(text):
    if not (text.isdecimal() and 1 <= int(text) <= 127):
        raise ModelError(f"--velocities {text}: from 1 to 127")
    return int(text)


def _check_set(path):
    """Print what one set holds. Returns the number of corrupt notes."""
    corrupt, counts = [], {field: Counter() for field in FIELDS}
    for example in tqdm(read_examples(path, corrupt.append), path.name, unit="note", leave=False, disable=None):
        for field, count in counts.items():
            count[getattr(example, field)] += 1
    instruments = counts.pop("instrument_str")
    print(f"{path}: {instruments.total()} notes, {len(instruments)} instruments, {len(corrupt)} corrupt")
    for field, count in counts.items():
        text = ", ".join(f"{value}: {notes}" for value, notes in sorted(count.items()))
        print(textwrap.fill(text, 120, initial_indent=f"  {field:9}", subsequent_indent=" " * 11))
    for line in corrupt:
        print(f"  {line}")
    return len(corrupt)
