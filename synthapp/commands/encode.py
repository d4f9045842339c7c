"""A recording into a preset, or into a bare embedding."""

from pathlib import Path
from typing import Annotated

import typer

from common.errors import SynthError
from synthapp.commands.options import Ema, Hop, Note, Stages, Weights, parse_pad, source_for, source_of


def encode(
    sources: Annotated[
        list[Path],
        typer.Argument(metavar="IN.wav...", help="Sound files of any format and rate; or an embedding, .npy."),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT.manifold|OUT.npy", help="A preset, or the bare embedding.")
    ],
    corner: Annotated[
        int,
        typer.Option(
            min=1,
            max=32,
            help="Of the preset: 1 bottom left, 2 bottom right, 3 top left, 4 top right; 5 to 32 others.",
        ),
    ] = 1,
    at: Annotated[
        tuple | None,
        typer.Option(parser=parse_pad, metavar="X,Y", help="A place on the pad, 0 to 1 each, for one sound more."),
    ] = None,
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
    """A sound of your own: put a recorded note onto the pad of a preset.

    OUT.manifold: the note is cut out, brought to the level of the other sounds and looped; its pitch is found, or given
    by --note. Play it with: ./run.sh --preset OUT.manifold. For the other corners: encode ... --preset OUT.manifold
    --corner 2. With --at all other sounds stay, too, and this one stands among them. With --weights and without
    --preset the sound is in every corner. Several files are notes of one instrument. For weights that know no pitch,
    such as Magenta's, a note is repitched to source notes within an octave.

    OUT.npy: the embedding of the whole recording as it is, float32 (frames, latent), for `decode`.
    """
    from presets.file import SUFFIX
    from synthapp.sounds.audiofile import check_suffix

    check_suffix(output, SUFFIX, ".npy")
    playable = output.suffix.lower() == SUFFIX
    from common.pitch import key_hz
    from models import checkpoints
    from models.checkpoints.building import build
    from synthapp.sounds import own_sound
    from synthapp.sounds.playable import with_frames

    base = own_sound.base_preset(preset, weights) if playable else None
    source = source_of(weights, hop, stages, ema) if base is None else source_for(base, weights, hop, stages, ema)
    checkpoint = with_frames(checkpoints.read(source))
    hz = None if note is None else key_hz(note)
    if playable:
        own_sound.write_preset_with(checkpoint, sources, output, base, corner - 1 if at is None else at, hz)
    elif len(sources) == 1:
        own_sound.write_embedding_of(build(checkpoint), sources[0], output, hz)
    else:
        raise SynthError(f"{output}: an embedding is of one recording; {len(sources)} are given")
