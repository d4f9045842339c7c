"""What the engine asks of a plug-in's process beside audio, and how that describes its plug-in. Plain data, msgpack.

Each request has one reply: the one that its line names, or `Failed`. `Edit` alone is answered again and again.
"""

import msgspec

from engine.parameters import Parameter as Row

RESERVED = ("wet", "on")  # ids that every slot of a chain has for itself
ALIVE_S = 0.25


class Parameter(msgspec.Struct, frozen=True):
    """One knob of a plug-in.

    id : stable: the name in lower case, what is no letter or digit an underscore; a second of the name ends with _2
    minimum, maximum, default : in `unit`, as the plug-in writes them; of a list of choices their numbers from 0;
        default : as new, or as in the state that it was given
    choices : the texts of its steps, where they are no numbers
    """

    id: str
    label: str
    unit: str
    minimum: float
    maximum: float
    default: float
    choices: tuple[str, ...] = ()


def row_of(parameter: Parameter) -> Row:
    """As a row like those of built-in effects."""
    low, high = sorted((parameter.minimum, parameter.maximum))
    return Row(parameter.label, parameter.unit, low, high, parameter.default, choices=parameter.choices)


class Description(msgspec.Struct, frozen=True):
    """A plug-in as its scan or its start finds it.

    place : the file or bundle; latency : frames; channels : 1 or 2; effect : False for an instrument
    """

    name: str
    place: str
    version: str = ""
    maker: str = ""
    category: str = ""
    latency: int = 0
    channels: int = 2
    effect: bool = True
    parameters: tuple[Parameter, ...] = ()
    format: str = "VST3"


class Message(msgspec.Struct, frozen=True, tag=True):
    """Either way."""


class Load(Message, frozen=True):
    """-> Loaded. The first request, once. urgent : play with real-time priority, where that is allowed"""

    place: str
    rate: int
    urgent: bool = True


class Restore(Message, frozen=True):
    """-> Loaded. Make the plug-in what this state says, and begin anew from it."""

    state: bytes


class Renew(Message, frozen=True):
    """-> Loaded. Silence inside, as just loaded and restored; from now on at this rate."""

    rate: int


class Save(Message, frozen=True):
    """-> State"""


class Show(Message, frozen=True):
    """-> Shown: what a value of a parameter looks like."""

    parameter: int
    value: float


class Edit(Message, frozen=True):
    """Show the plug-in's own window, in this state. -> `Alive`, `Turned` and `State`, until it is closed."""

    place: str
    rate: int
    state: bytes


class Loaded(Message, frozen=True):
    description: Description


class State(Message, frozen=True):
    state: bytes


class Shown(Message, frozen=True):
    text: str


class Alive(Message, frozen=True):
    """The window answers; told at least every `ALIVE_S`."""


class Turned(Message, frozen=True):
    """A hand has turned these, by their places in the description. gesture : counts them; a pause ends one"""

    gesture: int
    values: dict[int, float]


class Failed(Message, frozen=True):
    line: str


Request = Load | Restore | Renew | Save | Show | Edit
Reply = Loaded | State | Shown | Alive | Turned | Failed

encode = msgspec.msgpack.Encoder().encode
decode_request = msgspec.msgpack.Decoder(Request).decode
decode_reply = msgspec.msgpack.Decoder(Reply).decode
