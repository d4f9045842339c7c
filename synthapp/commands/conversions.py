"""The commands that turn one file into another: songs, recordings, embeddings, checkpoints.

As in cli.py, nothing heavy is imported before a command needs it.
"""

from pathlib import Path
from typing import Annotated

import typer

from common.paths import SONG
from synthapp.commands.options import (
    Cores,
    Ema,
    Hop,
    Note,
    Output,
    Pad,
    Polyphony,
    Precision,
    PresetName,
    Seed,
    Stages,
    Weights,
    note_hz,
    weights_path,
)


def render(
    output: Output,
    song: Annotated[Path, typer.Argument(help="A standard MIDI file; default: a minuet.", show_default=False)] = SONG,
    preset: PresetName = None,
    weights: Weights = None,
    rate: Annotated[int, typer.Option(min=8000, max=192000, help="Frames per second of the WAV file.")] = 48000,
    pad: Pad = None,
    polyphony: Polyphony = 8,
    precision: Precision = "float32",
    cores: Cores = 1,
    seed: Seed = 0,
    hop: Hop = 512,
    stages: Stages = 10,
    ema: Ema = False,
) -> None:
    """Play a MIDI file into a stereo WAV file."""
    from common.atomic import replacing
    from engine.live.server import cpu_decoder
    from engine.offline.render import render_song
    from engine.protocol import Options
    from engine.voice.sound import Sound
    from models import checkpoints
    from presets.library import Library, load_preset
    from synthapp.progress import share_bar
    from synthapp.sounds.audiofile import check_suffix, write_audio

    check_suffix(output, ".wav")
    path = weights_path(weights)
    chosen = load_preset(preset or Library().first().path, checkpoints.fingerprint_of(path, hop, stages, ema))
    decoder = cpu_decoder(Options(path, polyphony, seed, hop, stages, ema, precision, cores))
    sound = Sound.from_preset(chosen, decoder.config)
    with replacing(output) as temporary, share_bar("rendering") as progress:
        audio = render_song(song, decoder, sound, rate, pad, polyphony, seed, progress)
        write_audio(temporary, audio, rate)
    print(f"{output}: {len(audio) / rate:.1f} s")


def encode(
    source: Annotated[Path, typer.Argument(metavar="IN.wav", help="A sound file of any format, rate and channels.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT.manifold|OUT.npy", help="A preset, or the bare embedding.")
    ],
    corner: Annotated[
        int, typer.Option(min=1, max=4, help="Of the preset: 1 bottom left, 2 bottom right, 3 top left, 4 top right.")
    ] = 1,
    preset: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Where the other corners come from: a preset or its file; default: first."),
    ] = None,
    note: Note = None,
    weights: Weights = None,
    hop: Hop = 512,
    stages: Stages = 10,
    ema: Ema = False,
) -> None:
    """A sound of your own: put a recorded note into a corner of a preset.

    OUT.manifold: the note is cut out, brought to the level of the other sounds and looped; its pitch is found, or given
    by --note. Play it with: ./run.sh --preset OUT.manifold. For the other corners: encode ... --preset OUT.manifold
    --corner 2. With --weights and without --preset the sound is in every corner.

    OUT.npy: the embedding of the whole recording as it is, float32 (frames, latent), for `decode`.
    """
    from presets.file import SUFFIX
    from synthapp.sounds.audiofile import check_suffix

    check_suffix(output, SUFFIX, ".npy")
    playable = output.suffix.lower() == SUFFIX
    from models import checkpoints
    from synthapp.sounds import own_sound

    base = own_sound.base_preset(preset, weights) if playable else None
    model = checkpoints.load(weights_path(weights), hop, stages, ema)
    hz = None if note is None else note_hz(note)
    if playable:
        own_sound.write_preset_with(model, source, output, base, corner - 1, hz)
    else:
        own_sound.write_embedding_of(model, source, output, hz)


def decode(
    source: Annotated[Path, typer.Argument(metavar="IN.npy", help="An embedding, as `encode` writes it.")],
    output: Output,
    weights: Weights = None,
    temperature: Annotated[
        float | None,
        typer.Option(min=0.0, max=2.0, help="0: greedy. Default: 1 for mu-law classes, 0 for a mixture of logistics."),
    ] = None,
    note: Note = None,
    seed: Seed = 0,
    hop: Hop = 512,
    stages: Stages = 10,
    ema: Ema = False,
) -> None:
    """Embedding -> audio: float32 WAV at the model's rate, untouched. The note is C4 unless it is given."""
    from common.atomic import replacing
    from engine.decoder.cpu.decoder import CpuDecoder
    from models import checkpoints
    from models.encoding.clips import BLOCK, decode_clip
    from synthapp.progress import item_bar
    from synthapp.sounds.audiofile import check_suffix, read_embedding, write_audio

    check_suffix(output, ".wav")
    config, values = checkpoints.read(weights_path(weights), hop, stages, ema)
    embedding = read_embedding(source, config.latent)
    if temperature is None:
        temperature = 0.0 if config.mixture else 1.0
    f0_hz = note_hz(60 if note is None else note)
    decoder = CpuDecoder(config, values, voices=1, block=BLOCK)
    with replacing(output) as temporary:
        audio = decode_clip(decoder, embedding, f0_hz, temperature, seed, item_bar("decoding"))
        write_audio(temporary, audio, config.rate)
    print(f"{output}: {len(audio) / config.rate:.1f} s")


def import_(
    checkpoint: Annotated[str, typer.Argument(help="Prefix of a TensorFlow checkpoint, such as model.ckpt-200000.")],
    output: Output,
    hop: Hop = 512,
    stages: Stages = 10,
    ema: Ema = False,
) -> None:
    """A TensorFlow checkpoint of NSynth's WaveNet -> one safetensors file."""
    from models import checkpoints
    from synthapp.sounds.audiofile import check_suffix

    check_suffix(output, ".safetensors")
    config, values = checkpoints.read(checkpoint, hop, stages, ema)
    origin = f"imported from {Path(checkpoint).name}{', moving averages' if ema else ''}"
    checkpoints.write(output, config, values, origin)
    count = sum(value.size for value in values.values())
    print(f"{output}: {count:,} weights, {config.layers} layers of width {config.width}")
