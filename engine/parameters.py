"""The one table of parameters: window, MIDI controllers, presets and the synth all read it."""

import math
from dataclasses import dataclass
from enum import IntEnum

MODES = ("poly", "mono", "legato")
PRIORITIES = ("last", "lowest", "highest")
GLIDES = ("legato", "always", "legato/oct", "always/oct")  # a time that is of each octave, or of any way
PAD_MODES = ("latch", "spring")  # what the pad does once a finger is lifted: it stays, or goes back
ARPEGGIOS = ("off", "up", "down", "up and down", "played", "random")
# Beats (quarter notes) of a step.
ARPEGGIO_STEPS = {
    "1/32": 1 / 8,
    "1/16 T": 1 / 6,
    "1/16": 1 / 4,
    "1/8 T": 1 / 3,
    "1/8": 1 / 2,
    "1/4 T": 2 / 3,
    "1/4": 1.0,
    "1/2": 2.0,
}


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
    ARP_MODE = 12
    ARP_STEP = 13
    ARP_OCTAVES = 14
    ARP_GATE = 15
    ARP_SWING = 16
    VOICE_MODE = 17
    PRIORITY = 18
    GLIDE_MS = 19
    GLIDE = 20
    UNISON = 21
    DETUNE_CENTS = 22
    SPREAD = 23
    KEY_DB = 24
    WIDTH = 25
    NOTE_SPREAD = 26
    TRIM_DB = 27
    LOW_KEY_DB = 28
    BRIGHTNESS = 29
    LIFE = 30
    PAD_MODE = 31
    PAD_RETURN_MS = 32


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

    def share(self, value: float) -> float:
        """How far along its range a value is, 0..1: where its knob stands."""
        value = self.clamp(value)
        if self.scale == "log":
            low, high, shift = self._log_range()
            return (math.log(value + shift) - low) / (high - low)
        return (value - self.minimum) / (self.maximum - self.minimum)

    def at(self, share: float) -> float:
        """The value so far along the range; whole semitones."""
        share = min(max(share, 0.0), 1.0)
        if self.scale == "log":
            low, high, shift = self._log_range()
            value = math.exp(low + share * (high - low)) - shift
        else:
            value = self.minimum + share * (self.maximum - self.minimum)
        if self.unit == "semitones" or self.choices:
            value = round(value)
        return self.clamp(float(value))

    def _log_range(self):
        """Logarithms of both ends; a range from 0 is shifted by one unit."""
        shift = 1.0 if self.minimum <= 0 else 0.0
        return math.log(self.minimum + shift), math.log(self.maximum + shift), shift


def chosen(label: str, choices: tuple[str, ...], default: str) -> Parameter:
    """A parameter whose values are names: 0 is the first."""
    return Parameter(label, "", 0.0, len(choices) - 1.0, float(choices.index(default)), choices=choices)


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
    Param.ARP_MODE: chosen("Arpeggio", ARPEGGIOS, "off"),
    Param.ARP_STEP: chosen("Step", tuple(ARPEGGIO_STEPS), "1/16"),
    Param.ARP_OCTAVES: chosen("Octaves", ("1", "2", "3", "4"), "1"),
    Param.ARP_GATE: Parameter("Gate", "", 0.05, 1.0, 0.5),
    Param.ARP_SWING: Parameter("Swing", "", 0.0, 0.75, 0.0),
    Param.VOICE_MODE: chosen("Voices", MODES, "poly"),
    Param.PRIORITY: chosen("Priority", PRIORITIES, "last"),
    Param.GLIDE_MS: Parameter("Glide", "ms", 0.0, 5000.0, 0.0, scale="log"),
    Param.GLIDE: chosen("Glides", GLIDES, "legato"),
    Param.UNISON: chosen("Unison", tuple(str(count) for count in range(1, 9)), "1"),
    Param.DETUNE_CENTS: Parameter("Detune", "cents", 0.0, 100.0, 12.0),
    Param.SPREAD: Parameter("Spread", "", 0.0, 1.0, 0.5),
    Param.KEY_DB: Parameter("Key level", "dB", -12.0, 12.0, 0.0),
    Param.WIDTH: Parameter("Width", "", 0.0, 1.5, 1.0),
    Param.NOTE_SPREAD: Parameter("Key spread", "", -1.0, 1.0, 0.0),
    Param.TRIM_DB: Parameter("Trim", "dB", -24.0, 24.0, 0.0),
    Param.LOW_KEY_DB: Parameter("Low keys", "dB", -12.0, 12.0, 0.0),
    Param.BRIGHTNESS: Parameter("Brightness", "dB", 0.0, 24.0, 0.0),
    Param.LIFE: Parameter("Life", "", 0.0, 1.0, 0.0),
    Param.PAD_MODE: chosen("Pad", PAD_MODES, "latch"),
    Param.PAD_RETURN_MS: Parameter("Return", "ms", 5.0, 5000.0, 250.0, scale="log"),
}
