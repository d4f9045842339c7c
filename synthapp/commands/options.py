"""Options that several commands share: type, range and help in one place."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import typer

from common.errors import ModelError
from engine.effects.kinds import COMMON, KINDS, ON
from models.checkpoints.source import DEFAULT_SOURCE, Source
from presets.effects import Slot
from synthapp import chain
from synthapp.sounds.notes import parse_note


def parse_pad(text: str) -> tuple[float, float]:
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not X,Y") from None
    if not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):
        raise typer.BadParameter(f"{text!r}: X and Y are from 0 to 1")
    return x, y


def _parse_note(text: str) -> float:
    try:
        return parse_note(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


_MPE_MODES = ("auto", "on", "off")


class Wish(NamedTuple):
    """An effect that was asked for. values : of its parameters, by name"""

    kind: str
    values: dict[str, float]


def _parse_effect(text: str) -> Wish:
    """KIND[:NAME=VALUE,...]; a value may be the name of a choice."""
    kind, _, rest = text.partition(":")
    if kind not in KINDS:
        raise typer.BadParameter(f"{kind!r}: there is no such effect; choose from {', '.join(KINDS)}")
    rows = COMMON | KINDS[kind].rows
    values = {}
    for part in filter(None, rest.split(",")):
        name, _, value = part.partition("=")
        if name not in rows:
            raise typer.BadParameter(f"{kind} has no {name!r}; choose from {', '.join(rows)}")
        values[name] = _parse_value(f"{kind}: {name}", rows[name], value)
    return Wish(kind, values)


def _parse_value(what, row, text):
    try:
        value = float(row.choices.index(text) if text in row.choices else text)
    except ValueError:
        value = math.nan
    if not row.minimum <= value <= row.maximum:
        known = f"one of {', '.join(row.choices)}" if row.choices else f"from {row.minimum:g} to {row.maximum:g}"
        raise typer.BadParameter(f"{what} is {text!r}; it must be {known} {row.unit}".rstrip())
    return value


def with_effects(slots: tuple[Slot, ...], asked: Iterable[Wish]) -> tuple[Slot, ...]:
    """A chain with the effects that were asked for: as the slot of that kind where there is one, else at its end."""
    for kind, values in asked:
        if not any(slot.kind == kind for slot in slots):
            slots = chain.added(slots, kind)
        id = next(slot.id for slot in slots if slot.kind == kind)
        for name, value in ({ON: 1.0} | values).items():
            slots = chain.changed(slots, id, name, value)
    return slots


def source_of(weights: str | None, hop: int = 512, stages: int = 10, ema: bool = False) -> Source:
    """The weights that were asked for by path, or by the name of imported ones; or the default instrument's.

    Raises ModelError.
    """
    if weights is not None:
        from models.checkpoints.known import named

        return Source(named(weights), hop, stages, ema)
    path = DEFAULT_SOURCE.path
    if not Path(path).is_file():
        raise ModelError(f"the default weights are missing ({path}); get the project again, or pass --weights")
    return DEFAULT_SOURCE


def _parse_mpe(text: str) -> tuple[str, str]:
    port, _, mode = text.rpartition("=")
    if mode not in _MPE_MODES:
        raise typer.BadParameter(f"{text!r}: it must be {', '.join(_MPE_MODES)}, or PORT= and one of them")
    return port, mode


def mpe_of_song(modes: dict) -> list:
    """The events that give a song's ports their modes; they are known by number. Raises typer.BadParameter."""
    from engine.commands import PORTS, SetMpe

    numbers = {str(number): number - 1 for number in range(1, PORTS + 1)}
    unknown = modes.keys() - numbers.keys() - {""}
    if unknown:
        raise typer.BadParameter(f"{min(unknown)!r}: a song's ports are numbered from 1 to {PORTS}", param_hint="--mpe")
    return [SetMpe(mode=modes[port], port=numbers.get(port)) for port in sorted(modes)]


