"""The project as its own metadata describes it: pyproject.toml in a checkout, else what pip wrote down."""

import importlib.metadata
import re
import tomllib

from common.paths import ROOT

NAME = "manifold"


def version() -> str:
    """Of the program."""
    project = _checkout()
    return project["version"] if project else importlib.metadata.version(NAME)


def packages() -> dict[str, bool]:
    """Name of every package that the program uses -> whether it cannot play without it; the others are extras."""
    project = _checkout()
    if project:
        wanted = dict.fromkeys(map(_name, project["dependencies"]), True)
        extras = [_name(line) for lines in project.get("optional-dependencies", {}).values() for line in lines]
    else:
        lines = importlib.metadata.requires(NAME) or []
        wanted = dict.fromkeys((_name(line) for line in lines if "extra ==" not in line), True)
        extras = [_name(line) for line in lines if "extra ==" in line]
    return dict.fromkeys(extras, False) | wanted


def _checkout():
    """The project's table of pyproject.toml, None where the program is installed."""
    path = ROOT / "pyproject.toml"
    return tomllib.loads(path.read_text())["project"] if path.is_file() else None


def _name(requirement):
    """Of "scipy>=1.17"."""
    return re.match(r"[\w.-]*\w", requirement).group()
