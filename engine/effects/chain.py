"""Effects one after the other, and how they change while they play."""

from collections import deque
from collections.abc import Iterable

import numpy as np
from numba import njit

from engine.effects.glide import Glides, glide
from engine.effects.insert import Insert
from engine.effects.kinds import DEFAULT_BPM, TEMPO_BPM
from engine.parameters import Parameter
from presets.effects import Slot


class Chain:
    """A Processor of up to presets.effects.SLOTS inserts. Without any, it leaves every bit as it is.

    retired : inserts that it does not play any more, to be closed by whoever made them
    tempo : beats a minute

    A change is heard in three steps: what leaves or moves fades out, the new order begins, what came or moved fades in.
    Where one of these has a latency, all begins anew after a moment of silence, since time itself jumps.
    """

    def __init__(self, inserts: Iterable[Insert] = ()):
        self.inserts = tuple(inserts)
        self.retired: deque[Insert] = deque()
        self.tempo = DEFAULT_BPM
        self._next: tuple[Insert, ...] | None = None
        self._gain = Glides(1)
        self._gain.targets[0] = 1.0

    @property
    def slots(self) -> tuple[Slot, ...]:
        """What plays, as it is set now."""
        return tuple(insert.slot for insert in self.inserts)

    @property
    def latency(self) -> int:
        return sum(insert.latency for insert in self.inserts)

    @property
    def tail(self) -> int:
        return sum(insert.tail for insert in self.inserts)

    def prepare(self, rate: int, max_frames: int) -> None:
        """Get all of them ready."""
        self._gain.prepare(rate)
        _fade(np.zeros((1, 2), np.float32), self._gain.values, self._gain.targets, 1.0)
        self._begin()
        for insert in self.inserts:
            insert.prepare(rate, max_frames)

    def reset(self) -> None:
        """Silence in all of them; a change is done."""
        self._begin()
        for insert in self.inserts:
            insert.reset()

    def _begin(self):
        self._swap()
        self._gain.targets[0] = 1.0
        self._gain.arrive()

    def set(self, slot: int, name: str, value: float) -> None:
        """Let a parameter of a slot go to a value. A slot that there is not is ignored."""
        for insert in self._all():
            if insert.id == slot:
                insert.set(name, value)

    def rows(self) -> dict[tuple[int, str], Parameter]:
        """Every parameter of every slot that plays, by its address."""
        return {(insert.id, name): row for insert in self.inserts for name, row in insert.rows.items()}

    def value(self, slot: int, name: str) -> float:
        """Where a parameter of `rows` was set."""
        return next(insert for insert in self.inserts if insert.id == slot).value(name)

    def move(self, slot: int, name: str, value: float) -> None:
        """As `set`, but only for now: see `Insert.move`."""
        for insert in self.inserts:
            if insert.id == slot:
                insert.move(name, value)

    def set_tempo(self, bpm: float) -> None:
        """Beats a minute, for whoever follows them."""
        self.tempo = bpm
        for insert in self._all():
            insert.set(TEMPO_BPM, bpm)

    def change(self, inserts: tuple[Insert, ...], slots: tuple[Slot, ...]) -> None:
        """Play these from now on, prepared and, those that are new, held; each as its slot says."""
        self.retired.extend(insert for insert in self._all() if insert not in (*self.inserts, *inserts))
        self._next = inserts
        for insert, slot in zip(inserts, slots, strict=True):
            insert.follow(slot)
        self.set_tempo(self.tempo)
        stay = [insert for insert in inserts if insert in self.inserts]
        places = {insert: place for place, insert in enumerate(insert for insert in self.inserts if insert in inserts)}
        moved = [insert for place, insert in enumerate(stay) if places[insert] != place]
        left = [insert for insert in self.inserts if insert not in inserts]
        come = [insert for insert in inserts if insert not in self.inserts]
        for insert in self.inserts:
            insert.hold(insert in moved or insert in left)
        if any(insert.latency for insert in (*moved, *left, *come)):
            self._gain.targets[0] = 0.0

    def process(self, block: np.ndarray) -> None:
        """Change `block`, float32 (frames, 2), in place, first insert first."""
        if self._next is not None and self._ready():
            self._swap()
        comes = self._gain.targets[0] == 1.0
        if comes:
            self._fade(block)
        for insert in self.inserts:
            insert.process(block)
        if not comes:
            self._fade(block)

    def _fade(self, block):
        """The input as long as it comes back, else what is heard."""
        gain = self._gain
        if gain.values[0, 1] != 1.0 or gain.targets[0] != 1.0:
            _fade(block, gain.values, gain.targets, gain.coefficient)

    def _all(self):
        """Those that play, and those that are on their way."""
        coming = () if self._next is None else self._next
        return *self.inserts, *(insert for insert in coming if insert not in self.inserts)

    def _ready(self):
        """Whoever leaves or moves is not heard any more."""
        if self._gain.targets[0] == 0.0:
            return self._gain.values[0, 1] == 0.0
        return all(insert.silent for insert in self.inserts if insert.held)

    def _swap(self):
        """Let what comes next play, if there is something."""
        if self._next is None:
            return
        self.retired.extend(insert for insert in self.inserts if insert not in self._next)
        self.inserts, self._next = self._next, None
        for insert in self.inserts:
            insert.hold(False)
        if self._gain.targets[0] == 0.0:  # nothing of another time may be left inside
            for insert in self.inserts:
                insert.reset()
            self._gain.targets[0] = 1.0


@njit(cache=True, nogil=True)
def _fade(block, values, targets, coefficient):
    for i in range(block.shape[0]):
        glide(values, targets, coefficient)
        for side in range(2):
            block[i, side] *= np.float32(values[0, 1])
