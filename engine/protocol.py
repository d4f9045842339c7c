"""What passes between a client and its engine process: messages of msgpack, and the codes with which the process ends.

The client sends one `Options`, then commands; the engine answers every `Poll` with one `Telemetry`. A last Telemetry
may come unasked, before the process ends. Imports nothing heavy: the window's process reads this too.
"""

import sys
from collections.abc import Callable
from enum import IntEnum
from typing import TypeVar

import msgspec

from common.errors import SynthError
from engine.commands import AnyCommand
from engine.decoder.protocol import ANY_DECODER, DecoderChoice
from engine.telemetry import Telemetry
from models.checkpoints.source import DEFAULT_SOURCE, Source

T = TypeVar("T")
LONGEST_MESSAGE = 1 << 20  # bytes
VOICES, MOST_VOICES = 8, 32  # at once where nothing else is asked for: what the machine holds, between these


class Options(msgspec.Struct, frozen=True):
    """What an engine is started with.

    source : of the weights to begin with; a preset of others brings them, where they are known
    decoder : which one is wanted
    polyphony : voices at most; 0: as many as the machine was measured to hold, from VOICES to MOST_VOICES
    seed : of the randomness in the sound
    program_channel : 0-15, whose program changes count; None: those of any
    osc : UDP port for OSC of this machine's programs; None: none, 0: any; link : join Ableton Link's session
    mts_esp : follow the tuning of an MTS-ESP master
    """

    source: Source = DEFAULT_SOURCE
    decoder: DecoderChoice = ANY_DECODER
    polyphony: int = 0
    seed: int = 0
    program_channel: int | None = None
    osc: int | None = None
    link: bool = False
    mts_esp: bool = True


class Exit(IntEnum):
    """Why an engine process ended, where it could say so."""

    DONE = 0  # asked to quit, or the client is gone
    UNUSABLE = 3  # it cannot play at all (weights): starting another would not help
    STALLED = 4  # the sound server or the render thread stands still: a new process can play on


_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def read(decode: Callable[[bytes], T], message: bytes) -> T | None:
    """What a message says; None, and a line on stderr, where it is broken or of another version."""
    try:
        return decode(message)
    except _UNREADABLE as error:
        print(f"manifold: a message between window and engine is ignored: {ascii(str(error))[:200]}", file=sys.stderr)
        return None


_encode = msgspec.msgpack.Encoder().encode
decode_command = msgspec.msgpack.Decoder(AnyCommand).decode
decode_options = msgspec.msgpack.Decoder(Options).decode
decode_telemetry = msgspec.msgpack.Decoder(Telemetry).decode


def encode(message: msgspec.Struct) -> bytes:
    """The bytes of a message. Raises SynthError where it names a file whose name is not UTF-8."""
    try:
        return _encode(message)
    except UnicodeEncodeError as error:
        raise SynthError(f"{error.object}: its name is not UTF-8; rename the file") from error
