"""What the controllers of all MIDI channels, sixteen to a port, say, as numbers that the voices read.

Sustain and sostenuto live in the allocator, because they decide which notes end.
"""

import math
from collections.abc import Iterable

import numpy as np

from engine.commands import CHANNELS, PORTS, ChannelPressure, ControlChange, MpeMode, MusicalEvent, PitchBend, SetMpe
from engine.events import mpe

MODULATION, DATA_ENTRY, VOLUME, PAN, EXPRESSION, DATA_ENTRY_FINE = 1, 6, 7, 10, 11, 38
SUSTAIN, SOSTENUTO, SOFT = 64, 66, 67
DATA_INCREMENT, DATA_DECREMENT, NRPN_FINE, NRPN, RPN_FINE, RPN = 96, 97, 98, 99, 100, 101
REGISTERED = frozenset((DATA_ENTRY, DATA_ENTRY_FINE, *range(DATA_INCREMENT, RPN + 1)))
ALL_SOUND_OFF, RESET_CONTROLLERS, ALL_NOTES_OFF, POLY_MODE = 120, 121, 123, 127
PEDAL_DOWN = 64  # from this value on

DEFAULT_VOLUME = 100  # General MIDI level 1, as are centre pan and full expression
PAN_CENTRE = 64
VIBRATO_CENTS = 50.0  # of a full modulation wheel or full pressure
SOFT_PEDAL_GAIN = 10 ** (-4 / 20)  # a piano's una corda is some 4 dB softer; brightness stays
_BEND_RANGE, _FINE_TUNING, _COARSE_TUNING, _MPE = 0, 1, 2, 6  # the registered parameters; 0x3FFF is "none"
_CENTRE = 8192  # of 14 bits
_RPN_NULL = 0x3FFF


def _entered(control, value, coarse, fine):
    """(coarse, fine) after a data entry of either."""
    return (value if control == DATA_ENTRY else coarse), (value if control == DATA_ENTRY_FINE else fine)


def vibrato_cents(value: int) -> float:
    """Depth of the vibrato that a controller at `value`, 0..127, asks for."""
    return VIBRATO_CENTS * value / 127


