"""Which plug-ins load: each is tried in a process of its own with a time-out, and the finding is kept by file time."""

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import platformdirs

from common.atomic import replacing
from common.errors import PluginError, SynthError
from engine.plugins import folders
from engine.plugins.messages import Description

_RATE = 48000


class Finding(msgspec.Struct, frozen=True):
    """One plug-in file.

    stamp : see `folders.stamp`; name : of the file
    description : None where it does not load, and then `fault` says why, in one line
    """

    stamp: str
    name: str
    description: Description | None = None
    fault: str = ""
    load_ms: float = 0.0


_Findings = dict[str, Finding]


class Shelf:
    """The plug-ins of this machine.

    path : of the file that keeps the findings; None: the usual one
    try_one : place -> Description, raises PluginError
    """

    def __init__(self, path: Path | None = None, try_one: Callable[[str], Description] | None = None):
        self.folders = (*folders.own_folders(), *folders.usual_folders())
        self._path = path or platformdirs.user_cache_path("manifold") / "plugins.json"
        self._try = try_one or _tried
        self._findings = _read(self._path)

    def scan(self) -> Iterator[tuple[str, Finding]]:
        """(place, finding) of each plug-in that is there; new and changed ones are tried first. May take a while."""
        for place in folders.found(self.folders):
            with contextlib.suppress(OSError):  # gone meanwhile
                yield str(place), self._look(place)

    def known(self) -> dict[str, Finding]:
        """What earlier scans found of the plug-ins that are there, unchanged; tries nothing."""
        there = {}
        for place in folders.found(self.folders):
            finding = self._findings.get(str(place))
            with contextlib.suppress(OSError):
                if finding is not None and finding.stamp == folders.stamp(place):
                    there[str(place)] = finding
        return there

    def unblock(self) -> int:
        """Forget which plug-ins did not load, so that the next scan tries them. returns : how many"""
        blocked = [place for place, finding in self._findings.items() if finding.description is None]
        for place in blocked:
            del self._findings[place]
        self._write()
        return len(blocked)

    def find(self, name: str) -> Description:
        """The plug-in of this name, in any case; that of its file serves as well. Raises PluginError."""
        wanted = name.casefold()
        for finding in self.known().values():
            if finding.description is not None and finding.description.name.casefold() == wanted:
                return finding.description
        places = folders.found(self.folders)
        by_file = [place for place in places if place.stem.casefold() == wanted]
        for place in by_file or places:
            finding = self._look(place)
            if finding.description is None and by_file:
                raise PluginError(f"plug-in {name}: {finding.fault}")
            if finding.description and (by_file or finding.description.name.casefold() == wanted):
                return finding.description
        raise PluginError(f"plug-in {name}: there is none of this name; manifold plugins --scan lists those there are")

    def _look(self, place):
        stamp = folders.stamp(place)
        finding = self._findings.get(str(place))
        if finding is None or finding.stamp != stamp:
            finding = self._findings[str(place)] = self._tried(str(place), stamp)
            self._write()
        return finding

    def _tried(self, place, stamp):
        begin = time.perf_counter()
        try:
            description = self._try(place)
        except PluginError as error:
            return Finding(stamp, Path(place).stem, None, str(error).removeprefix(f"plug-in {place}: "))
        return Finding(stamp, Path(place).stem, description, "", round(1000 * (time.perf_counter() - begin), 1))

    def _write(self):
        """A cache that cannot be kept costs time, no more."""
        with contextlib.suppress(SynthError, OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(self._path) as temporary:
                temporary.write_bytes(msgspec.json.encode(self._findings))


def _tried(place):
    from engine.plugins.child import Child  # compiles; who only lists needs it not

    child = Child(place, _RATE, urgent=False)
    child.close()
    return child.description


def _read(path):
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Findings)
    except (OSError, msgspec.MsgspecError):
        return {}
