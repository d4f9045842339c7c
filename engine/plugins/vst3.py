"""A VST3 plug-in in the child, by pedalboard. Imported there alone.

What was learned about pedalboard 0.9.26 and about plug-ins (Debian's zam-plugins):
* its sweep through all texts of all parameters at load takes up to a second and never ends for one plug-in: left out,
  by a private hook of its own; the parameters are read beneath it
* blocks are cut into 64 frames, so that it never prepares anew, and that plug-ins which want powers of two get them
* its reset does not silence every plug-in, swallows as many frames as the latency, and one plug-in crashes after it: a
  new instance takes the place of the one before instead
* the state is only right once a block was played since the last change
* which axis of a block of one or two frames is which it knows only from a longer one before
* while the plug-in's own window is open, it asks the event that would close it every 10 ms, on the main thread: so that
  event is where everything else is done; X calls some of its requests errors, without a window manager or on a screen
  that has shown little yet, and ends the process over them unless told otherwise
* what has one channel refuses two: then two instances play left and right
"""

import contextlib
import ctypes
from collections.abc import Iterable
from typing import Protocol

import numpy as np
import pedalboard
from msgspec import structs

from engine.plugins.messages import RESERVED, Description, Parameter

_PIECE = 64  # frames
_MOST_CHOICES = 256

pedalboard.VST3Plugin.__set_initial_parameter_values__ = lambda self, values: None  # type: ignore[attr-defined]


class Vst3:
    """A plug-in at `place`, ready to play two channels at `rate`. Raises ImportError or ValueError where it is none.

    description : what it is
    """

    def __init__(self, place: str, rate: int):
        self._place, self._rate = place, rate
        self._state = b""
        self._open()
        first = self._instances[0]
        self.description = Description(
            first.name, place, first.version, first.manufacturer_name, first.category, first.reported_latency_samples,
            2 // len(self._instances), first.is_effect, self._described(),
        )  # fmt: skip

    def renew(self, rate: int) -> None:
        """A new instance at this rate, in the state that it was last told. To be settled."""
        self._rate = rate
        self._open()

    def restore(self, state: bytes) -> None:
        """This state, in a new instance. To be settled."""
        self._state = state
        self._open()
        self.description = structs.replace(self.description, parameters=self._described())

    def settle(self) -> None:
        """Parameters and state become true with one block of silence."""
        for instance in self._instances:
            self._play_silence(instance)

    def process(self, audio: np.ndarray) -> np.ndarray:
        """float32 (2, frames) -> the same, as the plug-in plays it."""
        if len(self._instances) == 1:
            return self._instances[0].process(audio, self._rate, buffer_size=_PIECE, reset=False)
        sides = zip(self._instances, (audio[:1], audio[1:]), strict=True)
        return np.concatenate([one.process(side, self._rate, buffer_size=_PIECE, reset=False) for one, side in sides])

    def set(self, index: int, value: float) -> None:
        """The parameter of that place in the description, in its unit."""
        parameter = self.description.parameters[index]
        raw = _raw(self._knobs[0][parameter.id], parameter, value)
        for knobs in self._knobs:
            knobs[parameter.id].raw_value = raw

    def show(self, index: int, value: float) -> str:
        """What the plug-in writes for a value."""
        parameter = self.description.parameters[index]
        knob = self._knobs[0][parameter.id]
        return knob.get_text_for_raw_value(_raw(knob, parameter, value))

    def save(self) -> bytes:
        """Its state as it was with the last block."""
        return self._instances[0].raw_state

    def edit(self, event: "CloseEvent") -> None:
        """Show its own window until that is closed. Raises RuntimeError without a screen, or where it has none."""
        _forgive_x_errors()
        self._instances[0].show_editor(event)  # type: ignore[arg-type]

    def positions(self) -> np.ndarray:
        """float64 (parameters,), 0..1 each, in the order of the description."""
        return np.array([knob.raw_value for knob in self._knobs[0].values()])

    def place(self, index: int, position: float) -> None:
        """A parameter to where `positions` says that another instance has it."""
        for knobs in self._knobs:
            knobs[self.description.parameters[index].id].raw_value = position

    def value(self, index: int, position: float) -> float:
        """What a position is in the parameter's unit."""
        parameter = self.description.parameters[index]
        knob = self._knobs[0][parameter.id]
        if _writes_numbers(knob, parameter):
            return _number(knob.get_text_for_raw_value(position))
        value = parameter.minimum + position * (parameter.maximum - parameter.minimum)
        return float(round(value)) if parameter.choices else value

    def _open(self):
        one = pedalboard.VST3Plugin(self._place)
        stereo = _plays_stereo(one, self._rate)
        self._instances = [one] if stereo else [one, pedalboard.VST3Plugin(self._place)]
        self._knobs = [dict(_named(instance._parameters)) for instance in self._instances]
        if self._state:
            for instance in self._instances:
                instance.raw_state = self._state
                self._play_silence(instance)  # else its parameters do not show it yet

    def _described(self):
        return tuple(_described(*knob) for knob in self._knobs[0].items())

    def _play_silence(self, instance):
        silence = np.zeros((3 - len(self._instances), _PIECE), np.float32)
        instance.process(silence, self._rate, buffer_size=_PIECE, reset=False)


