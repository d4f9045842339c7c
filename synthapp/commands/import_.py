"""A checkpoint of another program into a file of our own."""

from pathlib import Path
from typing import Annotated

import typer

from models.checkpoints.source import Source
from synthapp.commands.options import Ema, Hop, Output, Stages


def import_(
    checkpoint: Annotated[str, typer.Argument(help="Prefix of a TensorFlow checkpoint, such as model.ckpt-200000.")],
    output: Output,
    hop: Hop = 512,
    stages: Stages = 10,
    ema: Ema = False,
) -> None:
    """A TensorFlow checkpoint of NSynth's WaveNet -> one safetensors file."""
    from common.lines import tell
    from models import checkpoints
    from synthapp.sounds.audiofile import check_suffix

    check_suffix(output, ".safetensors")
    config, values = checkpoints.read(Source(checkpoint, hop, stages, ema)).network
    origin = f"imported from {Path(checkpoint).name}{', moving averages' if ema else ''}"
    checkpoints.write(output, config, values, origin)
    count = sum(value.size for value in values.values())
    tell(f"{output}: {count:,} weights, {config.layers} layers of width {config.width}")
