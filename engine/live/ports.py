"""MIDI input ports, of ALSA and of JACK: found, listened to, lost and found again.

Threading model:
  chores thread: `MidiPorts.listen`, `poll`, `watch`, `close`
  MIDI threads : `_Port.receive`; parses, notes the time, enqueues, and no more
  any thread   : the tuples of names and `notice`

RtMidi never says that a port vanished, so one long-lived client per API is asked for the list again and again.
"""

import contextlib
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from common.errors import DeviceError
from engine.commands import CLIENT_NAME, PORTS, LetGo, MpeMode, SetMpe
from engine.events.midi import CLOCK, Parser
from engine.events.mpe import mode_of
from engine.events.tempo import Tick
from engine.live.senders import AlsaSenders, JackSenders

VIRTUAL_PORT = "in"
# RtMidi keeps the interpreter for 4 ms when it asks in vain; a look for these files costs nothing.
_ALSA, _JACK = 2, 3  # rtmidi's numbers of its APIs
_SIGNS = {_ALSA: "snd/seq", _JACK: "shm/jack_*_0"}
_SENDERS: dict = {_ALSA: AlsaSenders, _JACK: JackSenders}
_JACK_HARDWARE = ("system:", "a2j:")  # ALSA's ports as JACK shows them again
_ALSA_PROGRAM = re.compile(
    r" (12[89]|1[3-9]\d|[2-9]\d\d):\d+$"
)  # "name client:port"; from 128 on, clients are programs


class _Port:
    """One open port; whoever played there leaves nothing behind when it vanishes.

    client : rtmidi.MidiIn, open
    play : (event, time) -> None
    number : of the port, which gives it channels of its own
    name : of the other side, or of our port that programs connect to
    ours : the name of our side of that, as far as it is known
    """

    def __init__(self, client, play: Callable, number: int, name: str, ours: str = ""):
        self.number, self.name, self.ours = number, name, ours
        self._mpe: MpeMode = "auto"
        self.senders: set[str] = set()  # who was connected when somebody last looked
        self.heard = False  # anything since then
        self._client = client
        self._play = play
        self._parser, self._tick = Parser(number), Tick(number)
        client.ignore_types(sysex=False, timing=False, active_sense=True)  # tunings and clocks are heard, too
        client.set_callback(self.receive)

    def receive(self, message, _=None):
        """RtMidi's callback. message : (bytes, seconds since the one before)"""
        now, self.heard = time.monotonic(), True
        for event in self._parser.feed(message[0]):
            self._play(event, now)
        if CLOCK in message[0]:
            self._play(self._tick, now)

    def set_mpe(self, mode: MpeMode):
        """Whether its notes have channels of their own."""
        if mode != self._mpe:
            self._mpe = mode
            self._play(SetMpe(mode, self.number), None)

    def let_go(self):
        """Everything that is held there comes up and rests."""
        self._play(LetGo(self.number), None)

    def close(self):
        """Stop listening and let go of all that is held."""
        self._client.cancel_callback()
        self._client.close_port()
        self._client.delete()
        self.let_go()
        self.set_mpe("auto")  # another may get its number


