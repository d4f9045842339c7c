"""The player's presets on disk, and the factory's beside them."""

import difflib
import re
from dataclasses import dataclass, replace
from pathlib import Path

import platformdirs
import send2trash

from common.errors import PresetError
from presets.file import SUFFIX, check_whole, read_preset, read_summary, write_preset
from presets.preset import Preset

FACTORY = Path(__file__).parent / "factory"
FIRST = "First Light"  # what a new player hears


@dataclass(frozen=True)
class Entry:
    """One line of the list.

    name, tags, corners : from the file's header; corners are the names of the four sounds
    path : the file
    factory : read-only, ships with the program
    problem : why the file cannot be read; empty where it can. `name` is then the file's
    """

    name: str
    tags: tuple[str, ...]
    corners: tuple[str, ...]
    path: Path
    factory: bool
    problem: str = ""


class Library:
    """The presets in `folder` (default: the user's data directory) and in `factory`.

    It reads the folders anew at every call, so that a file that another program puts there is found. Where the player
    and the factory have a preset of the same name, the player's comes first.
    """

    def __init__(self, folder=None, factory=FACTORY):
        self.folder = Path(folder or platformdirs.user_data_path("manifold") / "presets")
        self.factory = Path(factory)

    def entries(self) -> list[Entry]:
        """The player's presets, then the factory's, each by name."""
        return _scan(self.folder, False) + _scan(self.factory, True)

    def first(self) -> Entry:
        """What plays when nobody has chosen: FIRST, else any that can be read. Raises PresetError if there is none."""
        entries = [entry for entry in self.entries() if not entry.problem]
        if not entries:
            raise PresetError(f"there are no presets yet; put some into {self.folder}")
        return next((entry for entry in entries if entry.name == FIRST), entries[-1])

    def find(self, name: str) -> Entry:
        """The preset of that name, upper or lower case. Raises PresetError that suggests close names."""
        entries = [entry for entry in self.entries() if not entry.problem]
        for entry in entries:
            if entry.name.casefold() == name.casefold():
                return entry
        names = [entry.name for entry in entries]
        folded = {candidate.casefold(): candidate for candidate in names}
        close = difflib.get_close_matches(name.casefold(), folded, cutoff=0.5)
        hint = f"did you mean {', '.join(folded[match] for match in close)}?" if close else _known(names)
        raise PresetError(f"there is no preset {name!r}; {hint}")

    def save(self, preset: Preset) -> Entry:
        """Write to the player's folder, over their preset of that name if there is one."""
        own = self._own(preset.name)
        return self._write(preset, own.path if own else self._free_path(preset.name))

    def save_as(self, preset: Preset, name: str) -> Entry:
        """Write under a new name. Raises PresetError where the player has a preset of that name."""
        self._check_free(name)
        return self._write(replace(preset, name=name), self._free_path(name))

    def rename(self, entry: Entry, name: str) -> Entry:
        """Raises PresetError for a factory preset or a name that is taken."""
        self._check_own(entry)
        if name.casefold() != entry.name.casefold():
            self._check_free(name)
        renamed = self._write(replace(read_preset(entry.path), name=name), self._free_path(name))
        try:
            entry.path.unlink(missing_ok=True)
        except OSError as error:
            raise PresetError(f"preset {entry.path} cannot be removed: {error.strerror}; delete the file") from error
        return renamed

    def duplicate(self, entry: Entry) -> Entry:
        """A copy in the player's folder, named '... copy'."""
        name = f"{entry.name[:50].rstrip()} copy"
        taken = {other.name.casefold() for other in self.entries()}
        number = 2
        while name.casefold() in taken:
            name = f"{entry.name[:50].rstrip()} copy {number}"
            number += 1
        return self.save_as(read_preset(entry.path), name)

    def delete(self, entry: Entry) -> None:
        """Move to the trash. Raises PresetError for a factory preset or where there is no trash."""
        self._check_own(entry)
        try:
            send2trash.send2trash(entry.path)
        except OSError as error:
            raise PresetError(f"preset {entry.path} cannot be moved to the trash: {error}; delete the file") from error

    def _write(self, preset, path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise PresetError(f"folder {path.parent} cannot be made: {error.strerror}; make it or free it") from error
        write_preset(preset, path)
        return Entry(preset.name, preset.tags, tuple(corner.name for corner in preset.corners), path, False)

    def _own(self, name):
        matches = (entry for entry in _scan(self.folder, False) if not entry.problem)
        return next((entry for entry in matches if entry.name.casefold() == name.casefold()), None)

    def _check_free(self, name):
        if self._own(name):
            raise PresetError(f"there is already a preset {name!r}; choose another name")

    def _check_own(self, entry):
        if entry.factory:
            raise PresetError(f"{entry.name!r} is a factory preset and read-only; save it under a new name first")

    def _free_path(self, name):
        """A path that no file has: a copied file may bear the name of another preset."""
        path, number = self.folder / file_name(name), 2
        while path.exists():
            path = self.folder / f"{file_name(name).removesuffix(SUFFIX)} {number}{SUFFIX}"
            number += 1
        return path


def load_preset(path, model: str = "") -> Preset:
    """The preset in a file, or, where there is no such file, the library's preset of that name.

    model : fingerprint of the weights that it is to be played with; empty: any. Raises PresetError.
    """
    is_file = Path(path).is_file() or str(path).endswith(SUFFIX)
    preset = read_preset(path if is_file else Library().find(str(path)).path)
    preset.check_model(model)
    return preset


def file_name(name: str) -> str:
    """The file name of a preset: characters that some file system refuses are percent-encoded."""
    return re.sub(r'^\.|[\x00-\x1f/\\:*?"<>|%]', lambda match: f"%{ord(match[0]):02x}", name) + SUFFIX


def _scan(folder, factory):
    return sorted(
        (_entry(path, factory) for path in folder.glob(f"*{SUFFIX}") if not path.name.startswith(".")),
        key=lambda entry: entry.name.casefold(),
    )


def _entry(path, factory):
    try:
        summary = read_summary(path)
        check_whole(path)
    except PresetError as error:
        return Entry(path.stem, (), (), path, factory, str(error))
    return Entry(summary.name, summary.tags, summary.corners, path, factory)


def _known(names):
    return f"there are {', '.join(names[:8])}{' ...' if len(names) > 8 else ''}" if names else "there are none yet"
