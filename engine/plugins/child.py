"""A plug-in's process as the engine sees it: started, asked between blocks, given blocks, ended.

The process dies with the thread that starts it: start it from one that lives as long as the engine. `play` and `set`
belong to the render thread, all else to whoever opened it.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from multiprocessing.connection import Connection

import msgspec
import numpy as np

from common.errors import PluginError
from common.paths import ROOT
from engine.plugins import messages
from engine.plugins.exchange import Answer, exchange
from engine.plugins.memory import Memory, Word, new_memory
from engine.plugins.messages import Description

PROGRAM = "engine.plugins.host"
LOAD_S = 10.0  # a plug-in that takes longer to load is taken to hang
ANSWER_S = 10.0
_END_S = 1.0
_PACED = 16  # blocks
_WORDS_OF_SYSTEM_CALLS = 16


class Child:
    """A process with one plug-in. Raises PluginError, one line, where it cannot be had or does not answer.

    place : of the plug-in; rate : to begin with; urgent : with real-time priority
    program : the module that serves; another one brings its own plug-in

    description : of the plug-in; note : what of it could not be had, one line
    memory : the file of what it shares with us, for others to look on
    before : float32 (2, 2), its two frames before the block that it played last
    waited_ns : in the last block
    """

    def __init__(self, place: str, rate: int, urgent: bool = True, program: str = PROGRAM, patience_s: float = LOAD_S):
        self.before = np.zeros((2, 2), np.float32)
        self.waited_ns = 0
        self.note = ""
        self._place = place
        self._scratch = np.zeros(_WORDS_OF_SYSTEM_CALLS, np.int64)
        self._start(program)
        try:
            self.description: Description = self._ask_about(messages.Load(place, rate, urgent), patience_s)
        except PluginError:
            self.close()
            raise

    def _start(self, program):
        self._audio, audio = socket.socketpair()
        control_socket, control = socket.socketpair()
        self._control = Connection(control_socket.detach())
        self.memory = os.fdopen(new_memory(), "rb", 0)
        self._memory = Memory(self.memory.fileno())
        self._process = start_process(program, audio.fileno(), control.fileno(), self.memory.fileno())
        audio.close()
        control.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    # -- render thread

    def play(self, block: np.ndarray, wet: np.ndarray, patience_s: float, lag: int = 0) -> Answer:
        """Let it play float32 (frames, 2) into `wet`; with anything but PLAYED, `wet` means nothing.

        lag : see `exchange`
        """
        memory = self._memory
        answer, self.waited_ns = exchange(
            memory.words, memory.asked, memory.answers, block, wet, self.before,
            self._audio.fileno(), round(patience_s * 1e9), lag, self._scratch,
        )  # fmt: skip
        return Answer(answer)

    def set(self, index: int, value: float) -> None:
        """A parameter, by its place in the description; heard from the next block on."""
        self._memory.parameters[index] = value
        self._memory.words[Word.CHANGES] += 1

    # -- whoever opened it

    def restore(self, state: bytes) -> None:
        """Begin anew from this state."""
        self.description = self._ask_about(messages.Restore(state))
        self._memory.answers[:] = 0.0

    def renew(self, rate: int) -> None:
        """Silence inside, at this rate; state and parameters stay."""
        self.description = self._ask_about(messages.Renew(rate))
        self._memory.answers[:] = 0.0  # of what may be taken a block later

    def pace(self, frames: int, rate: int) -> float:
        """Seconds that a block takes, there and back, in the rhythm of playing; three of four take longer.

        It hears silence. To be asked while nobody plays it. One that does not answer is left for others to find.
        """
        block, wet = np.zeros((2, frames, 2), np.float32)
        took: list[float] = []
        while len(took) < _PACED:
            time.sleep(frames / rate)
            if self.play(block, wet, _END_S) != Answer.PLAYED:
                break
            took.append(self.waited_ns / 1e9)
        return float(np.quantile(took, 0.25)) if took else 0.0

    def save(self) -> bytes:
        """Its state."""
        reply = self._ask(messages.Save(), ANSWER_S)
        assert isinstance(reply, messages.State)
        return reply.state

    def show(self, index: int, value: float) -> str:
        """What it writes for a value of a parameter."""
        reply = self._ask(messages.Show(index, value), ANSWER_S)
        assert isinstance(reply, messages.Shown)
        return reply.text

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        self._audio.close()
        self._control.close()
        self.memory.close()

    def _ask_about(self, request, patience_s=ANSWER_S):
        reply = self._ask(request, patience_s)
        assert isinstance(reply, messages.Loaded)
        return reply.description

    def _ask(self, request, patience_s):
        try:
            self._control.send_bytes(messages.encode(request))
            if not self._control.poll(patience_s):
                raise PluginError(f"plug-in {self._place}: it does not answer within {patience_s:g} s; try another one")
            reply = messages.decode_reply(self._control.recv_bytes())
        except (EOFError, OSError) as error:
            raise PluginError(f"plug-in {self._place}: {self._end()}; try another one") from error
        except msgspec.MsgspecError as error:
            raise PluginError(f"plug-in {self._place}: its process answers nonsense ({error})") from error
        if isinstance(reply, messages.Failed):
            raise PluginError(f"plug-in {self._place}: {reply.line}")
        return reply

    def _end(self):
        """How the process ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return ending(self._process.wait(_END_S))
        return "its process has closed its ears"


def start_process(program: str, *descriptors: int) -> subprocess.Popen:
    """A plug-in's process, told these descriptors and which process we are; it dies with the thread that calls this."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-P", "-m", program, *map(str, descriptors), str(os.getpid())],  # -P: not what lies here
        pass_fds=descriptors, env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,  # some plug-ins write thousands of lines
    )  # fmt: skip


def ending(code: int) -> str:
    """An exit code in words."""
    return f"it crashed ({signal.Signals(-code).name})" if code < 0 else f"its process ended with {code}"
