"""OSC addresses -> commands: the whole address space, as docs/hosts.md tells it. Pure.

/manifold/note/on     note [velocity [channel]]       notes 0-127 (or floats: rounded), channels from 1
/manifold/note/off    note [channel]
/manifold/control     controller value [channel]      as a MIDI control change
/manifold/bend        -1..1 [channel]
/manifold/pressure    0..1 [channel]
/manifold/pad         x y                             0..1, from the left and from below
/manifold/pad/x, y    0..1
/manifold/pad/touch   x y                             as long as a finger is there: a pad with a spring goes back at
/manifold/pad/lift
/manifold/parameter/NAME   value                      NAME of the parameter table in lower case, in its unit
/manifold/effect/SLOT/NAME value                      a slot's parameter, wet or on
/manifold/tempo       bpm
/manifold/preset      name or file
/manifold/program     number [bank]
/manifold/panic
"""

import math
from collections.abc import Callable, Sequence

from common.errors import SynthError
from engine.commands import (
    CHANNELS_OF_A_PORT,
    AnyCommand,
    ChannelPressure,
    ControlChange,
    LiftPad,
    LoadPreset,
    NoteOff,
    NoteOn,
    Panic,
    PitchBend,
    ProgramChange,
    SetEffect,
    SetPad,
    SetParameter,
    SetTempo,
)
from engine.parameters import TABLE, Param

ROOT = "/manifold/"
_AXES = ("x", "y")  # of the pad
_BANK = 0  # the controller that chooses it
_DEFAULT_VELOCITY = 100


def commands_of(address: str, arguments: Sequence, pad: tuple[float, float], port: int) -> tuple[AnyCommand, ...]:
    """What a message asks for. Raises SynthError, one line that says what is wrong.

    pad : where it stands, for an address that moves one axis
    port : whose MIDI channels its notes play on
    """
    if not address.startswith(ROOT):
        raise SynthError(f"OSC: {address}: addresses begin with {ROOT}")
    head, _, rest = address.removeprefix(ROOT).partition("/")
    try:
        if head == "parameter":
            return (_parameter(rest, *arguments),)
        if head == "effect":
            return (_effect(rest, *arguments),)
        if head == "pad" and rest in _AXES:
            return (_axis(rest, pad, *arguments),)
        path = f"{head}/{rest}" if rest else head
        if path not in _PLAIN:
            raise SynthError(f"OSC: {address}: there is no such address; see docs/hosts.md")
        return _PLAIN[path](_Channels(port), *arguments)
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        told = " ".join(map(repr, arguments)) or "nothing"
        raise SynthError(f"OSC: {address}: {told} does not fit it ({error}); see docs/hosts.md") from error


class _Channels:
    """Channels of a port as musicians count them, from 1."""

    def __init__(self, port: int):
        self._first = port * CHANNELS_OF_A_PORT

    def __call__(self, channel=1):
        return self._first + _whole(channel, 1, CHANNELS_OF_A_PORT, "channel") - 1


def _whole(value, low, high, what):
    number = round(float(value))
    if not low <= number <= high:
        raise ValueError(f"{what} must be {low} to {high}")
    return number


def _number(value, low=-math.inf, high=math.inf, what="value"):
    number = float(value)
    if not low <= number <= high:
        raise ValueError(f"{what} must be {low:g} to {high:g}")
    return number


def _note_on(channels, note, velocity=_DEFAULT_VELOCITY, channel=1):
    note, velocity = _whole(note, 0, 127, "note"), _whole(velocity, 0, 127, "velocity")
    return (NoteOn(note, velocity, channels(channel)) if velocity else NoteOff(note, channels(channel)),)


def _note_off(channels, note, channel=1):
    return (NoteOff(_whole(note, 0, 127, "note"), channels(channel)),)


def _control(channels, control, value, channel=1):
    control, value = _whole(control, 0, 127, "controller"), _whole(value, 0, 127, "value")
    return (ControlChange(control, value, channels(channel)),)


def _bend(channels, value, channel=1):
    amount = _number(value, -1.0, 1.0, "bend")
    return (PitchBend(round(amount * (8191 if amount > 0 else 8192)), channels(channel)),)


def _pressure(channels, value, channel=1):
    return (ChannelPressure(round(127 * _number(value, 0.0, 1.0, "pressure")), channels(channel)),)


def _pad(channels, x, y):
    return (SetPad(_number(x, 0.0, 1.0, "x"), _number(y, 0.0, 1.0, "y")),)


def _touch(channels, x, y):
    return tuple(SetPad(pad.x, pad.y, touch=True) for pad in _pad(channels, x, y))


def _lift(channels, *_):
    return (LiftPad(),)


def _tempo(channels, bpm):
    return (SetTempo(_number(bpm, 20.0, 300.0, "tempo")),)


def _preset(channels, name):
    if not isinstance(name, str) or not name:
        raise ValueError("a name or a file")
    return (LoadPreset.of(name),)


def _program(channels, number, bank=0):
    bank, channel = _whole(bank, 0, 127, "bank"), channels()
    return ControlChange(_BANK, bank, channel), ProgramChange(_whole(number, 0, 127, "program"), channel)


def _panic(channels, *_):
    return (Panic(),)


def _parameter(name, value):
    param = Param[name.upper()]
    row = TABLE[param]
    return SetParameter(param, _number(value, row.minimum, row.maximum, name))


def _effect(rest, value):
    slot, _, name = rest.partition("/")
    if not name:
        raise ValueError("SLOT/NAME")
    return SetEffect(int(slot), name, _number(value))


def _axis(axis, pad, value):
    moved = list(pad)
    moved[_AXES.index(axis)] = _number(value, 0.0, 1.0, axis)
    return SetPad(*moved)


_PLAIN: dict[str, Callable[..., tuple[AnyCommand, ...]]] = {
    "note/on": _note_on, "note/off": _note_off, "control": _control, "bend": _bend, "pressure": _pressure,
    "pad": _pad, "pad/touch": _touch, "pad/lift": _lift,
    "tempo": _tempo, "preset": _preset, "program": _program, "panic": _panic,
}  # fmt: skip