class MidiPorts:
    """play : (event, time) -> None, called from MIDI threads; backend : the rtmidi module

    listening : names of the open ports, and of those that programs connected to ours
    available : names of those there are; notice : what is missing, one line
    Raises DeviceError where RtMidi cannot be loaded.
    """

    def __init__(self, play: Callable, backend=None):
        self._rtmidi = backend or _load_rtmidi()
        self._play = play
        self._part: str | None = None
        self._lists: dict = {}  # API -> the client that is asked for the list
        self._virtual: dict = {}  # API -> the port of ours that programs connect to
        self._senders: dict = {}  # API -> who tells which programs those are
        self._open: dict = {}  # (API, name) -> _Port
        self._mpe: dict[str, MpeMode] = {}
        self.listening: tuple[str, ...] = ()
        self.available: tuple[str, ...] = ()
        self.notice = ""

    def listen(self, part: str | None = None) -> None:
        """From now on listen to the ports whose name contains `part` in any case, as they come and go. None: to all."""
        self._part = part
        self.poll()

    def set_mpe(self, modes: dict[str, MpeMode]) -> None:
        """Which ports give every note a channel of its own; see `SetPortsMpe`."""
        self._mpe = modes
        for port in self._ports():
            port.set_mpe(mode_of(port.name, modes))

    def poll(self) -> None:
        """Look which ports are there; open the new, let the vanished go. To be called every second or so."""
        self._start_apis()
        there = {(api, name) for api, client in self._lists.items() for name in client.get_ports()}
        wanted = {port for port in there if self._wants(*port)}
        for port in [port for port in self._open if port not in wanted]:
            self._open.pop(port).close()
        for port in sorted(wanted - self._open.keys()):  # so that an engine started anew gives the same channels
            self._connect(*port)
        self.available = tuple(sorted({name for _, name in there}))
        self.listening = tuple(sorted({name for _, name in self._open} | self._programs()))
        self.notice = self._what_is_missing()

    def close(self) -> None:
        """Let go of every port."""
        for port in self._ports():
            port.close()
        self._open, self._virtual, self.listening = {}, {}, ()

    def watch(self) -> None:
        """Let go of what programs held that are no longer connected to our port. To be called some times a second."""
        for api, port in self._virtual.items():
            if not port.ours:
                continue
            heard, port.heard = port.heard, False
            there = self._senders[api].of(port.ours)
            if port.senders - there or (heard and not there):  # it came and went between two looks
                port.let_go()
            port.senders = there

    def _programs(self):
        """Who was connected to a port of ours when somebody last looked; the kernel tells only numbers."""
        senders = set().union(*(port.senders for port in self._virtual.values()))
        return {f"program {name}" if name[0].isdigit() else name for name in senders}

    def _ports(self):
        return [*self._virtual.values(), *self._open.values()]

    def _free_number(self):
        """The first that no port has; 0 is the window's. The last is shared where there are very many."""
        taken = {port.number for port in self._ports()}
        return next((number for number in range(1, PORTS) if number not in taken), PORTS - 1)

    def _start_apis(self):
        """A client for each API whose server or kernel module is there, and a port that others can connect to."""
        for api in _SIGNS.keys() & set(self._rtmidi.get_compiled_api()) - self._lists.keys():
            if not any(Path("/dev").glob(_SIGNS[api])):
                continue
            with contextlib.suppress(self._rtmidi.SystemError), _quiet():
                self._lists[api] = self._rtmidi.MidiIn(api, name=f"{CLIENT_NAME} list")
                self._virtual[api] = self._open_virtual(api)

    def _open_virtual(self, api):
        before = self._our_names(api)
        client = self._rtmidi.MidiIn(api, name=CLIENT_NAME)
        client.open_virtual_port(VIRTUAL_PORT)
        name = next(iter(self._our_names(api) - before), "")
        return self._made(client, CLIENT_NAME, name)

    def _made(self, client, name, ours=""):
        port = _Port(client, self._play, self._free_number(), name, ours)
        port.set_mpe(mode_of(name, self._mpe))
        return port

    def _our_names(self, api):
        """Names of all inputs called as ours; none where nobody tells."""
        with contextlib.suppress(OSError):
            self._senders[api] = self._senders.get(api) or _SENDERS[api](CLIENT_NAME)
            return self._senders[api].ports(CLIENT_NAME)
        return set()

    def _wants(self, api, name):
        """The named port, else all hardware; once, though JACK shows ALSA's ports again.

        Programs are not sought: they connect to our port, and would be heard twice.
        """
        hardware = name.startswith(_JACK_HARDWARE) if api == _JACK else not _ALSA_PROGRAM.search(name)
        if hardware and api == _JACK and _ALSA in self._lists:
            return False
        return hardware if self._part is None else self._part.casefold() in name.casefold()

    def _connect(self, api, name):
        """Open by name: numbers change when others come and go. A port that is gone again is tried at the next poll."""
        with contextlib.suppress(self._rtmidi.SystemError, self._rtmidi.InvalidPortError), _quiet():
            client = self._rtmidi.MidiIn(api, name=CLIENT_NAME)
            names = client.get_ports()
            if name in names:
                client.open_port(names.index(name), VIRTUAL_PORT)
                self._open[api, name] = self._made(client, name)
            else:
                client.delete()

    def _what_is_missing(self):
        if not self._lists:
            return "MIDI: neither ALSA's sequencer nor a JACK server is there; play on the screen or start one of them"
        if self._open:
            return ""
        if self._part is not None:
            there = ", ".join(self.available) or "none"
            return f"MIDI: no port matches {self._part!r}; there are: {there}"
        if self._programs():
            return ""
        return f"MIDI: no keyboard; connect one, or a program to the port {CLIENT_NAME}"


def _load_rtmidi():
    try:
        import rtmidi
    except ImportError as error:
        raise DeviceError(f"MIDI: RtMidi cannot be loaded ({error}); apt install libasound2") from error
    return rtmidi


@contextlib.contextmanager
def _quiet():
    """ALSA's and JACK's libraries write to stderr that nobody is there; the notice says it in one line."""
    saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    os.close(null)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