class CloseEvent(Protocol):
    """As threading.Event."""

    def is_set(self) -> bool:
        """Whether the window is to be closed."""


def _forgive_x_errors():
    """Nothing that X complains of ends the process."""
    with contextlib.suppress(OSError):
        ctypes.CDLL("libX11.so.6").XSetErrorHandler(_no_matter)


@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
def _no_matter(display, error):
    return 0


def _plays_stereo(plugin, rate):
    if not plugin.is_effect:
        return True
    try:
        plugin.process(np.zeros((2, _PIECE), np.float32), rate, buffer_size=_PIECE, reset=False)
    except ValueError:
        return False
    return True


def _named(knobs) -> Iterable[tuple]:
    """(id, parameter) of those a player would turn: no meters, and not what the host tells the plug-in."""
    taken = dict.fromkeys(RESERVED, 1)
    for knob in knobs:
        if not knob.is_automatable and knob.num_steps > _MOST_CHOICES:
            continue
        name = "".join(letter if letter.isalnum() else " " for letter in knob.name.lower())
        name = "_".join(name.split()) or "parameter"
        taken[name] = taken.get(name, 0) + 1
        yield (name if taken[name] == 1 else f"{name}_{taken[name]}"), knob


def _described(identity, knob):
    ends = [_number(knob.get_text_for_raw_value(raw)) for raw in (0.0, 0.5, 1.0)]
    if None not in ends and ends[0] != ends[2]:
        default = _number(knob.get_text_for_raw_value(knob.raw_value))
        return Parameter(identity, knob.name, knob.label.strip(), ends[0], ends[2], default)
    if 1 < knob.num_steps <= _MOST_CHOICES:
        last = knob.num_steps - 1
        texts = tuple(knob.get_text_for_raw_value(step / last) for step in range(knob.num_steps))
        return Parameter(identity, knob.name, "", 0.0, float(last), round(knob.raw_value * last), texts)
    return Parameter(identity, knob.name, "", 0.0, 1.0, knob.raw_value)


def _number(text):
    """The number at the beginning of a text; None where there is none."""
    try:
        return float(text.split()[0])
    except (ValueError, IndexError):
        return None


def _raw(knob, parameter, value):
    """0..1 for a value in the parameter's unit, the nearest there is."""
    low, high = parameter.minimum, parameter.maximum
    value = min(max(value, min(low, high)), max(low, high))
    if not _writes_numbers(knob, parameter):
        return (value - low) / (high - low)
    told = knob.get_raw_value_for_text(f"{value:.9g}")
    if _near(_number(knob.get_text_for_raw_value(told)), value, high - low):
        return told
    return _searched(knob, value, rising=high > low)


def _writes_numbers(knob, parameter):
    return not parameter.choices and _number(knob.get_text_for_raw_value(0.0)) == parameter.minimum


def _near(read, value, range_):
    return read is not None and abs(read - value) <= 1e-4 * abs(range_)


def _searched(knob, value, rising):
    """Where the plug-in writes that number: texts rise or fall with the raw value."""
    low, high = 0.0, 1.0
    for _ in range(24):
        middle = 0.5 * (low + high)
        read = _number(knob.get_text_for_raw_value(middle))
        below = read is not None and (read < value) == rising
        low, high = (middle, high) if below else (low, middle)
    return high
