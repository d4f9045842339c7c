"""The tables and figures of Engel et al. 2017, beside the paper's."""

from pathlib import Path
from typing import Annotated

import typer

from common.errors import ModelError
from synthapp.commands import figures
from synthapp.commands.options import source_of

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, help="The tables and figures of Engel et al. 2017, beside the paper's."
)

figures.register(app)

NotesFolder = Annotated[Path, typer.Option("--notes", help="With train and test: of `notes render`, or NSynth's sets.")]
Runs = Annotated[Path, typer.Option(help="Trained models, each in the folder of its name, such as baseline-128.")]
Trained = Annotated[int, typer.Option(min=0, help="Notes that a classifier learns from; 0: all.")]
Asked = Annotated[int, typer.Option(min=0, help="Notes that it is asked about; 0: all.")]
Threads = Annotated[int, typer.Option(min=1, help="Cores.")]
NOTES, RUNS = Path("data/notes"), Path("runs/paper")
SIZES = (1984, 1024, 512, 256, 128, 64)


def _numbers(text: str) -> tuple[int, ...]:
    """Whole numbers, such as 128,512."""
    parts = text.split(",")
    if not all(part.strip().isdecimal() for part in parts):
        raise typer.BadParameter(f"{text!r}: whole numbers, such as 128,512")
    return tuple(map(int, parts))


@app.command()
def table1(
    notes: NotesFolder = NOTES,
    runs: Runs = RUNS,
    weights: Annotated[str | None, typer.Option(help="The baseline's.", show_default="RUNS/baseline-512")] = None,
    wavenet: Annotated[str | None, typer.Option(help="The WaveNet's.", show_default="RUNS/wavenet")] = None,
    steps: Annotated[int, typer.Option(min=1, help="Of the classifier's training.")] = 1500,
    width: Annotated[int, typer.Option(min=1, help="Channels of its first layers; the paper's: 128.")] = 32,
    seeds: Annotated[
        tuple | None, typer.Option(parser=_numbers, metavar="N,N", help="Of its trainings.", show_default="0,1,2")
    ] = None,
    iterations: Annotated[int, typer.Option(min=1, help="Of Griffin and Lim's.")] = 100,
    train_notes: Trained = 4000,
    test_notes: Asked = 256,
    threads: Threads = 1,
) -> None:
    """Pitch and qualities, told by a classifier from recordings and from what the models make of them."""
    from models.training.processes import joined
    from synthapp.paper.tables import Measure, print_table1

    measure = Measure(notes, runs, train_notes, test_notes)
    baseline = Path(source_of(weights).path) if weights else measure.weights("baseline-512")
    other = Path(source_of(wavenet).path) if wavenet else measure.weights("wavenet")
    with joined(threads):
        print_table1(measure, baseline, other, steps, seeds or (0, 1, 2), width, iterations)


@app.command()
def table2(
    notes: NotesFolder = NOTES,
    runs: Runs = RUNS,
    train: Annotated[
        tuple | None,
        typer.Option(parser=_numbers, metavar="SIZE,SIZE", help="Sizes of Z whose baselines are trained first."),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(help="Of these trainings.", show_default="the reduced schedule's")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of these trainings.")] = 0,
    train_notes: Trained = 4000,
    test_notes: Asked = 4096,
    threads: Threads = 1,
) -> None:
    """Pitch, read from Z by a linear classifier: sizes of Z, told the pitch or not.

    With --train 128,512 the baselines of these sizes are trained, 20 minutes of a core each way; what was begun is
    gone on with.
    """
    from models.training.processes import joined
    from synthapp.paper.tables import Measure, print_table2, train_baseline

    sizes = train or ()
    unknown = sorted(set(sizes) - set(SIZES))
    if unknown:
        raise ModelError(f"--train {unknown[0]}: the table has {', '.join(map(str, SIZES))}")
    measure = Measure(notes, runs, train_notes, test_notes)
    with joined(threads) as processes:
        for size in sizes:
            for told in (True, False):
                train_baseline(measure, size, told, steps, seed, processes)
        if processes.is_first:
            print_table2(measure)
