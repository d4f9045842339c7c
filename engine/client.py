"""The engine as the window and the command line see it: a process that is asked, watched and, if need be, replaced.

Threading model: one thread (the window's) calls everything; nothing here blocks it. `telemetry` is to be called again
and again, 30 to 60 times a second: it reads the answer to the last question, asks the next, and sees to the process.
"""

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from common.errors import SynthError
from common.paths import ROOT
from engine.commands import (
    AnyCommand,
    LoadPreset,
    MpeMode,
    MusicalEvent,
    OpenAudio,
    OpenMidi,
    Poll,
    Quit,
    Record,
    Restore,
    SaveTake,
    SetEffect,
    SetEffects,
    SetMovement,
    SetPad,
    SetParameter,
    SetPlaces,
    SetPortsMpe,
    SetRoutes,
    SetTempo,
)
from engine.decoder.protocol import ANY_DECODER, DecoderChoice
from engine.protocol import LONGEST_MESSAGE, Exit, Options, decode_telemetry, encode, read
from engine.telemetry import Telemetry
from models.checkpoints.source import DEFAULT_SOURCE, Source

_PATIENCE_S = 2.0  # for an answer
_START_PATIENCE_S = 60.0  # for the first: a cold disk reads numba for a while
_STOP_PATIENCE_S = 1.5
_HEALTHY_S = 10.0  # an engine that lived so long is replaced at once, one that keeps dying ever more slowly
_LONGEST_PAUSE_S = 4.0
_NEWS_S = 8.0  # how long the notice of a restart stays
_HEADLESS_S = 0.05
_SAVE_PATIENCE_S = 10.0


