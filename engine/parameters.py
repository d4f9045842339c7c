"""The one table of parameters: window, MIDI controllers, presets and the synth all read it."""

from dataclasses import dataclass
from enum import IntEnum


class Param(IntEnum):
    """Row of the table; also the index into the synth's array of values."""

    GAIN_DB = 0
    ATTACK_MS = 1
    DECAY_MS = 2
    SUSTAIN = 3
    RELEASE_MS = 4
    VELOCITY_CURVE = 5
    BEND_RANGE = 6
    TUNING_HZ = 7
    TRANSPOSE = 8
    TEMPERATURE = 9
    SPEED = 10
    POSITION = 11


@dataclass(frozen=True)
class Parameter:
    """One row.

    label, unit : for the window
    minimum, maximum, default : in `unit`
    scale : "linear" or "log", how a knob maps its way onto the range
    choices : names of the values 0, 1, 2 ..., where they are not a quantity
    """

    label: str
    unit: str
    minimum: float
    maximum: float
    default: float
    scale: str = "linear"
    choices: tuple[str, ...] = ()

    def clamp(self, value):
        """The nearest value inside the range."""
        return min(max(value, self.minimum), self.maximum)


TABLE = {
    Param.GAIN_DB: Parameter("Gain", "dB", -60.0, 12.0, 0.0),
    Param.ATTACK_MS: Parameter("Attack", "ms", 0.0, 5000.0, 2.0, scale="log"),
    Param.DECAY_MS: Parameter("Decay", "ms", 1.0, 10000.0, 500.0, scale="log"),
    Param.SUSTAIN: Parameter("Sustain", "", 0.0, 1.0, 1.0),
    Param.RELEASE_MS: Parameter("Release", "ms", 5.0, 10000.0, 400.0, scale="log"),
    Param.VELOCITY_CURVE: Parameter("Velocity", "", 0.0, 2.0, 1.0),
    Param.BEND_RANGE: Parameter("Bend range", "semitones", 0.0, 48.0, 2.0),
    Param.TUNING_HZ: Parameter("Tuning of A", "Hz", 400.0, 480.0, 440.0),
    Param.TRANSPOSE: Parameter("Transpose", "semitones", -24.0, 24.0, 0.0),
    Param.TEMPERATURE: Parameter("Temperature", "", 0.0, 1.5, 0.0),
    Param.SPEED: Parameter("Speed", "x", 0.0, 4.0, 1.0),
    Param.POSITION: Parameter("Position", "", 0.0, 1.0, 0.0),
}
