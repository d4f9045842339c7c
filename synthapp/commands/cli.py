"""The commands. Nothing heavy is imported before a command needs it, so that `--help` and `presets` answer at once.

Failures that a user can mend are SynthErrors: one line, exit status 1, or 3 where the note must be named. Wrong usage
exits with 2, Ctrl-C with 130.
"""

import json
import signal
import sys
from typing import Annotated

import typer

from common.errors import SynthError
from synthapp.commands import conversions
from synthapp.commands.desktop import desktop
from synthapp.commands.options import (
    AsJson,
    AudioDevice,
    CoresWish,
    Ema,
    Hop,
    MidiPort,
    Polyphony,
    PrecisionWish,
    PresetName,
    Stages,
    Weights,
    weights_path,
)

OPTIONAL = ("torch", "matplotlib")  # who only plays needs neither; see the extras in pyproject.toml

app = typer.Typer(
    name="manifold",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="A neural synthesizer. Without a command, the instrument opens.",
)


@app.callback(invoke_without_command=True)
def window(
    context: typer.Context,
    weights: Weights = None,
    preset: PresetName = None,
    polyphony: Polyphony = 8,
    precision: PrecisionWish = "auto",
    cores: CoresWish = 0,
    audio: AudioDevice = None,
    midi: MidiPort = None,
) -> None:
    """A neural synthesizer. Without a command, the instrument opens."""
    if context.invoked_subcommand is None:
        from synthapp.window import run_window

        options = {"polyphony": polyphony, "precision": precision, "cores": cores}
        raise typer.Exit(run_window(weights, preset, audio, midi, options=options))


@app.command()
def play(
    headless: Annotated[bool, typer.Option("--headless", help="Without a window, until interrupted.")] = False,
    weights: Weights = None,
    preset: PresetName = None,
    polyphony: Polyphony = 8,
    precision: PrecisionWish = "auto",
    cores: CoresWish = 0,
    audio: AudioDevice = None,
    midi: MidiPort = None,
    hop: Hop = 512,
    stages: Stages = 10,
    ema: Ema = False,
    rate: Annotated[int | None, typer.Option(min=8000, max=192000, help="The device's rate.")] = None,
    block: Annotated[int, typer.Option(min=0, max=16384, help="Device frames a block; 0: its choice.")] = 0,
) -> None:
    """Play live: MIDI in, audio out."""
    if headless:
        from engine.client import play_headless
        from presets.library import Library

        preset = preset or str(Library().first().path)
        decoder = {"hop": hop, "stages": stages, "ema": ema, "precision": precision, "cores": cores}
        play_headless(weights, preset, polyphony, audio, midi, rate, block, **decoder)
        return
    from synthapp.window import run_window

    options = {"polyphony": polyphony, "precision": precision, "cores": cores}
    raise typer.Exit(run_window(weights, preset, audio, midi, hop, stages, ema, options))


app.command()(conversions.render)
app.command()(conversions.encode)
app.command()(conversions.decode)
app.command("import")(conversions.import_)
app.command()(desktop)


@app.command()
def presets(as_json: AsJson = False) -> None:
    """List the presets: name, tags, corner names."""
    from presets.library import Library

    entries = Library().entries()
    for entry in entries:
        if entry.problem:
            print(f"manifold: {entry.problem}", file=sys.stderr)
    sound = [entry for entry in entries if not entry.problem]
    if as_json:
        rows = [
            {"name": entry.name, "tags": entry.tags, "corners": entry.corners, "factory": entry.factory}
            for entry in sound
        ]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for entry in sound:
        print(f"{entry.name}  [{', '.join(entry.tags)}]  {' / '.join(entry.corners)}")


@app.command()
def bench(
    weights: Weights = None,
    as_json: AsJson = False,
    hop: Hop = 512,
    stages: Stages = 10,
    ema: Ema = False,
) -> None:
    """Voices in real time on this machine, beside torch, eager and scripted."""
    from engine.decoder.measure import bench as benchmark
    from models import checkpoints

    benchmark.bench(*checkpoints.read(weights_path(weights), hop, stages, ema), as_json)


@app.command()
def doctor() -> None:
    """What is there, what is missing, and how to get it."""
    from synthapp.commands.doctor import examine

    findings = list(examine())
    for finding in findings:
        print(finding)
    raise typer.Exit(any(finding.fatal for finding in findings))


def main() -> None:
    """Run the command line; ends the process with its exit status."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _unwind)
    try:
        app()
    except SynthError as error:
        _fail(str(error), error.status)
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except ModuleNotFoundError as error:
        if error.name not in OPTIONAL:
            raise
        _fail(f"this needs {error.name}, which is not installed; {sys.executable} -m pip install {error.name}")
    except MemoryError:
        _fail("out of memory; close other programs or give a shorter input")
    finally:
        signal.alarm(0)  # the exception got through: what is left to do may take its time


def _unwind(number, _):
    """End by an exception, so that nothing is left half-written.

    The compiler's callbacks swallow exceptions: the alarm ends the process a second later all the same.
    """
    signal.signal(signal.SIGALRM, lambda *_: sys.exit(128 + number))
    signal.alarm(1)
    sys.exit(128 + number)


def _fail(line, status=1):
    print(f"manifold: {line}", file=sys.stderr)
    sys.exit(status)
