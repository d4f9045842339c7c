"""A bare embedding back into sound."""

from pathlib import Path
from typing import Annotated

import typer

from synthapp.commands.options import Ema, Hop, Note, Output, Seed, Stages, Weights, source_of


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
    from common.pitch import key_hz
    from models import checkpoints
    from synthapp.sounds.audiofile import check_suffix
    from synthapp.sounds.decoding import write_sound_of
    from synthapp.sounds.npyfile import read_embedding
    from synthapp.sounds.playable import with_frames

    check_suffix(output, ".wav")
    checkpoint = with_frames(checkpoints.read(source_of(weights, hop, stages, ema)))
    embedding = read_embedding(source, checkpoint.config.latent)
    write_sound_of(checkpoint, embedding, output, key_hz(60 if note is None else note), temperature, seed)
