"""The paper's baseline: notes again, between two, and a pad that plays them."""

from pathlib import Path
from typing import Annotated

import typer

from common.errors import ModelError
from synthapp.commands.freeze import parse_keys
from synthapp.commands.options import Note, Output, source_of

Network = Annotated[str, typer.Option("--weights", help="A baseline's: of `train baseline`, or Magenta's checkpoint.")]
Iterations = Annotated[int, typer.Option(min=1, max=10_000, help="Of Griffin and Lim's; Magenta's are 1000.")]
Sound = Annotated[Path, typer.Argument(help="A sound file with one note.")]

app = typer.Typer(add_completion=False, rich_markup_mode=None, help=__doc__)


@app.command()
def reconstruct(
    source: Sound, output: Output, weights: Network, note: Note = None, iterations: Iterations = 200
) -> None:
    """A note as the baseline has it: through Z and back, four seconds."""
    from common.pitch import key_hz

    model, heard = _opened(output, weights, [source], None if note is None else key_hz(note))
    from synthapp.sounds import baseline

    z = baseline.encode(model, heard)
    _write(output, baseline.decode(model, z, [heard[0].key], iterations)[0], f"a note of {model.config.latent} numbers")


@app.command()
def interpolate(
    first: Sound, second: Sound, output: Output, weights: Network,
    steps: Annotated[int, typer.Option(min=2, max=33, help="Notes, the two included.")] = 5,
    iterations: Iterations = 200,
) -> None:  # fmt: skip
    """From one note to another in Z, one after the other; the pitch is told, and moves with it."""
    import numpy as np

    model, heard = _opened(output, weights, [first, second])
    from synthapp.sounds import baseline

    z = baseline.between(baseline.encode(model, heard), steps)
    keys = np.linspace(heard[0].key, heard[1].key, steps).round().astype(int).tolist()
    _write(
        output, baseline.decode(model, z, keys, iterations).ravel(), f"{steps} notes, keys {', '.join(map(str, keys))}"
    )


@app.command()
def pad(
    sources: Annotated[list[Path], typer.Argument(help="One to four sound files with a note each: the corners.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FOLDER", help="Where preset and weights are written.")
    ],
    weights: Network,
    name: Annotated[str, typer.Option(help="Of the preset.")] = "Baseline",
    grid: Annotated[int, typer.Option(min=2, max=17, help="Points along a side of the pad.")] = 5,
    keys: Annotated[
        tuple | None,
        typer.Option(parser=parse_keys, metavar="LOW-HIGH:STEP", help="That have notes; default: 36-84:4."),
    ] = None,
    iterations: Iterations = 60,
) -> None:
    """A preset that plays the baseline: the pad is Z, its notes are made when they are first played.

    The preset and its weights are also put where the window finds them.
    """
    from common.lines import tell
    from synthapp.sounds import baseline

    heard = [baseline.hear(source) for source in sources]
    made, _ = baseline.make_pad(
        source_of(weights), heard, name, output, grid, keys or parse_keys("36-84:4"), iterations
    )
    tell(f"{made.name}: plays in the window; ./run.sh render --preset {made.name!r} -o OUT.wav")


def _opened(output, weights, sources, note_hz=None):
    """(network, the notes in the files)."""
    from models.checkpoints.building import build
    from synthapp.sounds import baseline
    from synthapp.sounds.audiofile import check_suffix

    check_suffix(output, ".wav")
    network = build(baseline.read_network(source_of(weights)))
    heard = [baseline.hear(source, note_hz) for source in sources]
    if not heard:
        raise ModelError("no sound file is given")
    return network, heard


def _write(output, audio, what):
    from common.atomic import replacing
    from common.lines import tell
    from models.baseline.spectrogram import RATE
    from synthapp.sounds.wavfile import write_audio

    with replacing(output) as temporary:
        write_audio(temporary, audio, RATE)
    tell(f"{output}: {what}, {len(audio) / RATE:.1f} s")