class EngineClient:
    """One engine, whatever process it lives in.

    source, decoder, polyphony, seed, program_channel, osc, link, mts_esp : see `engine.protocol.Options`
    preset : file or name to begin with; audio, rate, block, dry, midi : see `commands.OpenAudio` and `OpenMidi`
    mpe : see `commands.SetPortsMpe`; beginning : what is played before all else, such as a tuning
    program : the module that serves; another one brings its own decoder

    restarts : processes that had to be replaced
    failure : why the engine cannot play at all; empty while it can. It is not started again then
    pid : of the process, or None
    Raises SynthError where a name cannot be told to the engine.
    """

    def __init__(
        self, source: Source = DEFAULT_SOURCE, preset: str | None = None, polyphony: int = 0, *,
        decoder: DecoderChoice = ANY_DECODER, audio: str | None = None, midi: str | None = None,
        rate: int | None = None, block: int = 0, seed: int = 0, program_channel: int | None = None,
        dry: bool = False, osc: int | None = None, link: bool = False, mts_esp: bool = True,
        mpe: dict[str, MpeMode] | None = None, beginning: tuple[MusicalEvent, ...] = (),
        program: str = "engine.live.server",
    ):  # fmt: skip
        self._options = Options(source, decoder, polyphony, seed, program_channel, osc, link, mts_esp)
        self._program = program
        self._preset = None if preset is None else LoadPreset.of(preset)
        self._settings: dict = {}  # since the preset was loaded, by what they set
        self._tempo: SetTempo | None = None
        self._routes: SetRoutes | None = None
        self._audio = OpenAudio(audio, rate, block, dry)
        self._midi, self._mpe = OpenMidi(midi), SetPortsMpe(mpe or {})
        self._memory = Restore(beginning)  # where controllers had brought the engine when it last said so
        for message in self._first():
            encode(message)
        self._process: subprocess.Popen | None = None
        self._connection: Connection | None = None
        self._outbox: deque[bytes] = deque()
        self._asked_at: float | None = None  # when the question was put that is not answered yet
        self._answered = False
        self._chosen = 0  # presets that program changes have loaded in this process
        self._started_at = self._start_at = 0.0
        self._pause_s = 0.0
        self._running = False
        self._last = Telemetry(notice="starting the engine")
        self._news, self._news_until = "", 0.0
        self.restarts = 0
        self.failure = ""

    # -- what the window does

    def start(self) -> None:
        """Start the engine's process; `telemetry` tells how it gets on."""
        self._running = True
        self._spawn()

    def stop(self) -> None:
        """Let it fade out and end; kill it if it does not."""
        self._running = False
        if self._process is None:
            return
        self.send(Quit())
        try:
            self._process.wait(_STOP_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._forget()

    def send(self, command: AnyCommand) -> None:
        """Queue a command. What sets something is remembered for the next process, too.

        Raises SynthError where a name in it cannot be told; nothing is changed then.
        """
        if isinstance(command, LoadPreset) and not command.raw:
            command = LoadPreset.of(command.path)
        message = encode(command)
        self._remember(command)
        if self._process is not None:
            self._outbox.append(message)
            self._flush()

    def telemetry(self) -> Telemetry:
        """The engine's last answer; its notice also tells of restarts."""
        if self._running:
            self._look_after()
        news = self._news if time.monotonic() < self._news_until else ""
        if not news:
            return self._last
        return msgspec.structs.replace(self._last, notice=" · ".join(filter(None, (news, self._last.notice))))

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    # -- the process

    def _look_after(self):
        now = time.monotonic()
        if self._process is None:
            if not self.failure and now >= self._start_at:
                self.restarts += 1
                self._spawn()
            return
        try:
            self._receive()
            self._ask(now)
            self._flush()
        except (EOFError, OSError):
            self._lost("")
            return
        if self._asked_at is not None and now - self._asked_at > self._patience:
            self._lost("it did not answer")

    @property
    def _patience(self):
        return _PATIENCE_S if self._answered else _START_PATIENCE_S

    def _spawn(self):
        ours, theirs = socket.socketpair()
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", self._program, str(theirs.fileno())],  # -P: not what lies in this folder
            pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        )  # fmt: skip
        theirs.close()
        self._connection = Connection(ours.detach())
        self._asked_at, self._answered, self._started_at = None, False, time.monotonic()
        self._chosen = 0
        self._outbox = deque(map(encode, self._first()))

    def _first(self):
        """What a process is told when it starts: all that the one before it knew.

        MIDI before audio: RtMidi keeps the interpreter to itself while it connects, as a playing device would hear.
        """
        wishes = self._preset, *self._settings.values(), self._tempo, self._routes
        first = [self._options, *wishes, self._memory, self._mpe, self._midi, self._audio]
        return [message for message in first if message is not None]

    def _lost(self, complaint):
        """The process is gone, or of no use any more. complaint : what we kill it for; empty: it ended by itself"""
        process, lived_s = self._process, time.monotonic() - self._started_at
        if complaint:
            process.kill()
        code = process.wait()
        self._forget()
        if code == Exit.UNUSABLE:
            self.failure = self._last.notice
            return
        at_once = lived_s > _HEALTHY_S or code == Exit.STALLED  # it says so only after it stood still for a while
        self._pause_s = 0.0 if at_once else min(_LONGEST_PAUSE_S, max(0.25, 2 * self._pause_s))
        self._start_at = time.monotonic() + self._pause_s
        reason = complaint or (self._last.notice if code == Exit.STALLED else _ending(code))
        self._news, self._news_until = f"the engine was started anew: {reason}", self._start_at + _NEWS_S
        silent = Telemetry(pad=self._last.pad, preset=self._last.preset, notice="starting the engine")
        self._last = msgspec.structs.replace(
            silent, audio_devices=self._last.audio_devices, available_midi_ports=self._last.available_midi_ports
        )

    def _forget(self):
        self._connection.close()
        self._process = self._connection = self._asked_at = None
        self._outbox.clear()

    # -- messages

    def _remember(self, command):
        if isinstance(command, LoadPreset):
            self._preset = command
            self._settings.clear()  # a preset brings its own
        elif isinstance(command, SetEffects):
            self._settings = {key: kept for key, kept in self._settings.items() if not isinstance(kept, SetEffect)}
            self._settings[SetEffects] = command
        elif isinstance(command, SetPad) and command.touch:
            return  # no engine is to begin with a finger on the pad
        elif isinstance(command, SetPad | SetParameter | SetEffect):
            self._settings[getattr(command, "slot", None), getattr(command, "param", SetPad)] = command
        elif isinstance(command, SetMovement | SetPlaces):
            self._settings[type(command)] = command
        elif isinstance(command, SetRoutes):
            self._routes = command
        elif isinstance(command, SetTempo):
            self._tempo = command
        elif isinstance(command, OpenAudio):
            self._audio = command
        elif isinstance(command, OpenMidi):
            self._midi = command
        elif isinstance(command, SetPortsMpe):
            self._mpe = command

    def _receive(self):
        while self._connection.poll():
            self._last = read(decode_telemetry, self._connection.recv_bytes(LONGEST_MESSAGE)) or self._last
            self._asked_at, self._answered = None, True
            self._learn(self._last)

    def _learn(self, telemetry):
        """What the engine was told by others than us, and the next one is to know."""
        for edited in telemetry.edited:
            for name, value in edited.values.items():
                self._remember(SetEffect(edited.slot, name, value))
        if telemetry.memory is not None:
            self._memory = Restore(telemetry.memory)
        if telemetry.chosen != self._chosen:
            self._chosen = telemetry.chosen
            self._remember(LoadPreset.of(os.fsdecode(telemetry.preset_path)))

    def _ask(self, now):
        if self._asked_at is None:
            self._outbox.append(encode(Poll()))
            self._asked_at = now

    def _flush(self):
        """Write what the socket takes without waiting; a process that hangs must not hang the window."""
        poller = select.poll()
        poller.register(self._connection.fileno(), select.POLLOUT)
        try:
            while self._outbox and poller.poll(0):
                self._connection.send_bytes(self._outbox.popleft())
        except OSError:  # the process is gone; `telemetry` will find out
            self._outbox.clear()


