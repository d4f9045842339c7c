"""What the window, MIDI and the command line may ask of the engine: plain frozen data, tagged for msgpack.

Musical events (NoteOn ... Midi controllers) reach `Synth.handle`; the others are for the server around it.
"""

import os
from typing import Literal, TypeAlias

import msgspec

from engine.parameters import Param
from presets.effects import Slot
from presets.movement import Movement, Route
from presets.pad import Place

CLIENT_NAME = "Manifold"  # of ours among MIDI clients, and of its port that programs connect to
PORTS, CHANNELS_OF_A_PORT = 16, 16
CHANNELS = PORTS * CHANNELS_OF_A_PORT  # every port has its own: two keyboards share neither pedals nor bends
MpeMode: TypeAlias = Literal["auto", "on", "off"]  # auto: where the port asks for it


class Command(msgspec.Struct, frozen=True, tag=True):
    """One request. Fields are in natural units; channels count from 0, 16 to a port."""


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
    touch: bool = False  # only while a finger is there, until `LiftPad`


class LiftPad(Command, frozen=True):
    """The finger is gone: a pad with a spring goes back to where the sound has it, any other stays."""


class SetPlaces(Command, frozen=True):
    """Where the sounds of the preset that plays stand on the pad; of another number of sounds it means nothing."""

    places: tuple[Place, ...]


class SetParameter(Command, frozen=True):
    param: Param
    value: float  # in the unit of the parameter table


class Recall(Command, frozen=True):
    """What a channel's controllers said last, which moves nothing now but may be added to something."""

    controls: tuple[tuple[int, int], ...]  # (control, 0..127)
    pressure: int
    channel: int = 0


class SetRoutes(Command, frozen=True):
    """What controllers move whatever the sound; a sound's own routes go before them."""

    routes: tuple[Route, ...]


class SetMovement(Command, frozen=True):
    """What moves the sound that plays, instead of what its preset says."""

    movement: Movement


class SetMpe(Command, frozen=True):
    """Whether every note of a port has a channel of its own (MIDI Polyphonic Expression)."""

    mode: MpeMode
    port: int | None = None  # None: every port


class SetEffect(Command, frozen=True):
    """One parameter of one slot of the chain; `wet` and `on` are parameters, too."""

    slot: int  # its id
    param: str  # its name in the table of the effect's kind
    value: float  # in its unit


class SetTempo(Command, frozen=True):
    """For what follows the beat."""

    bpm: float


class LetGo(Command, frozen=True):
    """Whoever played is gone: keys and pedals come up, bend, wheel and pressure rest."""

    port: int | None = None  # None: every port


class TuneKeys(Command, frozen=True):
    """Some keys get a pitch of their own (MIDI Tuning Standard, Scala, MTS-ESP)."""

    keys: tuple[tuple[int, float], ...]  # (MIDI note, the semitones that it sounds at)
    silent: tuple[int, ...] | None = None  # MIDI notes that sound nothing; None: those that did so before


class TuneScale(Command, frozen=True):
    """Every octave is tuned alike (MIDI Tuning Standard, scale/octave tuning)."""

    cents: tuple[float, ...]  # twelve, from C, beside equal temperament


class TuneMaster(Command, frozen=True):
    """All keys are moved (universal system exclusive, device control)."""

    cents: float | None = None  # fine tuning; None: stays
    semitones: float | None = None  # coarse tuning; None: stays


class Panic(Command, frozen=True):
    """Silence at once (within 10 ms), forget all keys and pedals."""


class LoadPreset(Command, frozen=True):
    path: str  # the engine reads the file itself, outside the audio path
    raw: bytes = b""  # the path where it is no text

    @classmethod
    def of(cls, path: str | os.PathLike) -> "LoadPreset":
        """Any path that the file system knows."""
        text = os.fsencode(path).decode(errors="backslashreplace")
        return cls(text, b"" if text == os.fspath(path) else os.fsencode(path))


class SetEffects(Command, frozen=True):
    """The whole chain as it is to be. A slot of the same id and kind plays on with what is inside it."""

    slots: tuple[Slot, ...]


class ShowEditor(Command, frozen=True):
    """Open or close the own window of a slot's plug-in."""

    slot: int  # its id
    shown: bool


class Record(Command, frozen=True):
    """Keep all that is played from now on, until `SaveTake`."""

    path: str  # where it is written if it has to end before


class SaveTake(Command, frozen=True):
    """Write what was recorded, or the last seconds, to be played again bit for bit."""

    path: str
    seconds: float | None = None  # None: since `Record`, which ends; a minute at most otherwise


class OpenAudio(Command, frozen=True):
    device: str | None = None  # part of a device's name; None: the default one
    rate: int | None = None  # None: the device's own
    block: int = 0  # device frames; 0: the device's choice
    dry: bool = False  # under JACK: the sound before the effects on two more outputs


class OpenMidi(Command, frozen=True):
    port: str | None = None  # part of a port's name; None: every hardware port


class SetPortsMpe(Command, frozen=True):
    """Which MIDI ports give every note a channel of its own, those that come later as well."""

    modes: dict[str, MpeMode]  # by part of a port's name, the longest that fits; "": all others; else auto


class Poll(Command, frozen=True):
    """Ask for one Telemetry. The client sends the next only after the answer, so nothing floods."""


class Quit(Command, frozen=True):
    """End the engine process."""


MusicalEvent = (
    NoteOn | NoteOff | ControlChange | PitchBend | ChannelPressure | PolyPressure | ProgramChange
    | SetPad | LiftPad | SetPlaces | SetParameter | SetRoutes | SetMovement | SetMpe | Recall | SetEffect | SetTempo
    | LetGo | TuneKeys | TuneScale | TuneMaster | Panic
)  # fmt: skip


class Restore(Command, frozen=True):
    """To an engine that follows one that died: what brings it to where controllers had brought that one."""

    events: tuple[MusicalEvent, ...] = ()


AnyCommand = (
    MusicalEvent | Restore | LoadPreset | SetEffects | ShowEditor | Record | SaveTake | OpenAudio | OpenMidi
    | SetPortsMpe
    | Poll | Quit
)  # fmt: skip
