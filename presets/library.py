"""The player's presets on disk, and the factory's beside them."""

import difflib
import re
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import platformdirs
import send2trash

from common.atomic import remove_stale, replacing
from common.errors import PresetError, SynthError
from presets.file import SUFFIX, check_whole, read_preset, read_summary, write_new_preset, write_preset
from presets.pad import POINTS, Place
from presets.preset import NAME_LENGTH, Preset
from presets.space import in_space

FACTORY = Path(__file__).parent / "factory"  # a folder in it for every other network that presets ship for
FIRST = "First Light"  # what a new player hears


@dataclass(frozen=True)
class Change:
    """What became of one file. before, after : its bytes; None where it is not there"""

    path: Path
    before: bytes | None
    after: bytes | None

    @property
    def reversed(self) -> "Change":
        return Change(self.path, self.after, self.before)


@dataclass(frozen=True)
class Entry:
    """One line of the list.

    name, tags, corners, places : from the file's header; corners are the names of the sounds, which stand at places
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
    places: tuple[Place, ...] = POINTS


class Library:
    """The presets in `folder` (default: the user's data directory) and in `factory` and its folders.

    It reads the folders anew at every call, so that a file that another program puts there is found. Where the player
    and the factory have a preset of the same name, the player's comes first. Every change that it makes can be undone:
    `take_changes` tells it, `apply` makes it, or its opposite.
    """

    def __init__(self, folder=None, factory=FACTORY):
        self.folder = Path(folder or platformdirs.user_data_path("manifold") / "presets")
        self.factory = Path(factory)
        self._changes: list[Change] = []

    def take_changes(self) -> tuple[Change, ...]:
        """What became of files since this was asked last."""
        taken, self._changes = tuple(self._changes), []
        return taken

    def entries(self) -> list[Entry]:
        """The player's presets, then the factory's, each by name; at the end those for other networks."""
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

    def save(self, preset: Preset, over: Path | None = None) -> Entry:
        """Write over one of the player's files; else as a new one, numbered where its name is taken."""
        if over is None:
            return self._create(preset, self._free_name)
        with self._changing(over):
            write_preset(preset, over)
        return _entry_of(preset, over)

    def save_as(self, preset: Preset, name: str) -> Entry:
        """Write under a new name. Raises PresetError where the player has a preset of that name."""
        return self._create(replace(preset, name=name), self._check_free)

    def rename(self, entry: Entry, name: str) -> Entry:
        """Raises PresetError for a factory preset or a name that is taken."""
        self._check_own(entry)
        same = name.casefold() == entry.name.casefold()
        renamed = self._create(replace(read_preset(entry.path), name=name), str if same else self._check_free)
        try:
            with self._changing(entry.path):
                entry.path.unlink(missing_ok=True)
        except OSError as error:
            renamed.path.unlink()
            self._changes.pop()
            raise PresetError(f"preset {entry.path} cannot be removed: {error.strerror}; delete the file") from error
        return renamed

    def duplicate(self, entry: Entry) -> Entry:
        """A copy in the player's folder, named '... copy'."""
        taken = {other.name.casefold() for other in self.entries()}
        return self.save_as(open_preset(entry.path, entry.factory), _numbered(entry.name, " copy", taken))

    def delete(self, entry: Entry) -> None:
        """Move to the trash. Raises PresetError for a factory preset or where there is no trash."""
        self._check_own(entry)
        try:
            with self._changing(entry.path):
                send2trash.send2trash(entry.path)
        except OSError as error:
            raise PresetError(f"preset {entry.path} cannot be moved to the trash: {error}; delete the file") from error

    def apply(self, changes: Iterable[Change]) -> str:
        """Make changes of before again, or their opposites. Returns what is to be told; raises PresetError.

        A file that another program has changed since stays as it is, and that is told. What is removed here is no
        player's only copy: the change holds its bytes.
        """
        changes, done = tuple(changes), []
        changed = [change for change in changes if _content(change.path) != change.before]
        try:
            for change in changes:
                if change not in changed:
                    _write(change)
                    done.append(change)
        except PresetError:
            for change in reversed(done):
                _write(change.reversed)
            raise
        return "; ".join(f"{change.path.name} was changed by another program and stays as it is" for change in changed)

    def tidy(self) -> None:
        """Remove what killed saves have left."""
        remove_stale(self.folder)

    def _create(self, preset, name_of):
        """Write a new file. name_of : name -> the one to take, as the folder is now; it may refuse."""
        _make(self.folder)
        while True:
            name = name_of(preset.name)
            path = self._free_path(name)
            if name_of(preset.name) != name:  # asked again: what took the first path may be of that name
                continue
            named = replace(preset, name=name)
            try:
                write_new_preset(named, path)
            except FileExistsError:  # another window was faster: see what is free now
                continue
            self._changes.append(Change(path, None, _content(path)))
            return _entry_of(named, path)

    @contextmanager
    def _changing(self, path):
        """What becomes of a file in the block is a change."""
        before = _content(path)
        yield
        self._changes.append(Change(path, before, _content(path)))

    def _own(self, name):
        matches = (entry for entry in _scan(self.folder, False) if not entry.problem)
        return next((entry for entry in matches if entry.name.casefold() == name.casefold()), None)

    def _check_free(self, name):
        if self._own(name):
            raise PresetError(f"there is already a preset {name!r}; choose another name")
        return name

    def _free_name(self, name):
        return _numbered(name, "", {entry.name.casefold() for entry in _scan(self.folder, False)})

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


def open_preset(path, factory: bool | None = None) -> Preset:
    """The preset in a file as it is played: the factory's in their space. Raises PresetError.

    factory : whether it is one of them; None: whether it lies where they do
    """
    preset = read_preset(path)
    return in_space(preset) if (Path(path).is_relative_to(FACTORY) if factory is None else factory) else preset


def preset_path(name) -> Path:
    """The file of that name, or, where there is none, that of the library's preset of that name. Raises PresetError."""
    is_file = Path(name).is_file() or str(name).endswith(SUFFIX)
    return Path(name) if is_file else Library().find(str(name)).path


def load_preset(path, model: str = "") -> Preset:
    """The preset in a file, or, where there is no such file, the library's preset of that name; as `open_preset`.

    model : fingerprint of the weights that it is to be played with; empty: any. Raises PresetError.
    """
    preset = open_preset(preset_path(path))
    preset.check_model(model)
    return preset


def file_name(name: str) -> str:
    """The file name of a preset: characters that some file system refuses are percent-encoded."""
    return re.sub(r'^\.|[\x00-\x1f/\\:*?"<>|%]', lambda match: f"%{ord(match[0]):02x}", name) + SUFFIX


def _numbered(name, suffix, taken):
    """The name with the suffix, and a number where that is taken (in lower case); cut to the length of a name."""
    candidate, number = name[: NAME_LENGTH - len(suffix)].rstrip() + suffix, 2
    while candidate.casefold() in taken:
        ending = f"{suffix} {number}"
        candidate, number = name[: NAME_LENGTH - len(ending)].rstrip() + ending, number + 1
    return candidate


def _entry_of(preset, path):
    names = tuple(corner.name for corner in preset.corners)
    return Entry(preset.name, preset.tags, names, path, False, places=preset.places)


def _make(folder):
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PresetError(f"folder {folder} cannot be made: {error.strerror}; make it or free it") from error


def _content(path):
    """The bytes of a file; None where there is none. Raises PresetError."""
    try:
        return path.read_bytes() if path.is_file() else None
    except OSError as error:
        raise PresetError(f"preset {path} cannot be read: {error.strerror}; see whose file it is") from error


def _write(change):
    """Raises PresetError, and then the file is as it was."""
    try:
        if change.after is None:
            change.path.unlink()
            return
        _make(change.path.parent)
        with replacing(change.path) as temporary:
            temporary.write_bytes(change.after)
    except (OSError, SynthError) as error:
        raise PresetError(f"preset {change.path} cannot be brought back: {error}; undo again when it can") from error


def _scan(folder, factory):
    return sorted(
        (
            _entry(path, factory)
            for path in (folder.rglob if factory else folder.glob)(f"*{SUFFIX}")
            if not path.name.startswith(".")
        ),
        key=lambda entry: (entry.path.parent != folder, entry.name.casefold()),
    )


def _entry(path, factory):
    try:
        summary = read_summary(path)
        check_whole(path)
    except PresetError as error:
        return Entry(path.stem, (), (), path, factory, str(error))
    return Entry(summary.name, summary.tags, summary.corners, path, factory, places=summary.places)


def _known(names):
    return f"there are {', '.join(names[:8])}{' ...' if len(names) > 8 else ''}" if names else "there are none yet"
