"""The one family of errors that a user can meet: each says what, where and how to mend it, in one line."""


class SynthError(Exception):
    """Something the user can mend. The command line prints it as one line and exits non-zero."""


class DeviceError(SynthError):
    """An audio device or MIDI port is missing, busy or was lost."""


class ModelError(SynthError):
    """A checkpoint, a weight file or audio given to a model cannot be used."""


class PresetError(SynthError):
    """A preset file or name cannot be used."""
