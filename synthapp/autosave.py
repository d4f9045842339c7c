"""What was played last comes back at the next start, after a crash too, with the way back."""

import fcntl
import os
from pathlib import Path
from typing import IO

import platformdirs

from common.atomic import remove_stale
from common.errors import PresetError
from presets.file import SUFFIX, read_preset, write_preset
from presets.preset import Preset
from synthapp.history import History, Sounds
from synthapp.undo_file import UndoFile


class Autosave:
    """One preset file, `last`, in the user's state directory (or `folder`), rewritten when something has changed, and
    the history beside it. A second window that is open at the same time has files of its own, `last 2`.

    path : of the preset file
    """

    def __init__(self, folder=None):
        folder = Path(folder or platformdirs.user_state_path("manifold"))
        self._lock, mark = _own_place(folder)
        self.path = folder / f"last{mark}{SUFFIX}"
        self._undo = UndoFile(folder / f"undo{mark}")
        self._kept: Preset | None = None
        self._kept_history: tuple[History, int] | None = None

    def load(self) -> Preset | None:
        """The last state, or None at the first start. Raises PresetError."""
        return read_preset(self.path) if self.path.exists() else None

    def load_history(self, sounds: Sounds) -> History:
        """The steps that led to it. Raises PresetError."""
        return self._undo.load(sounds)

    def keep(self, state: Preset | None, history: History | None = None) -> None:
        """Write what has changed since it was written last. Raises SynthError, OSError."""
        if state is not None and not (self._kept and _same(state, self._kept)):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_preset(state, self.path)
            self._kept = state
        if history and history.steps and self._kept_history != (history, history.revision):
            self._undo.keep(history)
            self._kept_history = history, history.revision

    def set_aside(self, why: str) -> Path:
        """Rename the file of a state that cannot be played; returns where it is now. Raises PresetError."""
        return _rename(self.path, why)

    def set_history_aside(self, why: str) -> Path:
        """The same with the history."""
        return _rename(self._undo.folder, why)

    def tidy(self) -> None:
        """Remove what killed saves have left."""
        remove_stale(self.path.parent)


def _own_place(folder):
    """(open file that holds the place, what its files are marked with): the first that no other window has."""
    mark, number = "", 1
    while (file := _locked(folder / f".lock{mark}")) is None:
        number += 1
        mark = f" {number}"
    return file, mark


def _locked(path) -> IO | None:
    """The file, locked until this process ends; None where another has it. What cannot be locked nobody else has."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = open(path, "w")  # noqa: SIM115 - open as long as the window
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    except OSError:
        return open(os.devnull)  # noqa: SIM115
    return file


def _rename(path, why):
    """Beside it, under a name that is free."""
    aside, number = path.with_stem(f"{path.stem} {why}"), 1
    while aside.exists():
        number += 1
        aside = path.with_stem(f"{path.stem} {why} {number}")
    try:
        path.rename(aside)
    except OSError as error:
        raise PresetError(f"{path} cannot be renamed: {error.strerror}; move it elsewhere") from error
    return aside


def _same(one, other):
    names = "name", "corners", "pad", "parameters", "effects", "movement", "places"
    parts = [[getattr(each, name) for name in names] for each in (one, other)]
    return parts[0] == parts[1]
