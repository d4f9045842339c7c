"""The one family of errors that a user can meet: each says what, where and how to mend it, in one line."""

from common.lines import one_line


class SynthError(Exception):
    """Something the user can mend. The command line prints it as one line and exits with `status`."""

    status = 1

    def __init__(self, line: str):
        super().__init__(one_line(line))


class DeviceError(SynthError):
    """An audio device or MIDI port is missing, busy or was lost."""


class GpuError(DeviceError):
    """A GPU, its driver or its compiler is missing, or refuses."""


class ModelError(SynthError):
    """A checkpoint, a weight file or audio given to a model cannot be used."""


class PitchError(ModelError):
    """A recording has no pitch that can be found; the player is to name it."""

    status = 3


class PresetError(SynthError):
    """A preset file or name cannot be used."""


class PluginError(SynthError):
    """A plug-in is missing, cannot be loaded, or does not play."""
