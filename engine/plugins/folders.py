"""Where plug-ins lie: the usual folders of each system, and those that were asked for."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

SUFFIX = ".vst3"
PATH = "VST3_PATH"  # folders of one's own, as an environment variable
FORMATS = ("VST3",)


def own_folders() -> tuple[Path, ...]:
    """Those that the environment names."""
    return tuple(Path(folder) for folder in os.environ.get(PATH, "").split(os.pathsep) if folder)


def usual_folders() -> tuple[Path, ...]:
    """In the order in which a plug-in of one name is taken. Source: Steinberg, "VST 3 plug-in locations"."""
    home = Path.home()
    if sys.platform == "darwin":
        return (home / "Library/Audio/Plug-Ins/VST3", Path("/Library/Audio/Plug-Ins/VST3"))
    if sys.platform == "win32":
        local = Path(os.environ.get("LOCALAPPDATA", home)) / "Programs/Common/VST3"
        return (local, Path(os.environ.get("COMMONPROGRAMFILES", "C:/Program Files/Common Files")) / "VST3")
    return (home / ".vst3", Path("/usr/local/lib/vst3"), Path("/usr/lib/vst3"))


def found(folders: Iterable[Path]) -> tuple[Path, ...]:
    """The plug-ins in these folders and the folders in them, folder by folder, by name."""
    there: list[Path] = []
    for folder in folders:
        there += sorted(_within(folder))
    return tuple(dict.fromkeys(there))


def _within(folder):
    for parent, names, files in os.walk(folder):
        bundles = [name for name in names if name.lower().endswith(SUFFIX)]
        names[:] = [name for name in names if name not in bundles]  # not into them
        yield from (Path(parent) / name for name in bundles + [f for f in files if f.lower().endswith(SUFFIX)])


def stamp(place: Path) -> str:
    """Changes when the plug-in is replaced: size and time of its newest file. Raises OSError where it is gone."""
    files = [place] if place.is_file() else [path for path in place.rglob("*") if path.is_file()]
    states = [path.stat() for path in files] or [place.stat()]
    return f"{max(state.st_mtime_ns for state in states)} {sum(state.st_size for state in states)}"