def _ending(code):
    """An exit code in words."""
    return f"it was killed by {signal.Signals(-code).name}" if code < 0 else f"it ended with code {code}"


def play_headless(source: Source, preset: str, record: Path | None = None, **options) -> None:
    """Play from MIDI ports to an audio device until SIGINT or SIGTERM; a line on stdout for everything that changes.

    preset : file or name; record : file of a take of all that is played; options : all others of `EngineClient`
    Raises SynthError where it cannot play: weights or preset that cannot be used.
    """
    loaded, take = _load(preset), None if record is None else SaveTake(os.path.abspath(record))
    stopped = threading.Event()
    handlers = {number: signal.signal(number, lambda *_: stopped.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    client = EngineClient(source, preset, **options)
    client.start()
    if take is not None:
        client.send(Record(take.path))
    shown = ""
    try:
        _check_weights(loaded, source)  # beside the engine, which reads the weights as well
        while not stopped.wait(_HEADLESS_S) and not client.failure:
            line = _status(client.telemetry())
            if line != shown:
                print(line, flush=True)
                shown = line
        if take is not None and not client.failure:
            _save(client, take)
    finally:
        client.stop()
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if client.failure:
        raise SynthError(client.failure)


def _save(client, take):
    """Wait until the engine has written it. Raises SynthError."""
    before = client.telemetry().taken
    client.send(take)
    end = time.monotonic() + _SAVE_PATIENCE_S
    while client.telemetry().taken == before:
        if time.monotonic() > end:
            raise SynthError(
                f"take {take.path} was not saved: {client.telemetry().notice or 'the engine does not answer'}"
            )
        time.sleep(_HEADLESS_S)
    print(f"take: {take.path}", flush=True)


def _load(preset):
    """Raises PresetError before anything is started."""
    from presets.library import load_preset

    return load_preset(preset)


def _check_weights(preset, source):
    """Raises ModelError or PresetError where the engine will not find weights for the preset."""
    from models import checkpoints
    from models.checkpoints.known import KnownWeights

    fingerprint = checkpoints.read(source).fingerprint
    if not preset.fits(fingerprint) and KnownWeights().find(preset.model) is None:
        raise preset.without_weights()


def _status(telemetry):
    device = telemetry.audio_device or "no device"
    ports = ", ".join(telemetry.midi_ports) or "no port"
    line = f"{telemetry.preset or 'no preset'} | audio: {device} | MIDI: {ports}"
    return f"{line} | {telemetry.notice}" if telemetry.notice else line
