"""The one family of errors that a user can meet: each says what, where and how to mend it, in one line."""


class SynthError(Exception):
    """Something the user can mend. The command line prints it as one line and exits with `status`."""

    status = 1


class DeviceError(SynthError):
    """An audio device or MIDI port is missing, busy or was lost."""


class ModelError(SynthError):
    """A checkpoint, a weight file or audio given to a model cannot be used."""


class PitchError(ModelError):
    """A recording has no pitch that can be found; the player is to name it."""

    status = 3


class PresetError(SynthError):
    """A preset file or name cannot be used."""
