"""The engine process: an instrument behind a socket. `python -m engine.live.server FD`

Threading model:
  main thread   : here: reads commands, hands musical events on, answers polls, watches the others; never blocks
  chores thread : engine.live.chores; whatever may take long
  render thread : engine.live.player
  MIDI threads  : engine.live.ports
  audio callback: engine.live.stream

The process ends when it is asked to, when the client is gone (end of file), or when something stands still that no
thread can mend: a dead sound server hangs PortAudio for ever. The client then starts another (see engine.client).
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import msgspec

from engine.commands import (
    LiftPad,
    LoadPreset,
    OpenAudio,
    OpenMidi,
    Panic,
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
    ShowEditor,
)
from engine.decoder.protocol import Precision
from engine.effects.kinds import DEFAULT_BPM
from engine.effects.table import OpenPlugin, no_plugins
from engine.live.chores import Chores, Opened, OpenWeights
from engine.plugins.rack import Rack
from engine.plugins.scan import Shelf
from engine.protocol import (
    LONGEST_MESSAGE,
    MOST_VOICES,
    VOICES,
    Exit,
    Options,
    decode_command,
    decode_options,
    encode,
    read,
)
from engine.synth import spare_voices
from engine.telemetry import Telemetry
from models.checkpoints.source import Source

_CHORES = (  # that may take long
    LoadPreset | SetEffects | ShowEditor | SetTempo | Restore | Record | SaveTake | OpenAudio | OpenMidi | SetPortsMpe
)
_WISHES = SetPad | LiftPad | SetPlaces | SetParameter | SetEffect | SetRoutes | SetMovement  # hold until others come
_WATCH_S = 0.1  # how often to look after the other threads
_RENDER_STILL_S = 2.0
_CHORE_STILL_S = 20.0
_FADE_S = 0.03
_FAREWELL_S = 0.5
_BEYOND = "a note lies more than two octaves from the one that its sound was made from: it stays within two octaves"
_SWITCH_INTERVAL_S = 0.00002  # how long a busy thread may keep the interpreter from the render thread
_NICE = -11  # as sound servers are: a thread that other programs hold up must not keep the interpreter meanwhile


class Server:
    """One instrument and its client. All methods belong to the main thread.

    connection : to the client; open_, open_plugin : make decoders and hosted effects, called in the chores thread
    """

    def __init__(
        self, connection: Connection, options: Options, open_: OpenWeights, open_plugin: OpenPlugin = no_plugins
    ):
        self._connection = connection
        self._chores = Chores(options, open_, open_plugin)
        self._leaving = False
        self._blocks, self._moved = -1, time.monotonic()

    def serve(self) -> Exit:
        """Answer the client until there is a reason to end. returns : the reason"""
        self._chores.start()
        problem = None
        while problem is None and not self._leaving:
            self._listen()
            problem = self._watch()
        if problem is None:
            self._farewell()
            return Exit.DONE
        code, line = problem
        self._send(msgspec.structs.replace(self.telemetry(), notice=line))
        return code

    def _listen(self):
        try:
            message = self._connection.recv_bytes(LONGEST_MESSAGE) if self._connection.poll(_WATCH_S) else None
            command = None if message is None else read(decode_command, message)
            if command is not None:
                self._take(command)
        except (EOFError, OSError):  # the client is gone
            self._leaving = True

    def _take(self, command):
        """Answer, or pass on to the thread whose task it is."""
        chores = self._chores
        if isinstance(command, Poll):
            self._send(self.telemetry())
        elif isinstance(command, Quit):
            self._leaving = True
        elif isinstance(command, _CHORES):
            chores.give(command)
        elif isinstance(command, _WISHES) and (chores.waiting or chores.player is None):
            chores.give(command)  # it may be meant for the preset or the chain that is on its way
        elif chores.player is not None:
            chores.player.play(command)

    def _send(self, telemetry):
        notice = telemetry.notice.encode(errors="backslashreplace").decode()  # it may name a file whose name is no text
        self._connection.send_bytes(encode(msgspec.structs.replace(telemetry, notice=notice)))

    def telemetry(self) -> Telemetry:
        """The state as it is now; the voices as they were when this was last asked."""
        chores = self._chores
        player, audio, ports = chores.player, chores.audio, chores.ports
        if player is None or audio is None or chores.effects is None:
            return Telemetry(notice=chores.state)
        seen = player.snapshot()
        return Telemetry(
            pad=seen.pad,
            voices=seen.voices,
            standing=seen.standing,
            polyphony=player.shedder.voices,
            load=player.load,
            latency_ms=player.latency_s * 1000,
            xruns=audio.xruns,
            peak=seen.peak,
            audio_device=audio.device,
            midi_ports=ports.listening if ports else (),
            audio_devices=audio.devices,
            available_midi_ports=ports.available if ports else (),
            recorded_release_ms=chores.recorded_release_ms,
            effects=chores.effects.states,
            plugins=self._news(),
            edited=self._edited(),
            tempo=chores.peers.conductor.bpm if chores.peers else DEFAULT_BPM,
            tempo_source=chores.peers.conductor.source.name.lower() if chores.peers else "",
            osc_port=chores.peers.osc_port if chores.peers else 0,
            preset=chores.preset,
            chosen=chores.chosen,
            preset_path=chores.chosen_path,
            model=chores.model,
            notice=self._notice(player, audio, ports, seen.beyond),
            tap=(player.output.ring.path, player.output.rate),
            samples=seen.samples,
            turned=seen.turned,
            heard=seen.heard,
            recorded_s=player.recorded_s,
            taken=chores.taken,
            memory=seen.memory if chores.restored else None,
        )

    def _news(self):
        news = self._chores.effects.news
        return news.popleft() if news else ()

    def _edited(self):
        edited = self._chores.effects.edited
        return tuple(edited.popleft() for _ in range(len(edited)))

    def _notice(self, player, audio, ports, beyond):
        """Whatever is wrong, in one line, the gravest first."""
        chores, shedder = self._chores, player.shedder
        slow = f"this machine is too slow for {shedder.polyphony} voices at once: {shedder.voices} play"
        lines = (
            chores.state,
            player.fault,
            chores.decoder_notice,
            chores.preset_notice,
            chores.take_notice,
            *(effect.problem for effect in chores.effects.states),
            chores.effects.notice,
            audio.notice,
            slow if shedder.voices < shedder.polyphony else "",
            _BEYOND if beyond else "",
            ports.notice if ports else chores.midi_notice,
            chores.peers.notice if chores.peers else "",
        )
        return " · ".join(line for line in lines if line)

    def _watch(self):
        """(Exit, line) if this process cannot go on, else None."""
        chores = self._chores
        player, audio = chores.player, chores.audio
        if chores.unusable:
            return Exit.UNUSABLE, chores.state
        if player is None or audio is None:
            return None
        if player.blocks != self._blocks:
            self._blocks, self._moved = player.blocks, time.monotonic()
        if audio.stalled():
            return Exit.STALLED, "audio: the device or its sound server has stopped"
        if time.monotonic() - self._moved > _RENDER_STILL_S:
            return Exit.STALLED, "the render thread stands still"
        if chores.busy_s > _CHORE_STILL_S:
            return Exit.STALLED, "a device does not answer"
        return None

    def _farewell(self):
        """Fade out and close what is open; a little later the process ends even if that hangs."""
        if self._chores.player is not None:
            self._chores.player.play(Panic())
            time.sleep(_FADE_S)
        self._chores.close(_FAREWELL_S)


def open_weights(source: Source, options: Options, tell: Callable[[str], object]) -> Opened:
    """A decoder for live playing. tell : gets a line while it takes long. Raises ModelError."""
    from engine.decoder.opening import held_voices, open_decoder
    from models import checkpoints

    checkpoint, warnings = checkpoints.read(source), list[str]()
    voices, choice = options.polyphony, options.decoder
    if not voices:
        voices, choice = held_voices(checkpoint, choice, VOICES, MOST_VOICES, tell)
    spare = spare_voices(voices)
    decoder = open_decoder(checkpoint, voices, choice, spare, tell=tell, warn=warnings.append, live=True)
    precision: Precision = "int8" if getattr(decoder, "precision", "") == "int8" else "float32"
    return Opened(decoder, checkpoint.fingerprint, precision, " · ".join(warnings), voices)


def main(open_: OpenWeights = open_weights) -> None:
    """Serve the client at the other end of the socket whose number is the program's argument, then end the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the client, which then asks to quit
    with contextlib.suppress(PermissionError):  # no such limit for this user: as it is
        os.setpriority(os.PRIO_PROCESS, 0, _NICE)
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    connection = Connection(int(sys.argv[1]))
    try:
        options = read(decode_options, connection.recv_bytes(LONGEST_MESSAGE))
        code = Exit.UNUSABLE if options is None else _serve(connection, options, open_)
    except (EOFError, OSError):  # the client was gone before it said what it wanted, or while it was told the end
        code = Exit.DONE
    os._exit(code)  # not sys.exit: PortAudio's own clean-up hangs or aborts when its sound server has died


def _serve(connection, options, open_):
    return Server(connection, options, open_, Rack(Shelf()).open).serve()


if __name__ == "__main__":
    main()
