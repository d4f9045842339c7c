"""What the window, MIDI and the command line may ask of the engine: plain frozen data, tagged for msgpack.

Musical events (NoteOn ... Midi controllers) reach `Synth.handle`; the others are for the server around it.
"""

import msgspec

from engine.parameters import Param

CHANNELS = 16


class Command(msgspec.Struct, frozen=True, tag=True):
    """One request. Fields are in natural units; channels count from 0."""


class NoteOn(Command, frozen=True):
    note: int  # 0-127
    velocity: int  # 1-127
    channel: int = 0


class NoteOff(Command, frozen=True):
    note: int
    channel: int = 0
    velocity: int = 64


class ControlChange(Command, frozen=True):
    control: int  # 0-127
    value: int  # 0-127
    channel: int = 0


class PitchBend(Command, frozen=True):
    value: int  # -8192..8191
    channel: int = 0


class ChannelPressure(Command, frozen=True):
    value: int
    channel: int = 0


class PolyPressure(Command, frozen=True):
    note: int
    value: int
    channel: int = 0


class ProgramChange(Command, frozen=True):
    program: int
    channel: int = 0


class SetPad(Command, frozen=True):
    x: float  # 0 left .. 1 right
    y: float  # 0 bottom .. 1 top


class SetParameter(Command, frozen=True):
    param: Param
    value: float  # in the unit of the parameter table


class Panic(Command, frozen=True):
    """Silence at once (within 10 ms), forget all keys and pedals."""


class LoadPreset(Command, frozen=True):
    path: str  # the engine reads the file itself, outside the audio path


class OpenAudio(Command, frozen=True):
    device: str | None = None  # part of a device's name; None: the default one
    rate: int | None = None  # None: the device's own
    block: int = 0  # device frames; 0: the device's choice


class OpenMidi(Command, frozen=True):
    port: str | None = None  # part of a port's name; None: every hardware port


class Poll(Command, frozen=True):
    """Ask for one Telemetry. The client sends the next only after the answer, so nothing floods."""


class Quit(Command, frozen=True):
    """End the engine process."""


MusicalEvent = (
    NoteOn | NoteOff | ControlChange | PitchBend | ChannelPressure | PolyPressure | ProgramChange
    | SetPad | SetParameter | Panic
)  # fmt: skip
AnyCommand = MusicalEvent | LoadPreset | OpenAudio | OpenMidi | Poll | Quit
