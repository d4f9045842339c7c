"""`--plugin` and `--plugin-path`: plug-ins that were asked for by name."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from common.errors import PluginError
from engine.plugins.folders import PATH
from presets.effects import PLUGIN, Plugin, Slot, free_id

if TYPE_CHECKING:
    from engine.plugins.messages import Description, Parameter
    from engine.plugins.scan import Shelf

_WET = "wet"


class PluginWish(NamedTuple):
    """values : parameter -> a number, or the name of a choice, as it was written"""

    name: str
    values: dict[str, str]


def _parse_plugin(text: str) -> PluginWish:
    """NAME[:PARAMETER=VALUE,...]"""
    name, _, rest = text.partition(":")
    pairs = [part.partition("=") for part in rest.split(",") if part]
    if not name or not all(key and value for key, _, value in pairs):
        raise typer.BadParameter(f"{text!r} is not NAME or NAME:PARAMETER=VALUE,...")
    return PluginWish(name, {key: value for key, _, value in pairs})


def seek_plugins(folders: Iterable[Path] | None) -> None:
    """Look there first, here and in every process that is started from here."""
    before = os.environ.get(PATH)
    paths = [str(folder.absolute()) for folder in folders or ()] + ([before] if before else [])
    if paths:
        os.environ[PATH] = os.pathsep.join(paths)


def with_plugins(slots: tuple[Slot, ...], asked: Iterable[PluginWish], shelf: "Shelf") -> tuple[Slot, ...]:
    """A chain with these plug-ins at its end. Raises PluginError for one that is not there, and for its parameters."""
    for wish in asked:
        description = shelf.find(wish.name)
        values = {name: _value(description, name, text) for name, text in wish.values.items()}
        wet = values.pop(_WET, 1.0)
        plugin = Plugin(description.format, description.name, description.version, description.place)
        slots = (*slots, Slot(free_id(slots), PLUGIN, wet=wet, parameters=values, plugin=plugin))
    return slots


def _value(description: "Description", name: str, text: str) -> float:
    parameters = {parameter.id: parameter for parameter in description.parameters}
    if name == _WET:
        return _number(description.name, name, text, 0.0, 1.0)
    if name not in parameters:
        names = ", ".join([_WET, *parameters])
        raise PluginError(f"plug-in {description.name} has no parameter {name!r}; choose from {names}")
    parameter = parameters[name]
    if text in parameter.choices:
        return float(parameter.choices.index(text))
    low, high = sorted((parameter.minimum, parameter.maximum))
    return _number(description.name, name, text, low, high, parameter)


def _number(plugin: str, name: str, text: str, low: float, high: float, parameter: "Parameter | None" = None) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if low <= value <= high:
        return value
    unit = f" {parameter.unit}" if parameter and parameter.unit else ""
    choices = f", or one of {', '.join(parameter.choices)}" if parameter and parameter.choices else ""
    raise PluginError(f"plug-in {plugin}: {name} is {text!r}; it must be {low:g} to {high:g}{unit}{choices}")


Plugins = Annotated[
    list[PluginWish] | None,
    typer.Option(
        "--plugin", parser=_parse_plugin, metavar="NAME",
        help="A VST3 plug-in after the effects, such as ZamCompX2:threshold=-20,ratio=4; repeatable.",
    ),
]  # fmt: skip
PluginPath = Annotated[
    list[Path] | None,
    typer.Option("--plugin-path", metavar="FOLDER", help="Where to look for plug-ins first; repeatable."),
]
