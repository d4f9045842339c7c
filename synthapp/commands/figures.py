"""The paper's figures as commands of the group `paper`."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from synthapp.commands.options import Ema, Hop, Seed, Stages, source_of

Folder = Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="Gets pictures, sounds and a page.")]
Notes = Annotated[
    Path | None, typer.Option(metavar="FOLDER", help="NSynth's: JSON and WAV, or TFRecord; default: a sound font.")
]
Sf2 = Annotated[Path | None, typer.Option(metavar="FILE", help="Sound font to play; default: FluidR3_GM.")]
ManyWeights = Annotated[
    list[str] | None, typer.Option("--weights", metavar="FILE", help="As elsewhere; repeatable: one row of each.")
]
Instruments = Annotated[str | None, typer.Option(metavar="NAME,NAME", help="In place of those nearest to the paper's.")]
DEFAULT_FOLDER = Path("listening/paper")
VELOCITY = 127  # as the paper's figure 5 has them; of other sets the nearest


def register(app: typer.Typer) -> None:
    """Add the figures to a group of commands."""
    for function in (fig2, fig3, fig4, fig5):
        app.command()(function)


def fig2(
    output: Folder = DEFAULT_FOLDER, notes: Notes = None, sf2: Sf2 = None, weights: ManyWeights = None,
    instruments: Instruments = None, seed: Seed = 0, hop: Hop = 512, stages: Stages = 10, ema: Ema = False,
) -> None:  # fmt: skip
    """Rainbowgrams of three notes and of their reconstructions."""
    from synthapp.figures.comparisons import reconstructions

    _make(reconstructions, output, notes, sf2, weights, instruments, seed, (hop, stages, ema))


def fig3(
    output: Folder = DEFAULT_FOLDER, notes: Notes = None, sf2: Sf2 = None, weights: ManyWeights = None,
    instruments: Instruments = None, seed: Seed = 0, hop: Hop = 512, stages: Stages = 10, ema: Ema = False,
) -> None:  # fmt: skip
    """Interpolations among three notes: in audio, and in the embeddings."""
    from synthapp.figures.comparisons import interpolations

    _make(interpolations, output, notes, sf2, weights, instruments, seed, (hop, stages, ema))


def fig4(
    output: Folder = DEFAULT_FOLDER, notes: Notes = None, sf2: Sf2 = None, weights: ManyWeights = None,
    instruments: Instruments = None, seed: Seed = 0, hop: Hop = 512, stages: Stages = 10, ema: Ema = False,
) -> None:  # fmt: skip
    """One embedding, played at two octaves of a C major chord: for weights that are told the pitch."""
    from synthapp.figures.comparisons import pitches

    _make(pitches, output, notes, sf2, weights, instruments, seed, (hop, stages, ema))


def fig5(
    output: Folder = DEFAULT_FOLDER, notes: Notes = None, sf2: Sf2 = None, weights: ManyWeights = None,
    instruments: Instruments = None,
    most: Annotated[int, typer.Option(min=1, help="Instruments in the mean.")] = 8,
    seed: Seed = 0, hop: Hop = 512, stages: Stages = 10, ema: Ema = False,
) -> None:  # fmt: skip
    """Correlation of the embeddings across 88 pitches: three instruments, and the mean."""
    from synthapp.figures.correlation import draw
    from synthapp.progress import item_bar

    def figure(*arguments):
        return draw(*arguments, most, item_bar("encoding"))

    _make(figure, output, notes, sf2, weights, instruments, seed, (hop, stages, ema), VELOCITY)


def _make(
    figure: Callable, output: Path, notes: Path | None, sf2: Path | None, weights: list[str] | None,
    instruments: str | None, seed: int, checkpoint: tuple[int, int, bool], velocity: int = 100,
) -> None:  # fmt: skip
    import matplotlib  # noqa: F401  # what is missing is told before the work

    from common.lines import tell
    from synthapp.figures.systems import open_system
    from synthapp.sounds.factory.sources import open_notes

    source = open_notes(notes, sf2, velocity)
    sources = [source_of(each, *checkpoint) for each in weights] if weights else [source_of(None)]
    systems = [open_system(each, seed) for each in sources]
    asked = [name.strip() for name in instruments.split(",")] if instruments else None
    tell(f"{figure(source, systems, output, asked)}: open it in a browser")
