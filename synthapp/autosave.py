"""What was played last comes back at the next start, after a crash too."""

from pathlib import Path

import platformdirs

from common.errors import PresetError
from presets.file import SUFFIX, read_preset, write_preset
from presets.preset import Preset


class Autosave:
    """One preset file, `last`, in the user's state directory (or `folder`), rewritten when something has changed."""

    def __init__(self, folder=None):
        self.path = Path(folder or platformdirs.user_state_path("manifold")) / f"last{SUFFIX}"
        self._kept: Preset | None = None

    def load(self) -> Preset | None:
        """The last state, or None at the first start. Raises PresetError."""
        return read_preset(self.path) if self.path.exists() else None

    def keep(self, state: Preset | None) -> None:
        """Write the state unless it is what was written last. Raises PresetError, OSError."""
        if state is None or (self._kept and _same(state, self._kept)):
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_preset(state, self.path)
        self._kept = state

    def set_aside(self, state: Preset) -> Path:
        """Rename the file of a state that other weights made; returns where it is now. Raises PresetError."""
        aside = self.path.with_stem(f"{self.path.stem} of {state.model}")
        try:
            self.path.replace(aside)
        except OSError as error:
            raise PresetError(f"{self.path} cannot be renamed: {error.strerror}; move it elsewhere") from error
        return aside


def _same(one, other):
    return (one.name, one.corners, one.pad, one.parameters) == (other.name, other.corners, other.pad, other.parameters)
