"""The commands. Nothing heavy is imported before a command needs it, so that `--help` and `presets` answer at once.

Failures that a user can mend are SynthErrors: one line, exit status 1. Wrong usage exits with 2, Ctrl-C with 130.
"""

import json
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from errors import ModelError, SynthError
from synthapp.options import (
    AsJson,
    AudioDevice,
    Ema,
    Hop,
    MidiPort,
    Output,
    Pad,
    Polyphony,
    PresetName,
    Seed,
    Stages,
    Weights,
)

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
    audio: AudioDevice = None,
    midi: MidiPort = None,
) -> None:
    """A neural synthesizer. Without a command, the instrument opens."""
    if context.invoked_subcommand is None:
        from synthapp.window import run_window

        raise typer.Exit(run_window(weights, preset, polyphony, audio, midi))


@app.command()
def play(
    headless: Annotated[bool, typer.Option("--headless", help="Without a window, until interrupted.")] = False,
    weights: Weights = None,
    preset: PresetName = None,
    polyphony: Polyphony = 8,
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
        play_headless(weights, preset, polyphony, audio, midi, rate, block, hop=hop, stages=stages, ema=ema)
        return
    from synthapp.window import run_window

    raise typer.Exit(run_window(weights, preset, polyphony, audio, midi))


@app.command()
def render(
    song: Annotated[Path, typer.Argument(help="A standard MIDI file.")],
    output: Output,
    preset: PresetName = None,
    weights: Weights = None,
    rate: Annotated[int, typer.Option(min=8000, max=192000, help="Frames per second of the WAV file.")] = 48000,
    pad: Pad = None,
    polyphony: Polyphony = 8,
    seed: Seed = 0,
    hop: Hop = 512,
    stages: Stages = 10,
    ema: Ema = False,
) -> None:
    """Play a MIDI file into a stereo WAV file."""
    from atomic import replacing
    from engine.protocol import Options
    from engine.render import render_song
    from engine.server import cpu_decoder
    from engine.sound import Sound
    from presets.library import Library, load_preset
    from synthapp.audiofile import check_suffix, write_audio
    from synthapp.progress import share_bar

    check_suffix(output, ".wav")
    decoder = cpu_decoder(Options(str(_weights_path(weights)), polyphony, seed, hop, stages, ema))
    sound = Sound.from_preset(load_preset(preset or Library().first().path), decoder.config)
    with replacing(output) as temporary, share_bar("rendering") as progress:
        audio = render_song(song, decoder, sound, rate, pad, polyphony, seed, progress)
        write_audio(temporary, audio, rate)
    print(f"{output}: {len(audio) / rate:.1f} s")


@app.command()
def encode(
    source: Annotated[Path, typer.Argument(metavar="IN.wav", help="Audio, at most two channels, any rate.")],
    output: Output,
    weights: Weights = None,
    hop: Hop = 512,
    stages: Stages = 10,
    ema: Ema = False,
) -> None:
    """Audio -> embedding: float32 (frames, latent) in an NPY file."""
    from atomic import replacing
    from models import checkpoints
    from synthapp.audiofile import check_suffix, read_audio, write_embedding
    from synthapp.autoencode import encode_clip
    from synthapp.progress import item_bar

    check_suffix(output, ".npy")
    model = checkpoints.load(_weights_path(weights), hop, stages, ema)
    audio = read_audio(source, model.config.rate)
    if len(audio) < model.config.hop:
        raise ModelError(f"{source}: shorter than one frame of {model.config.hop} samples; give a longer clip")
    with replacing(output) as temporary:
        embedding = encode_clip(model, audio, item_bar("encoding"))
        write_embedding(temporary, embedding)
    print(f"{output}: {embedding.shape[0]} frames of {embedding.shape[1]}")


@app.command()
def decode(
    source: Annotated[Path, typer.Argument(metavar="IN.npy", help="An embedding, as `encode` writes it.")],
    output: Output,
    weights: Weights = None,
    temperature: Annotated[
        float | None,
        typer.Option(min=0.0, max=2.0, help="0: greedy. Default: 1 for mu-law classes, 0 for a mixture of logistics."),
    ] = None,
    note: Annotated[float, typer.Option(min=0, max=127, help="MIDI note, for models that are told the pitch.")] = 60,
    seed: Seed = 0,
    hop: Hop = 512,
    stages: Stages = 10,
    ema: Ema = False,
) -> None:
    """Embedding -> audio: float32 WAV at the model's rate, untouched."""
    from atomic import replacing
    from engine.decoder.cpu import CpuDecoder
    from synthapp.audiofile import check_suffix, read_embedding, write_audio
    from synthapp.autoencode import BLOCK, decode_clip
    from synthapp.progress import item_bar

    check_suffix(output, ".wav")
    config, values = _read_weights(weights, hop, stages, ema)
    embedding = read_embedding(source, config.latent)
    if temperature is None:
        temperature = 0.0 if config.mixture else 1.0
    f0_hz = 440.0 * 2 ** ((note - 69) / 12)
    decoder = CpuDecoder(config, values, voices=1, block=BLOCK)
    with replacing(output) as temporary:
        audio = decode_clip(decoder, embedding, f0_hz, temperature, seed, item_bar("decoding"))
        write_audio(temporary, audio, config.rate)
    print(f"{output}: {len(audio) / config.rate:.1f} s")


@app.command("import")
def import_(
    checkpoint: Annotated[str, typer.Argument(help="Prefix of a TensorFlow checkpoint, such as model.ckpt-200000.")],
    output: Output,
    hop: Hop = 512,
    stages: Stages = 10,
    ema: Ema = False,
) -> None:
    """A TensorFlow checkpoint of NSynth's WaveNet -> one safetensors file."""
    from models import checkpoints
    from synthapp.audiofile import check_suffix

    check_suffix(output, ".safetensors")
    config, values = checkpoints.read(checkpoint, hop, stages, ema)
    origin = f"imported from {Path(checkpoint).name}{', moving averages' if ema else ''}"
    checkpoints.write(output, config, values, origin)
    count = sum(value.size for value in values.values())
    print(f"{output}: {count:,} weights, {config.layers} layers of width {config.width}")


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
    """Voices in real time on this machine, beside an eager torch loop."""
    from engine import bench as benchmark

    config, values = _read_weights(weights, hop, stages, ema)
    benchmark.bench(config, values, as_json)


@app.command()
def doctor() -> None:
    """What is there, what is missing, and how to get it."""
    from synthapp.doctor import examine

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
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except MemoryError:
        _fail("out of memory; close other programs or give a shorter input")


def _unwind(number, _):
    """End by an exception, so that nothing is left half-written.

    The compiler's callbacks swallow exceptions: the alarm ends the process a second later all the same.
    """
    signal.signal(signal.SIGALRM, lambda *_: sys.exit(128 + number))
    signal.alarm(1)
    sys.exit(128 + number)


def _fail(line):
    print(f"manifold: {line}", file=sys.stderr)
    sys.exit(1)


def _weights_path(weights):
    if weights is not None:
        return weights
    from models.pretrained import DEFAULT

    if not DEFAULT.is_file():
        raise ModelError(f"the default weights are missing ({DEFAULT}); get the project again, or pass --weights")
    return DEFAULT


def _read_weights(weights, hop, stages, ema):
    """(config, name -> array)."""
    from models import checkpoints

    return checkpoints.read(_weights_path(weights), hop, stages, ema)
