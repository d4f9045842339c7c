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
    from common.atomic import replacing
    from common.lines import tell
    from common.pitch import key_hz
    from engine.decoder.opening import open_decoder
    from models import checkpoints
    from models.encoding.clips import BLOCK, decode_clip
    from synthapp.progress import item_bar
    from synthapp.sounds.audiofile import check_suffix
    from synthapp.sounds.npyfile import read_embedding
    from synthapp.sounds.playable import with_frames
    from synthapp.sounds.wavfile import write_audio

    check_suffix(output, ".wav")
    checkpoint = with_frames(checkpoints.read(source_of(weights, hop, stages, ema)))
    config = checkpoint.config
    embedding = read_embedding(source, config.latent)
    if temperature is None:
        temperature = 0.0 if config.mixture else 1.0
    f0_hz = key_hz(60 if note is None else note)
    decoder = open_decoder(checkpoint, voices=1, block=BLOCK)
    with replacing(output) as temporary:
        audio = decode_clip(decoder, embedding, f0_hz, temperature, seed, item_bar("decoding"))
        write_audio(temporary, audio, config.rate)
    tell(f"{output}: {len(audio) / config.rate:.1f} s")