class Controllers:
    """Rows are channels.

    zones : of MPE; what a master says holds for its members too
    bend : float64 (channels,), -1..1
    bend_range : float64 (channels,), semitones
    tuning : float64 (channels,), semitones: coarse and fine tuning (RPN 2 and 1)
    vibrato : float64 (channels,), cents: the larger of modulation wheel and, but on members of MPE, channel pressure
    gains : float64 (channels, 2), left and right: volume x expression (squared: 40 log, as GM 2 recommends),
        equal-power pan
    """

    def __init__(self, bend_range: float):
        self.zones = mpe.Zones()
        self.bend = np.zeros(CHANNELS)
        self.bend_range = np.zeros(CHANNELS)
        self.tuning = np.zeros(CHANNELS)
        self.vibrato = np.zeros(CHANNELS)
        self.gains = np.zeros((CHANNELS, 2))
        self.reset(bend_range)

    def reset(self, bend_range: float) -> None:
        """As if no message had ever come. bend_range : semitones, until RPN 0 says otherwise."""
        self.zones.reset()
        self.bend[:] = 0.0
        self.bend_range[:] = bend_range
        self.tuning[:] = 0.0
        self.vibrato[:] = 0.0
        self._touched: set[int] = set()  # channels that have said anything
        self._fine = [_CENTRE] * CHANNELS  # 14 bits
        self._coarse = [0] * CHANNELS  # semitones
        self._ranged = [False] * CHANNELS  # whether a controller has set the bend range
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
        self.zones.copy(other.zones)
        for name, value in vars(other).items():
            if isinstance(value, np.ndarray):
                getattr(self, name)[:] = value  # voices read these arrays
            elif name != "zones":
                setattr(self, name, value.copy())

    def bends(self) -> np.ndarray:
        """float64 (channels,): semitones by which each channel is bent by itself."""
        return self.bend * self.bend_range

    def shifts(self) -> np.ndarray:
        """float64 (channels,): semitones that come on top: tuning, and what the master of a member is bent by."""
        return np.where(self.zones.members, self.bends()[self.zones.masters], 0.0) + self.tuning

    def vibratos(self) -> np.ndarray:
        """float64 (channels,): `vibrato`, or the master's where that is more."""
        return np.maximum(self.vibrato, self.vibrato[self.zones.masters])

    def control(self, channel: int, control: int, value: int) -> list[int]:
        """One control change, values 0..127; those that mean nothing here are ignored.

        returns : the channels that MPE uses otherwise now, whose notes are to end
        """
        self._touched.add(channel)
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
        elif control in (DATA_ENTRY, DATA_ENTRY_FINE, DATA_INCREMENT, DATA_DECREMENT):
            return self._enter(channel, control, value)
        elif control == RESET_CONTROLLERS:
            self._reset_channel(channel)
        return []

    def set_mpe(self, port: int, mode: MpeMode) -> list[int]:
        """Whether a port has zones; see `Zones.set_mode`. returns : the channels that are used otherwise now"""
        return self._rezoned(self.zones.set_mode(port, mode))

    def set_bend_range(self, semitones: float, everywhere: bool) -> None:
        """everywhere : also where a controller has set it, which a preset leaves alone and a knob does not"""
        for channel in range(CHANNELS):
            if everywhere or not self._ranged[channel]:
                self.bend_range[channel] = semitones

    def rest(self, channels: Iterable[int]) -> None:
        """Whoever played there is gone: bend, wheel and pressure."""
        for channel in channels:
            self._modulation[channel] = self._pressure[channel] = 0
            self.bend[channel], self._soft[channel] = 0.0, False
            self._set_vibrato(channel)

    def pitch_bend(self, channel: int, value: int) -> None:
        """value : -8192..8191; both ends reach the full range."""
        self._touched.add(channel)
        self.bend[channel] = value / 8191 if value > 0 else value / 8192

    def pressure(self, channel: int, value: int) -> None:
        """Channel pressure adds vibrato like the modulation wheel."""
        self._touched.add(channel)
        self._pressure[channel] = value
        self._set_vibrato(channel)

    def stroke_gain(self, channel: int) -> float:
        """Gain of a key struck now, by the soft pedal."""
        return SOFT_PEDAL_GAIN if self._soft[channel] else 1.0

    def events(self) -> list[MusicalEvent]:
        """What makes controllers of which nobody has touched any say what these say."""
        zones: list[MusicalEvent] = [
            SetMpe(self.zones.mode(port), port) for port in range(PORTS) if self.zones.mode(port) != "auto"
        ]
        zones += [event for channel in range(CHANNELS) for event in self._zone_of(channel)]
        return zones + [event for channel in sorted(self._touched) for event in self._events_of(channel)]

    def _events_of(self, channel):
        for control, values, usual in (
            (MODULATION, self._modulation, 0), (VOLUME, self._volume, DEFAULT_VOLUME), (PAN, self._pan, PAN_CENTRE),
            (EXPRESSION, self._expression, 127), (SOFT, self._soft, False),
        ):  # fmt: skip
            if values[channel] != usual:
                yield ControlChange(control, 127 if values is self._soft else values[channel], channel)
        yield from self._registered_of(channel)
        if self._pressure[channel]:
            yield ChannelPressure(self._pressure[channel], channel)
        if self.bend[channel]:
            yield PitchBend(round(self.bend[channel] * (8191 if self.bend[channel] > 0 else 8192)), channel)

    def _zone_of(self, channel):
        """A master says how many members it has."""
        members = len(self.zones.of(channel))
        if members:
            for control, value in ((RPN, 0), (RPN_FINE, _MPE), (DATA_ENTRY, members)):
                yield ControlChange(control, value, channel)

    def _registered_of(self, channel):
        """The registered parameters that somebody has entered, and in the end the one that is selected."""
        for parameter, entered, (coarse, fine) in (
            (_BEND_RANGE, self._ranged[channel], divmod(round(self.bend_range[channel] * 100), 100)),
            (_FINE_TUNING, self._fine[channel] != _CENTRE, divmod(self._fine[channel], 128)),
            (_COARSE_TUNING, self._coarse[channel] != 0, (self._coarse[channel] + 64, 0)),
        ):
            if entered:
                data = (RPN, 0), (RPN_FINE, parameter), (DATA_ENTRY, coarse), (DATA_ENTRY_FINE, fine)
                yield from (ControlChange(control, value, channel) for control, value in data)
        upper, lower = (RPN, RPN_FINE) if self._registered[channel] else (NRPN, NRPN_FINE)
        if self._rpn[channel] != _RPN_NULL or self._ranged[channel] or self.tuning[channel]:
            yield ControlChange(upper, self._rpn[channel] >> 7, channel)
            yield ControlChange(lower, self._rpn[channel] & 0x7F, channel)

    def _select(self, channel, control, value):
        self._registered[channel] = control in (RPN, RPN_FINE)
        shift = 7 if control in (RPN, NRPN) else 0
        self._rpn[channel] = self._rpn[channel] & ~(0x7F << shift) | value << shift

    def _enter(self, channel, control, value):
        """Data for the registered parameter that is selected; an increment counts its coarser unit."""
        if not self._registered[channel]:
            return []
        if self._rpn[channel] == _MPE:
            return self._rezoned(self.zones.configure(channel, value)) if control == DATA_ENTRY else []
        step = {DATA_INCREMENT: 1, DATA_DECREMENT: -1}.get(control, 0)
        if self._rpn[channel] == _BEND_RANGE:
            semitones, cents = divmod(round(self.bend_range[channel] * 100), 100)
            coarse, fine = _entered(control, value, semitones + step, cents)
            for each in self.zones.zone(channel):
                self.bend_range[each] = max(coarse, 0) + min(fine, 99) / 100
                self._ranged[each] = True
        elif self._rpn[channel] == _FINE_TUNING:
            coarse, fine = _entered(control, value, *divmod(self._fine[channel] + step, 128))
            self._fine[channel] = min(max(coarse << 7 | fine, 0), 2 * _CENTRE - 1)
        elif self._rpn[channel] == _COARSE_TUNING:
            coarse, _ = _entered(control, value, self._coarse[channel] + 64 + step, 0)
            self._coarse[channel] = min(max(coarse, 0), 127) - 64
        self.tuning[channel] = self._coarse[channel] + (self._fine[channel] - _CENTRE) / _CENTRE
        return []

    def _rezoned(self, channels):
        """These are used otherwise now: nothing is bent or pressed there, and bends reach as far as MPE says."""
        masters = {int(master) for master in self.zones.masters[channels]}
        for channel in (*channels, *masters):
            member = bool(self.zones.members[channel])
            self.bend_range[channel] = mpe.MEMBER_BEND if member else mpe.MASTER_BEND
            self._ranged[channel] = member or bool(self.zones.of(channel))
        self.rest(channels)
        return channels

    def _reset_channel(self, channel):
        """CC121; volume and pan stay (MIDI recommended practice RP-015)."""
        self._modulation[channel] = self._pressure[channel] = 0
        self._expression[channel] = 127
        self._rpn[channel], self._registered[channel] = _RPN_NULL, True
        self.bend[channel], self._soft[channel] = 0.0, False
        self._set_vibrato(channel)
        self._set_gains(channel)

    def _set_vibrato(self, channel):
        pressure = 0 if self.zones.members[channel] else self._pressure[channel]  # there it has a meaning of its own
        self.vibrato[channel] = vibrato_cents(max(self._modulation[channel], pressure))

    def _set_gains(self, channel):
        level = (self._volume[channel] * self._expression[channel] / 127**2) ** 2
        angle = math.pi / 2 * max(self._pan[channel] - 1, 0) / 126  # 1..127 around 64; 0 is as far left as 1
        self.gains[channel] = level * math.sin(math.pi / 2 - angle), level * math.sin(angle)  # equal in the centre
