"""All other programs that the engine listens to beside its MIDI ports, as the chores thread opens and polls them."""

import time
from collections.abc import Callable

from common.errors import SynthError
from engine.commands import PORTS, AnyCommand, LoadPreset, SetTempo
from engine.events.tempo import Tick
from engine.peers.addresses import commands_of
from engine.peers.conductor import Conductor
from engine.peers.link import Link
from engine.peers.mts_esp import opened as mts_esp_client
from engine.peers.osc import OscPort
from engine.peers.transport import JackTransport

_OSC_CHANNELS = PORTS - 1  # whose channels OSC's notes play on; MIDI ports are numbered from below


class Peers:
    """play : (event, time), from any thread; load : gets a preset's name or file, from the OSC thread
    pad : where it stands; osc : the UDP port, None: none; link : join a Link session
    mts_esp : follow the tuning of a master

    notice : what is missing or was told wrong, one line; conductor : the tempo
    """

    def __init__(
        self, play: Callable[[AnyCommand, float | None], object], load: Callable[[str], object],
        pad: Callable[[], tuple[float, float]], osc: int | None = None, link: bool = False,
        mts_esp: bool = True,
    ):  # fmt: skip
        self._play, self._load, self._pad = play, load, pad
        self._missing: list[str] = []
        self._wrong = ""  # what OSC said last, where it made no sense
        link_giver = self._had(Link) if link else None
        givers = (JackTransport(), link_giver) if link_giver else (JackTransport(),)
        self.conductor = Conductor(lambda tempo: play(tempo, None), givers)
        self._tuning = mts_esp_client(lambda tuning: play(tuning, None)) if mts_esp else None
        self._osc = None if osc is None else self._had(lambda: OscPort(osc, self._hear))

    @property
    def notice(self) -> str:
        return " · ".join(filter(None, (*self._missing, self._wrong)))

    @property
    def osc_port(self) -> int:
        """That it hears OSC on; 0: none."""
        return self._osc.number if self._osc is not None else 0

    def tick(self, tick: Tick, now: float) -> None:
        """Of a MIDI clock, from its port's thread."""
        self.conductor.tick(tick, now)

    def poll(self) -> None:
        """Ask for tempos. To be called some times a second."""
        self.conductor.poll()

    def close(self) -> None:
        self.conductor.close()
        if self._tuning is not None:
            self._tuning.close()
        if self._osc is not None:
            self._osc.close()

    def _had(self, make):
        try:
            return make()
        except SynthError as error:
            self._missing.append(str(error))
            return None

    def _hear(self, address, arguments):
        """An OSC message, in its thread."""
        now = time.monotonic()
        try:
            commands = commands_of(address, arguments, self._pad(), _OSC_CHANNELS)
        except SynthError as error:
            self._wrong = str(error)
            return
        self._wrong = ""
        for command in commands:
            if isinstance(command, SetTempo):
                self.conductor.knob(command.bpm)
            elif isinstance(command, LoadPreset):
                self._load(command.path)
            else:
                self._play(command, now)
