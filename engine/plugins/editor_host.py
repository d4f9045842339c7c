"""A plug-in's own window, in a process of its own: `python -m engine.plugins.editor_host CONTROL MEMORY PARENT`.

CONTROL : a socket; `Edit` comes, then what a hand does in the window goes (engine.plugins.messages)
MEMORY : what the process that plays shares with the engine, to look on; PARENT : the engine's process

The window shows an instance that nobody hears. It gets the blocks that the playing one gets, so that meters move, and
follows the parameters that are set there. A second instance gets both as well, but no window: where the two differ, a
hand was at work. Of what is no parameter only the state tells, so it is compared whenever the hand rests.

The window's event loop asks this, every 10 ms, whether it is to close: all of it is done there, in one thread.
"""

import contextlib
import os
import sys
import time
from collections import deque
from multiprocessing.connection import Connection
from typing import Protocol

import numpy as np

from engine.plugins import messages
from engine.plugins.host import Guest, end_with, flush_denormals
from engine.plugins.memory import SLOTS, Memory, Word

REST_S = 0.5  # without a change, after which a gesture is over
_NICE = 5  # what plays goes first
_ECHOES = 256  # values on their way to the process that plays, and back, at most


class Edited(Guest, Protocol):
    """A guest that has a window, see engine.plugins.vst3."""

    def edit(self, event) -> None: ...
    def positions(self) -> np.ndarray: ...
    def place(self, index: int, position: float) -> None: ...
    def value(self, index: int, position: float) -> float: ...


class EditorHost:
    """The window of one plug-in. control, memory : see the module

    shown : the instance with the window; beside : the one without; both in the same state
    """

    def __init__(self, control: Connection, memory: Memory, shown: Edited, beside: Edited):
        self._control, self._memory, self._shown, self._beside = control, memory, shown, beside
        self._played = int(memory.words[Word.ASKED])
        self._seen = np.full_like(memory.parameters, np.nan)
        self._told: dict[int, deque[float]] = {}  # values that are yet to come back as parameters
        self._gesture, self._resting = 0, True
        self._changed_at = self._compared_at = self._alive_at = 0.0
        self._comparable, self._heard = True, False  # heard : a block, since the states were compared

    def serve(self) -> None:
        """Until the window is closed. Raises RuntimeError where it cannot be opened, OSError without an engine."""
        self._shown.edit(self)
        self._tell_turned(time.monotonic())
        self._compare(time.monotonic(), last=True)

    def is_set(self) -> bool:
        """Asked by the window's event loop, again and again."""
        now = time.monotonic()
        self._listen()
        self._follow()
        self._tell_turned(now)
        self._resting = now - self._changed_at > REST_S
        if self._resting and now - self._compared_at > REST_S:
            self._compare(now)
        if now - self._alive_at > messages.ALIVE_S:
            self._tell(messages.Alive())
            self._alive_at = now
        return False

    def _listen(self):
        """Play, for nobody, what came to the process that plays; what was overwritten meanwhile is left out."""
        words, asked = self._memory.words, int(self._memory.words[Word.ASKED])
        for block in range(max(self._played + 1, asked - SLOTS // 2), asked + 1):
            place = block % SLOTS
            audio = self._memory.asked[place, :, : words[Word.FRAMES + place]].copy()
            for each in self._both:
                each.process(audio)
        self._heard |= asked > self._played
        self._played = asked

    def _follow(self):
        """Set what was set by others; what comes back from here is known already."""
        wanted = self._memory.parameters
        for index in map(int, np.flatnonzero((wanted != self._seen) & ~np.isnan(wanted))):
            self._seen[index] = value = float(wanted[index])
            if value in self._told.get(index, ()):
                continue
            for each in self._both:
                each.set(index, value)
        for index, told in tuple(self._told.items()):
            if self._seen[index] == told[-1]:
                del self._told[index]

    def _tell_turned(self, now):
        """What a hand has turned is where the two instances differ."""
        positions = self._shown.positions()
        turned = np.flatnonzero(positions != self._beside.positions())
        if not len(turned):
            return
        self._gesture += self._resting
        self._changed_at, self._resting = now, False
        values = {}
        for index in map(int, turned):
            self._beside.place(index, float(positions[index]))
            values[index] = self._shown.value(index, float(positions[index]))
            self._told.setdefault(index, deque(maxlen=_ECHOES)).append(values[index])
        self._tell(messages.Turned(self._gesture, values))

    def _compare(self, now, last=False):
        """Tell a state in which more than parameters has changed.

        Of a plug-in whose state is never the same twice, it is told at the end only.
        """
        self._compared_at = now
        if not self._comparable and not last:
            return
        if last or not self._heard:  # a state is right once a block was played
            self._settle()
        self._heard = False
        state = self._shown.save()
        if state == self._beside.save():
            return
        self._tell(messages.State(state))
        self._beside.restore(state)
        self._settle()
        self._comparable = self._shown.save() == self._beside.save()

    def _settle(self):
        for each in self._both:
            each.settle()

    @property
    def _both(self):
        return self._shown, self._beside

    def _tell(self, message):
        self._control.send_bytes(messages.encode(message))


def main(load) -> None:
    """Serve the engine whose numbers are the program's arguments. load : (place, rate) -> Edited"""
    control, memory, parent = map(int, sys.argv[1:4])
    end_with(parent)
    os.nice(_NICE)
    flush_denormals()
    with contextlib.suppress(EOFError, OSError):
        _serve(Connection(control), Memory(memory, writable=False), load)
    os._exit(0)


def _serve(control, memory, load):
    try:
        wish = messages.decode_request(control.recv_bytes())
        assert isinstance(wish, messages.Edit)
        shown, beside = (_restored(load(wish.place, wish.rate), wish.state) for _ in range(2))
        EditorHost(control, memory, shown, beside).serve()
    except (RuntimeError, ValueError, ImportError) as error:
        control.send_bytes(messages.encode(messages.Failed(str(error))))


def _restored(guest, state):
    guest.restore(state)
    guest.settle()
    return guest


def _load_vst3(place, rate):
    from engine.plugins.vst3 import Vst3

    return Vst3(place, rate)


if __name__ == "__main__":
    main(_load_vst3)
