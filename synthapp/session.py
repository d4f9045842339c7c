"""The preset being played, and what the player changed since it was loaded or saved."""

from dataclasses import replace
from pathlib import Path

from engine.parameters import TABLE
from presets.preset import Preset


class Session:
    """What the window shows and saves.

    preset : as it is on disk; None where there is none yet
    path : its file
    pad : (x, y) as the player asked for it
    parameters : every row of the parameter table, in its unit
    """

    def __init__(self):
        self.preset: Preset | None = None
        self.path: Path | None = None
        self.pad = (0.5, 0.5)
        self.parameters = {param: row.default for param, row in TABLE.items()}

    def load(self, preset: Preset, path: Path | None) -> None:
        """Take over a preset; what it does not set is at its default."""
        self.preset, self.path = preset, path
        self.restore(preset)

    def restore(self, state: Preset) -> None:
        """Take over pad and parameters only, as changes to the preset that is loaded."""
        self.pad = state.pad
        self.parameters = _parameters(state)

    @property
    def changed(self) -> bool:
        """True where saving would write something else than what is on disk."""
        if self.preset is None:
            return False
        return self.pad != self.preset.pad or self.parameters != _parameters(self.preset)

    @property
    def title(self) -> str:
        """The preset's name, with an asterisk where something is unsaved."""
        name = self.preset.name if self.preset else "No preset"
        return name + "*" * self.changed

    @property
    def corner_names(self) -> tuple[str, ...]:
        """The four sounds; empty names without a preset."""
        return tuple(corner.name for corner in self.preset.corners) if self.preset else ("",) * 4

    def snapshot(self) -> Preset | None:
        """The preset as it sounds now. Parameters that this version does not know are kept."""
        if self.preset is None:
            return None
        known = {param.name.lower(): value for param, value in self.parameters.items()}
        return replace(self.preset, pad=self.pad, parameters=self.preset.parameters | known)


def _parameters(preset):
    """Values of all rows of the table, inside their ranges."""
    return {param: row.clamp(preset.parameters.get(param.name.lower(), row.default)) for param, row in TABLE.items()}
