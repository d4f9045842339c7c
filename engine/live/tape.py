"""What the render thread handles, kept: the last minute always, and all of it while a take is recorded.

Threading model: the render thread writes; `take` and `record` belong to the chores thread, which reads what does not
change any more and a copy of the rest.
"""

from collections import deque
from dataclasses import dataclass, field

from engine.commands import MusicalEvent
from engine.decoder.protocol import Precision
from engine.performance import Chained, Heard, Limited, Loaded, Part, Take
from engine.voice.sound import Sound
from presets.effects import Slot
from presets.file import encode

KEPT_S = 60.0


@dataclass
class _Written:
    """A part in the making; fields as of Part."""

    sound: Sound
    slots: tuple[Slot, ...]
    state: tuple[MusicalEvent, ...]
    voices: int
    at: int
    handled: list[tuple[int, Heard | Sound | Limited | Chained]] = field(default_factory=list)


class Tape:
    """rate : of the model

    since : model sample at which the recording began; None: none runs
    """

    def __init__(self, rate: int):
        self.since: int | None = None
        self._kept = round(KEPT_S * rate)
        self._parts: deque[_Written] = deque()

    # -- render thread

    def begin(
        self, sound: Sound, slots: tuple[Slot, ...], state: tuple[MusicalEvent, ...], voices: int, at: int
    ) -> None:
        """A part begins; those that nobody will ask for any more are forgotten."""
        self._parts.append(_Written(sound, slots, state, voices, at))
        earliest = at - self._kept if self.since is None else min(self.since, at - self._kept)
        while len(self._parts) > 1 and self._parts[1].at <= earliest:
            self._parts.popleft()

    def write(self, at: int, what: Heard | Sound | Limited | Chained) -> None:
        """Something was handled before the tick at this model sample."""
        if self._parts:
            self._parts[-1].handled.append((at, what))

    def clear(self) -> None:
        """What sounds now cannot be played again; from the next part on it can."""
        self._parts.clear()
        self.since = None

    @property
    def empty(self) -> bool:
        """Nothing has been handled since the part began, or none has begun."""
        return not self._parts or not self._parts[-1].handled

    # -- chores thread

    @property
    def begun(self) -> bool:
        """Whether there is anything to be taken."""
        return bool(self._parts)

    def take(
        self, start: int, end: int, model: str, precision: Precision, rate: int, polyphony: int, seed: int
    ) -> Take:
        """What was played between two model samples; arguments as the fields of Take."""
        written = [part for part in self._parts if part.at < end]
        first = max((place for place, part in enumerate(written) if part.at <= start), default=0)
        written = written[first:]
        sounds: list[Sound] = []
        ends = [part.at for part in written[1:]] + [end]
        parts = tuple(_part(part, stop, sounds) for part, stop in zip(written, ends, strict=True))
        files = tuple(encode(sound.preset) for sound in sounds if sound.preset is not None)
        return Take(model, precision, rate, polyphony, seed, files, parts, max(start, parts[0].at), end)


def _part(written, end, sounds):
    """The Part; its sounds are numbered among these."""
    handled = tuple((at, _numbered(what, sounds)) for at, what in tuple(written.handled) if at < end)
    number = _number(written.sound, sounds)
    return Part(number, written.slots, written.state, written.voices, written.at, end, handled)


def _numbered(what, sounds):
    return Loaded(_number(what, sounds)) if isinstance(what, Sound) else what


def _number(sound, sounds):
    place = next((place for place, known in enumerate(sounds) if known is sound), None)
    if place is None:
        sounds.append(sound)
        place = len(sounds) - 1
    return place
