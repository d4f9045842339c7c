"""A plug-in's own window as the engine sees it: opened, listened to, closed. What becomes of it touches nothing else.

Threading model: `Editor` and `close` belong to the chores thread, which lives as long as the engine, because the
process dies with the thread that starts it; a thread of the editor's own calls the listener.
"""

import contextlib
import socket
import subprocess
import threading
from multiprocessing.connection import Connection
from typing import Protocol

import msgspec

from engine.plugins import messages
from engine.plugins.child import LOAD_S, start_process

PROGRAM = "engine.plugins.editor_host"
_END_S = 1.0
PATIENCE_S = 10.0  # without a word; a window that is silent for so long is taken to hang


class Listener(Protocol):
    """Who is told what a hand does in the window."""

    def turned(self, gesture: int, values: dict[int, float]) -> None:
        """Parameters, by their places in the description."""

    def changed(self, state: bytes) -> None:
        """More than parameters has changed: the state as it is now."""

    def ended(self, line: str) -> None:
        """The window is gone by itself. line : what was wrong; empty where it was closed by the player"""


class Editor:
    """A window that is open until it is closed here or there, crashes or hangs.

    place, rate, state : of the plug-in; memory : descriptor of what its playing process shares
    program : the module that shows it
    """

    def __init__(self, place: str, rate: int, state: bytes, memory: int, listener: Listener, program: str = PROGRAM):
        self._listener, self._closing = listener, False
        ours, theirs = socket.socketpair()
        self._control = Connection(ours.detach())
        self._process = start_process(program, theirs.fileno(), memory)
        theirs.close()
        self._wish = messages.Edit(place, rate, state)
        threading.Thread(target=self._run, name="editor", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def close(self) -> None:
        """End it, whatever it is doing; the listener hears no more of it."""
        self._closing = True
        self._process.kill()

    def _run(self):
        try:
            line = self._listened()
        except msgspec.MsgspecError as error:
            line = f"talks nonsense ({error})"
        self._process.kill()
        self._process.wait()
        self._control.close()
        if not self._closing:
            self._listener.ended(line)

    def _listened(self):
        """What was wrong in the end."""
        patience_s = 2 * LOAD_S  # for two instances
        try:
            self._control.send_bytes(messages.encode(self._wish))
            while self._control.poll(patience_s):
                match messages.decode_reply(self._control.recv_bytes()):
                    case messages.Turned(gesture, values):
                        self._listener.turned(gesture, values)
                    case messages.State(state):
                        self._listener.changed(state)
                    case messages.Failed(line):
                        return f"cannot be shown: {line}"
                patience_s = PATIENCE_S
        except (EOFError, OSError):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_END_S)
            return "has crashed" if self._process.poll() else ""
        return "does not answer: it was closed"
