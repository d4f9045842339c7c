"""A checkpoint of another program into a file of our own."""

from pathlib import Path
from typing import Annotated

import typer

from models.checkpoints.source import Source
from synthapp.commands.options import Ema, Hop, Stages


def import_(
    checkpoint: Annotated[
        Path, typer.Argument(help="As downloaded: wavenet-ckpt.tar, its folder, model.ckpt-200000, or its .index.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Default: among your weights, where presets find them.")
    ] = None,
    hop: Hop = 512,
    stages: Stages = 10,
    ema: Ema = False,
) -> None:
    """A TensorFlow checkpoint of NSynth's WaveNet, or of its baseline -> one safetensors file.

    Then make presets for it: ./run.sh factory --weights NAME; for a baseline: ./run.sh baseline pad --weights NAME
    """
    from common.lines import tell
    from models import checkpoints
    from models.checkpoints.known import SUFFIX, name_of, own_folder
    from synthapp.sounds.audiofile import check_suffix

    if output is None:
        output = own_folder() / f"{name_of(checkpoint)}{'-ema' if ema else ''}{SUFFIX}"
    check_suffix(output, SUFFIX)
    config, values = checkpoints.read(Source(str(checkpoint), hop, stages, ema)).network
    origin = f"imported from {checkpoint.name}{', moving averages' if ema else ''}"
    if output.parent == own_folder():
        output.parent.mkdir(parents=True, exist_ok=True)
    checkpoints.write(output, config, values, origin)
    count = sum(value.size for value in values.values())
    layers = getattr(config, "layers", 0)
    tell(f"{output}: {count:,} weights" + (f", {layers} layers of width {config.width}" if layers else ""))
