"""Options that several commands share: type, range and help in one place."""

from pathlib import Path
from typing import Annotated

import typer


def _parse_pad(text: str) -> tuple[float, float]:
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not X,Y") from None
    if not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):
        raise typer.BadParameter(f"{text!r}: X and Y are from 0 to 1")
    return x, y


Weights = Annotated[
    str | None, typer.Option(metavar="FILE", help="A safetensors file, or the prefix of a TensorFlow checkpoint.")
]
Hop = Annotated[int, typer.Option(min=1, max=65536, help="TensorFlow checkpoint: samples per embedding frame.")]
Stages = Annotated[int, typer.Option(min=1, max=14, help="TensorFlow checkpoint: period of the dilations.")]
Ema = Annotated[bool, typer.Option("--ema", help="TensorFlow checkpoint: moving averages of the weights.")]
PresetName = Annotated[str | None, typer.Option(metavar="NAME", help="Name of a preset, or a preset file.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same audio.")]
Polyphony = Annotated[int, typer.Option(min=1, max=64, help="Voices at once.")]
AudioDevice = Annotated[str | None, typer.Option("--audio", metavar="DEVICE", help="Part of an audio device's name.")]
MidiPort = Annotated[str | None, typer.Option("--midi", metavar="PORT", help="Part of a MIDI port's name.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Output = Annotated[Path, typer.Option("--output", "-o", help="The file to write.")]
Pad = Annotated[tuple | None, typer.Option(parser=_parse_pad, metavar="X,Y", help="Place on the pad, 0 to 1 each.")]
