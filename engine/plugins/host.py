"""The process of one plug-in: `python -m engine.plugins.host AUDIO CONTROL MEMORY PARENT`, numbers all.

AUDIO : a socket; a byte comes for each block that lies in the memory, a byte goes for each that was played
CONTROL : a socket for requests (engine.plugins.messages), each answered between two blocks
MEMORY : descriptor of the shared memory; PARENT : the engine's process

One thread does everything, because plug-ins want to be loaded and told things on the main thread. The process ends
with the engine, whatever ends that.
"""

import contextlib
import ctypes
import os
import platform
import select
import signal
import socket
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Protocol

import numpy as np

from engine.plugins import messages
from engine.plugins.memory import SLOTS, Memory, Word

SHORT_BLOCK = 64  # frames
PRIORITY = 19  # SCHED_FIFO; just below the engine's render thread
_PR_SET_PDEATHSIG = 1
_FLUSH = 0x8040  # of x86's MXCSR: denormal results and arguments are zero
_MXCSR_AT = 28  # in glibc's fenv_t


class Guest(Protocol):
    """A plug-in, see engine.plugins.vst3."""

    description: messages.Description

    def renew(self, rate: int) -> None: ...
    def restore(self, state: bytes) -> None: ...
    def settle(self) -> None: ...
    def process(self, audio: np.ndarray) -> np.ndarray: ...
    def set(self, index: int, value: float) -> None: ...
    def show(self, index: int, value: float) -> str: ...
    def save(self) -> bytes: ...


LoadGuest = Callable[[str, int], Guest]


class Host:
    """The loop around one plug-in. audio, control, memory : see the module; load : (place, rate) -> Guest"""

    def __init__(self, audio: socket.socket, control: Connection, memory: Memory, load: LoadGuest):
        self._audio, self._control, self._memory, self._load = audio, control, memory, load
        self._guest: Guest  # from the first request on
        self._changes = 0  # parameters set so far, of those that the engine has set
        self._applied = np.full_like(memory.parameters, np.nan)

    def serve(self) -> None:
        """Until the engine is gone: then EOFError or OSError."""
        poll = select.poll()
        poll.register(self._audio, select.POLLIN)
        poll.register(self._control, select.POLLIN)
        while True:
            for descriptor, _ in poll.poll():
                if descriptor == self._control.fileno():
                    self._control.send_bytes(messages.encode(self._answer(self._control.recv_bytes())))
                else:
                    self._play()

    def _answer(self, message) -> messages.Message:
        """What cannot be done is told; only the end of the process is not."""
        try:
            return self._done(messages.decode_request(message))
        except Exception as error:
            return messages.Failed(str(error) or repr(error))

    def _done(self, request):
        match request:
            case messages.Load(place, rate, urgent):
                self._guest = self._load(place, rate)
                self._settle()
                if urgent:
                    raise_priority()
            case messages.Restore(state):
                self._guest.restore(state)
                self._settle()
            case messages.Renew(rate):
                self._guest.renew(rate)
                self._settle()
            case messages.Save():
                return messages.State(self._save())
            case messages.Show(parameter, value):
                return messages.Shown(self._guest.show(parameter, value))
        return messages.Loaded(self._guest.description)

    def _settle(self):
        """The parameters that were set are where it begins: nothing glides there under the first note."""
        self._applied[:] = np.nan
        self._set_parameters()
        self._guest.settle()

    def _save(self):
        """Where something was set since the last block, the state is only right once a block was played."""
        if self._changes != self._memory.words[Word.CHANGES]:
            self._set_parameters()
            self._guest.process(np.zeros((2, SHORT_BLOCK), np.float32))
        return self._guest.save()

    def _play(self):
        """All blocks that wait; those that the engine has overwritten are left out."""
        if not self._audio.recv(4096):
            raise EOFError
        words = self._memory.words
        while words[Word.ANSWERED] < words[Word.ASKED]:
            block = max(words[Word.ANSWERED] + 1, words[Word.ASKED] - SLOTS + 1)
            self._play_block(int(block) % SLOTS)
            words[Word.ANSWERED] = block
            self._audio.send(b"\0")

    def _play_block(self, place):
        memory = self._memory
        if self._changes != memory.words[Word.CHANGES]:
            self._set_parameters()
        played = self._guest.process(memory.asked[place, :, : memory.words[Word.FRAMES + place]])
        frames = played.shape[1] if played.shape[0] == 2 else -1
        if 0 < frames <= memory.answers.shape[2]:
            memory.answers[place, :, :frames] = played
        memory.words[Word.PLAYED + place] = frames

    def _set_parameters(self):
        self._changes = int(self._memory.words[Word.CHANGES])
        wanted = self._memory.parameters
        for index in np.flatnonzero((wanted != self._applied) & ~np.isnan(wanted)):
            self._applied[index] = wanted[index]
            self._guest.set(int(index), float(wanted[index]))


def raise_priority() -> None:
    """Real-time scheduling for this thread, not for those it starts, where the system allows it."""
    with contextlib.suppress(PermissionError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(PRIORITY))


def flush_denormals() -> None:
    """Numbers too small to matter are zero in this thread, so that a tail that fades costs no more than a loud one."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return
    libm, environment = ctypes.CDLL("libm.so.6"), (ctypes.c_uint32 * 8)()
    libm.fegetenv(environment)
    environment[_MXCSR_AT // 4] |= _FLUSH
    libm.fesetenv(environment)


def end_with(parent: int) -> None:
    """This process is killed when the thread that started it ends."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def main(load: LoadGuest) -> None:
    """Serve the engine whose numbers are the program's arguments, then end the process, whatever threads there are."""
    audio, control, memory, parent = map(int, sys.argv[1:5])
    end_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the engine
    flush_denormals()
    with contextlib.suppress(EOFError, OSError):
        Host(socket.socket(fileno=audio), Connection(control), Memory(memory), load).serve()
    os._exit(0)


def _load_vst3(place, rate):
    from engine.plugins.vst3 import Vst3

    return Vst3(place, rate)


if __name__ == "__main__":
    main(_load_vst3)
