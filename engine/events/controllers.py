"""What the controllers of the sixteen MIDI channels say, as numbers that the voices read.

Sustain and sostenuto live in the allocator, because they decide which notes end.
"""

import math

import numpy as np

from engine.commands import CHANNELS

MODULATION, DATA_ENTRY, VOLUME, PAN, EXPRESSION, DATA_ENTRY_FINE = 1, 6, 7, 10, 11, 38
SUSTAIN, SOSTENUTO, SOFT = 64, 66, 67
NRPN_FINE, NRPN, RPN_FINE, RPN = 98, 99, 100, 101
ALL_SOUND_OFF, RESET_CONTROLLERS, ALL_NOTES_OFF, POLY_MODE = 120, 121, 123, 127
PEDAL_DOWN = 64  # from this value on

DEFAULT_VOLUME = 100  # General MIDI level 1, as are centre pan and full expression
PAN_CENTRE = 64
VIBRATO_CENTS = 50.0  # of a full modulation wheel or full pressure
SOFT_PEDAL_GAIN = 10 ** (-4 / 20)  # a piano's una corda is some 4 dB softer; brightness stays
_BEND_RANGE = 0  # the registered parameter; 0x3FFF is "none"
_RPN_NULL = 0x3FFF


def vibrato_cents(value: int) -> float:
    """Depth of the vibrato that a controller at `value`, 0..127, asks for."""
    return VIBRATO_CENTS * value / 127


class Controllers:
    """Rows are channels.

    bend : float64 (16,), -1..1
    bend_range : float64 (16,), semitones
    vibrato : float64 (16,), cents: the larger of modulation wheel and channel pressure
    gains : float64 (16, 2), left and right: volume x expression (squared: 40 log, as GM 2 recommends), equal-power pan
    """

    def __init__(self, bend_range: float):
        self.bend = np.zeros(CHANNELS)
        self.bend_range = np.zeros(CHANNELS)
        self.vibrato = np.zeros(CHANNELS)
        self.gains = np.zeros((CHANNELS, 2))
        self.reset(bend_range)

    def reset(self, bend_range: float) -> None:
        """As if no message had ever come. bend_range : semitones, until RPN 0 says otherwise."""
        self.bend[:] = 0.0
        self.bend_range[:] = bend_range
        self.vibrato[:] = 0.0
        self._soft = [False] * CHANNELS
        self._modulation = [0] * CHANNELS
        self._pressure = [0] * CHANNELS
        self._volume = [DEFAULT_VOLUME] * CHANNELS
        self._pan = [PAN_CENTRE] * CHANNELS
        self._expression = [127] * CHANNELS
        self._rpn = [_RPN_NULL] * CHANNELS
        self._registered = [True] * CHANNELS  # False after an NRPN, which none of the instrument's parameters has
        for channel in range(CHANNELS):
            self._set_gains(channel)

    def copy(self, other: "Controllers") -> None:
        """Say what the other says."""
        for name, value in vars(other).items():
            if isinstance(value, np.ndarray):
                getattr(self, name)[:] = value  # voices read these arrays
            else:
                setattr(self, name, value.copy())

    def control(self, channel: int, control: int, value: int) -> None:
        """One control change, values 0..127; those that mean nothing here are ignored."""
        if control == MODULATION:
            self._modulation[channel] = value
            self._set_vibrato(channel)
        elif control in (VOLUME, PAN, EXPRESSION):
            {VOLUME: self._volume, PAN: self._pan, EXPRESSION: self._expression}[control][channel] = value
            self._set_gains(channel)
        elif control == SOFT:
            self._soft[channel] = value >= PEDAL_DOWN
        elif control in (RPN, RPN_FINE, NRPN, NRPN_FINE):
            self._select(channel, control, value)
        elif control in (DATA_ENTRY, DATA_ENTRY_FINE):
            self._enter(channel, control, value)
        elif control == RESET_CONTROLLERS:
            self._reset_channel(channel)

    def pitch_bend(self, channel: int, value: int) -> None:
        """value : -8192..8191; both ends reach the full range."""
        self.bend[channel] = value / 8191 if value > 0 else value / 8192

    def pressure(self, channel: int, value: int) -> None:
        """Channel pressure adds vibrato like the modulation wheel."""
        self._pressure[channel] = value
        self._set_vibrato(channel)

    def stroke_gain(self, channel: int) -> float:
        """Gain of a key struck now, by the soft pedal."""
        return SOFT_PEDAL_GAIN if self._soft[channel] else 1.0

    def _select(self, channel, control, value):
        self._registered[channel] = control in (RPN, RPN_FINE)
        shift = 7 if control in (RPN, NRPN) else 0
        self._rpn[channel] = self._rpn[channel] & ~(0x7F << shift) | value << shift

    def _enter(self, channel, control, value):
        if not self._registered[channel] or self._rpn[channel] != _BEND_RANGE:
            return
        semitones, cents = divmod(round(self.bend_range[channel] * 100), 100)
        semitones, cents = (value, cents) if control == DATA_ENTRY else (semitones, min(value, 99))
        self.bend_range[channel] = semitones + cents / 100

    def _reset_channel(self, channel):
        """CC121; volume and pan stay (MIDI recommended practice RP-015)."""
        self._modulation[channel] = self._pressure[channel] = 0
        self._expression[channel] = 127
        self._rpn[channel], self._registered[channel] = _RPN_NULL, True
        self.bend[channel], self._soft[channel] = 0.0, False
        self._set_vibrato(channel)
        self._set_gains(channel)

    def _set_vibrato(self, channel):
        self.vibrato[channel] = vibrato_cents(max(self._modulation[channel], self._pressure[channel]))

    def _set_gains(self, channel):
        level = (self._volume[channel] * self._expression[channel] / 127**2) ** 2
        angle = math.pi / 2 * max(self._pan[channel] - 1, 0) / 126  # 1..127 around 64; 0 is as far left as 1
        self.gains[channel] = level * math.sin(math.pi / 2 - angle), level * math.sin(angle)  # equal in the centre