def tuning_of(scale: Path | None, keymap: Path | None) -> tuple:
    """The events that tune, before all others. Raises SynthError."""
    from engine.offline.scala import read_tuning

    return (read_tuning(scale, keymap),) if scale or keymap else ()


def source_for(
    preset, weights: str | None = None, hop: int = 512, stages: int = 10, ema: bool = False,
) -> Source:  # fmt: skip
    """The weights that were asked for; else those that a Preset was made with, wherever they are found.

    Raises PresetError, ModelError.
    """
    from models.checkpoints.known import KnownWeights

    if weights is not None:
        return source_of(weights, hop, stages, ema)

    source = KnownWeights().find(preset.model) if preset.model else source_of(None)
    if source is None:
        raise preset.without_weights()
    return source


def _print_version(wanted: bool) -> None:
    if wanted:
        from synthapp.commands import project

        print(f"manifold {project.version()}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
]
Weights = Annotated[
    str | None, typer.Option(metavar="FILE", help="Imported weights by name; a safetensors file; a TF checkpoint.")
]
Hop = Annotated[int, typer.Option(min=1, max=65536, help="TensorFlow checkpoint: samples per embedding frame.")]
Stages = Annotated[int, typer.Option(min=1, max=14, help="TensorFlow checkpoint: period of the dilations.")]
Ema = Annotated[bool, typer.Option("--ema", help="TensorFlow checkpoint: moving averages of the weights.")]
PresetName = Annotated[str | None, typer.Option(metavar="NAME", help="Name of a preset, or a preset file.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same audio.")]
Precision = Annotated[
    Literal["float32", "int8"], typer.Option(help="Of the decoder; int8 plays more voices and adds a little noise.")
]
Backend = Annotated[
    str, typer.Option(metavar="NAME", help="What decodes: cpu, gpu, or auto: the GPU where the processor is too slow.")
]
PrecisionWish = Annotated[
    Literal["auto", "float32", "int8"],
    typer.Option(help="Of the decoder; int8 plays more voices and adds a little noise. auto: measured at first start."),
]
CoresWish = Annotated[
    int, typer.Option(min=0, max=64, help="Processor cores that share the voices; 0: measured at first start.")
]
VoicesWish = Annotated[int | None, typer.Option("--polyphony", min=1, max=64, help="Voices at once.")]
Polyphony = Annotated[int, typer.Option(min=1, max=64, help="Voices at once.")]
AudioDevice = Annotated[str | None, typer.Option("--audio", metavar="DEVICE", help="Part of an audio device's name.")]
MidiPort = Annotated[str | None, typer.Option("--midi", metavar="PORT", help="Part of a MIDI port's name.")]
Docs = Annotated[Path | None, typer.Option(metavar="FILE", help="A document that gets the table, between its marks.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Output = Annotated[Path, typer.Option("--output", "-o", help="The file to write.")]
Pad = Annotated[tuple | None, typer.Option(parser=parse_pad, metavar="X,Y", help="Place on the pad, 0 to 1 each.")]
Scale = Annotated[Path | None, typer.Option(metavar="FILE.scl", help="A scale of Scala's; default: 12 even steps.")]
Keymap = Annotated[Path | None, typer.Option(metavar="FILE.kbm", help="Which keys play the scale: a map of Scala's.")]
Mpe = Annotated[
    list[tuple] | None,
    typer.Option(
        parser=_parse_mpe, metavar="[PORT=]auto|on|off",
        help="Every note has a channel of its own (MPE): where a port asks for it, always, never; repeatable.",
    ),
]  # fmt: skip
Effects = Annotated[
    list[Wish] | None,
    typer.Option(
        "--effect", parser=_parse_effect, metavar="EFFECT", help="Such as reverb or delay:sync=1/8,wet=0.3; repeatable."
    ),
]
NoEffects = Annotated[bool, typer.Option("--no-effects", help="Without the preset's own effects.")]
Note = Annotated[float | None, typer.Option(parser=_parse_note, metavar="NOTE", help="Such as A4, Bb2 or 69.")]
