"""What was played, to be played again bit for bit: a take, as data and as a file.

A part begins in silence, in a state that is written down; then comes whatever the render thread handled, each at the
tick before which it did. A take begins somewhere in its first part and ends somewhere in its last.
"""

from pathlib import Path

import msgspec

from common.atomic import replacing
from common.errors import SynthError
from common.regular import open_regular
from engine.commands import MusicalEvent
from engine.decoder.protocol import Precision
from presets.effects import Slot

SUFFIX = ".take"
LARGEST_BYTES = 256 * 2**20
_MAGIC = b"Manifold take 1\n"


class Heard(msgspec.Struct, frozen=True, tag=True):
    """An event reached the synth. due : the model sample at which it was to take effect"""

    event: MusicalEvent
    due: int


class Loaded(msgspec.Struct, frozen=True, tag=True):
    """Another preset of the take began: its number."""

    preset: int


class Limited(msgspec.Struct, frozen=True, tag=True):
    """So many voices at once from now on, because the machine could not play more, or can again."""

    voices: int


class Chained(msgspec.Struct, frozen=True, tag=True):
    """Another chain of effects began."""

    slots: tuple[Slot, ...]


class Part(msgspec.Struct, frozen=True):
    """What was handled between two silences.

    preset : its number; slots : of the effects; state : see `Synth.state`; voices : at once
    at : model sample at which it begins; end : at which the next one does
    handled : (model sample of the tick that was next, what was handled)
    """

    preset: int
    slots: tuple[Slot, ...]
    state: tuple[MusicalEvent, ...]
    voices: int
    at: int
    end: int
    handled: tuple[tuple[int, Heard | Loaded | Limited | Chained], ...]


class Take(msgspec.Struct, frozen=True):
    """All that is needed to hear it again, but for the weights.

    model : their fingerprint; precision : of the decoder; rate : of the device
    polyphony : voices at most; seed : of the randomness
    presets : files of presets; parts : one after the other
    start, end : model samples between which it was asked for
    """

    model: str
    precision: Precision
    rate: int
    polyphony: int
    seed: int
    presets: tuple[bytes, ...]
    parts: tuple[Part, ...]
    start: int
    end: int


_decode = msgspec.msgpack.Decoder(Take).decode


def write_take(take: Take, path: Path) -> None:
    """Save atomically. Raises SynthError where the place cannot be written."""
    with replacing(path) as temporary:
        temporary.write_bytes(_MAGIC + msgspec.msgpack.encode(take))


def read_take(path: Path) -> Take:
    """Raises SynthError naming the file and what is wrong with it."""
    try:
        with open_regular(path) as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise SynthError(f"take {path} cannot be read: {error.strerror or error}") from error
    if len(data) > LARGEST_BYTES:
        raise SynthError(f"take {path}: larger than {LARGEST_BYTES >> 20} MiB")
    if not data.startswith(_MAGIC):
        raise SynthError(f"{path} is no take; takes are saved by the instrument, *{SUFFIX}")
    try:
        take = _decode(data[len(_MAGIC) :])
        _check(take)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise SynthError(f"take {path} is damaged: {str(error)[:200]}") from error
    return take


def _check(take):
    """Raises ValueError where the numbers do not agree."""
    presets = range(len(take.presets))
    if not take.parts or not 8000 <= take.rate <= 192000 or not 1 <= take.polyphony <= 1024:
        raise ValueError(f"it has {len(take.parts)} parts, {take.rate} Hz and {take.polyphony} voices")
    for part in take.parts:
        numbers = [part.preset, *(what.preset for _, what in part.handled if isinstance(what, Loaded))]
        if not set(numbers) <= set(presets) or part.end < part.at:
            raise ValueError(f"a part names presets {numbers[:4]} of {len(presets)}, or ends before it begins")
