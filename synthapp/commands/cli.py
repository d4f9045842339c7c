"""The table of commands, and what happens when one fails.

A command is a file in this room and a line in the table. Its module is imported when it is called for, so that `--help`
and `presets` answer at once. Failures that a user can mend are SynthErrors: one line, exit status 1, or 3 where the
note must be named. Wrong usage exits with 2, Ctrl-C with 130.
"""

import signal
import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from common.errors import SynthError
from common.lines import one_line
from engine.decoder.protocol import DecoderChoice
from synthapp.commands.options import (
    AudioDevice,
    Backend,
    CoresWish,
    MidiPort,
    PrecisionWish,
    PresetName,
    Version,
    VoicesWish,
    Weights,
    source_of,
)

COMMANDS = {  # name -> its function, or its own commands; the line of --help
    "play": ("play:play", "Play live: MIDI in, audio out."),
    "render": ("render:render", "Play a MIDI file into a stereo WAV file."),
    "take": ("take:take", "Play a take again, bit for bit: into a WAV file, and a MIDI file."),
    "encode": ("encode:encode", "A sound of your own: put a recorded note onto the pad of a preset."),
    "decode": ("decode:decode", "Embedding -> audio: float32 WAV at the model's rate, untouched."),
    "embedding": ("embedding:app", "Sums of sounds: A : B :: C : ?, mixed, faded, stretched, reversed."),
    "import": (
        "import_:import_",
        "A TensorFlow checkpoint of NSynth's WaveNet, or of its baseline -> one safetensors file.",
    ),
    "presets": ("presets:presets", "List the presets: name, tags, corner names."),
    "plugins": ("plugins:plugins", "List the VST3 plug-ins: what they are, or why one does not load."),
    "notes": ("notes:app", "Notes to train on: render them, check them."),
    "train": ("train:app", "Train a model: the default instrument, or the paper's, at their sizes or small."),
    "paper": ("paper:app", "The tables and figures of Engel et al. 2017, beside the paper's."),
    "factory": ("factory:factory", "Make presets for any weights, in your library; or those that ship."),
    "freeze": ("freeze:freeze", "A preset's pad as recordings: for slow machines, and for other samplers."),
    "baseline": ("baseline:app", "The paper's baseline: notes again, between two, and a pad that plays them."),
    "evaluate": ("evaluate:app", "Play an instrument and its presets, and measure how they sound."),
    "bench": ("bench:bench", "Voices in real time on this machine, beside torch, eager and scripted."),
    "desktop": ("desktop:desktop", "Put the instrument into the desktop's menu, with its icon."),
    "doctor": ("doctor:doctor", "What is there, what is missing, and how to get it."),
}


class Commands(TyperGroup):
    """The table as typer's group."""

    def __init__(self, **settings: Any):
        super().__init__(**settings)
        self.commands: dict[str, Any] = dict.fromkeys(COMMANDS)  # None as long as it is not imported

    def get_command(self, ctx, cmd_name):
        if cmd_name in COMMANDS and self.commands[cmd_name] is None:
            self.commands[cmd_name] = _imported(COMMANDS[cmd_name][0])
        return self.commands.get(cmd_name)

    def format_commands(self, ctx, formatter):
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _imported(place):
    module, _, name = place.partition(":")
    found = getattr(import_module(f"synthapp.commands.{module}"), name)
    if isinstance(found, typer.Typer):
        return typer.main.get_command(found)
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command()(found)
    return typer.main.get_command(alone)


OPTIONAL = ("torch", "matplotlib", "librosa")  # who only plays needs neither; see the extras in pyproject.toml

app = typer.Typer(
    cls=Commands,
    name="manifold",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def window(
    context: typer.Context,
    version: Version = False,
    weights: Weights = None,
    preset: PresetName = None,
    polyphony: VoicesWish = None,
    backend: Backend = "auto",
    precision: PrecisionWish = "auto",
    cores: CoresWish = 0,
    audio: AudioDevice = None,
    midi: MidiPort = None,
) -> None:
    """A neural synthesizer. Without a command, the instrument opens."""
    if context.invoked_subcommand is None:
        from synthapp.window import run_window

        choice = DecoderChoice(backend, precision, cores)
        raise typer.Exit(run_window(source_of(weights), preset, audio, midi, polyphony, choice))


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
    print(f"manifold: {one_line(line)}", file=sys.stderr)
    sys.exit(status)
