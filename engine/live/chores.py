"""All that may take long in the engine process: weights, compiling, presets, devices and ports, one after the other.

Threading model:
  chores thread: everything but the below
  MIDI threads : `_hear`
  main thread  : `start`, `give`, `waiting`, `busy_s`, `close`, and reading the plain attributes
"""

import gc
import os
import queue
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from msgspec import structs

from common.errors import SynthError
from engine.commands import (
    AnyCommand,
    LoadPreset,
    MpeMode,
    OpenAudio,
    OpenMidi,
    Record,
    Restore,
    SaveTake,
    SetEffects,
    SetPortsMpe,
    SetTempo,
    ShowEditor,
)
from engine.decoder.protocol import Decoder, Precision
from engine.effects.table import OpenPlugin, no_plugins, warm_up
from engine.events.programs import ProgramChanges
from engine.events.tempo import Tick
from engine.live.audio_out import DEFAULT_RATE, AudioOut
from engine.live.effects import LiveEffects
from engine.live.player import Player
from engine.live.ports import MidiPorts
from engine.live.stream import NullStream
from engine.peers.peers import Peers
from engine.performance import write_take
from engine.protocol import VOICES, Options
from engine.synth import Synth
from engine.voice.sound import Sound, pitch_notice, recorded_release_ms
from models.checkpoints.known import KnownWeights
from models.checkpoints.source import Source
from presets.library import load_preset, preset_path
from presets.preset import Preset
from presets.programs import Programs

_WATCH_S = 0.25  # how often to look whether those who play are still there
_LOOK_TURNS = 4  # of them between two looks for devices and ports
_PREPARING = "preparing; the very first start compiles for a minute"


@dataclass(frozen=True)
class Opened:
    """decoder : ready to play; model : fingerprint of its weights, empty where it plays any preset

    precision : of the decoder; notice : what about it is otherwise than was asked for, one line
    polyphony : voices that it plays at once where no number was asked for
    """

    decoder: Decoder
    model: str = ""
    precision: Precision = "float32"
    notice: str = ""
    polyphony: int = VOICES


@dataclass(frozen=True)
class Program:
    """A preset that was asked for by a MIDI program change."""

    bank: int
    number: int


@dataclass(frozen=True)
class Asked:
    """A preset that was asked for by OSC: its name, or its file."""

    preset: str


OpenWeights = Callable[[Source, Options, Callable[[str], object]], Opened]


class Chores:
    """open_ : (Source, Options, tell) -> Opened; tell gets a line while it takes long
    open_plugin : makes the effects that are hosted

    player, audio, effects, peers, ports : None until they are there
    preset : name of the loaded one; recorded_release_ms : see `Telemetry`; model : fingerprint of the weights that play
    taken : takes that were saved, and where the last one is
    state, decoder_notice, preset_notice, midi_notice, take_notice : what is wrong, one line each, or empty
    unusable : the engine cannot play at all; `state` says why
    chosen : presets that program changes and OSC have loaded; chosen_path : the last one's file
    restored : it stands where the engine before it stood
    """

    def __init__(self, options: Options, open_: OpenWeights, open_plugin: OpenPlugin = no_plugins):
        self.player: Player | None = None
        self.audio: AudioOut | None = None
        self.effects: LiveEffects | None = None
        self.peers: Peers | None = None
        self.ports: MidiPorts | None = None
        self.preset = self.model = ""
        self.recorded_release_ms = 0.0
        self.state = _PREPARING
        self.decoder_notice = self.preset_notice = self.midi_notice = self.take_notice = ""
        self.taken: tuple[int, str] = (0, "")
        self._recording = ""  # where the one that runs is to go
        self.unusable = self.restored = False
        self._options = options
        self._open, self._open_plugin = open_, open_plugin
        self._opened: Opened | None = None
        self._known = KnownWeights(options.source)
        self._queue: queue.SimpleQueue = queue.SimpleQueue()
        self._programs = ProgramChanges(options.program_channel)
        self.chosen, self.chosen_path = 0, b""
        self._turns = 0
        self._mpe: dict[str, MpeMode] = {}
        self._given = self._done = 0  # one is written by the main thread, the other by the chores thread
        self._since: float | None = None  # when the chore in hand was begun
        self._closed = threading.Event()

    # -- main thread

    def start(self) -> None:
        threading.Thread(target=self._loop, name="chores", daemon=True).start()

    def give(self, command: AnyCommand) -> None:
        """To be done after those given before."""
        self._given += 1
        self._queue.put(command)

    @property
    def waiting(self) -> bool:
        """Whether something given is not done yet."""
        return self._given != self._done

    @property
    def busy_s(self) -> float:
        """How long the chore in hand takes already."""
        since = self._since
        return 0.0 if since is None else time.monotonic() - since

    def close(self, patience_s: float) -> None:
        """Close ports and device; wait no longer than that for it."""
        self._queue.put(None)
        self._closed.wait(patience_s)

    # -- chores thread

    def _loop(self):
        try:
            self._prepare()
        except SynthError as error:
            self.state, self.unusable = str(error), True
            return
        except Exception as error:  # a defect: say so, once
            traceback.print_exc()
            self.state, self.unusable = f"the engine cannot start: {error!r}", True
            return
        while not self._closed.is_set():
            self._next()

    def _prepare(self):
        """Weights, compiling, and a player that plays into nothing for now."""
        options = self._options
        opened = self._open(options.source, options, self._tell)
        rate = opened.decoder.config.rate
        warm_up()
        player = Player(self._builder(opened), NullStream(DEFAULT_RATE), rate, self._polyphony(opened))
        self._opened, self.model, self.decoder_notice = opened, opened.model, opened.notice
        gc.collect()
        gc.freeze()  # what is there by now stays: later collections, which stop every thread, need not look at it
        player.start()
        self.effects = LiveEffects(player, self._open_plugin)
        self.peers = Peers(
            self._hear, lambda name: self._queue.put(Asked(name)), lambda: player.snapshot().pad,
            options.osc, options.link, options.mts_esp,
        )  # fmt: skip
        self.audio, self.player, self.state = AudioOut(player), player, ""

    def _builder(self, opened):
        """(device rate, chain) -> a synth that plays this decoder."""
        polyphony, seed = self._polyphony(opened), self._options.seed
        return lambda rate, chain: Synth(opened.decoder, rate, polyphony, seed, chain)

    def _polyphony(self, opened):
        return self._options.polyphony or opened.polyphony

    def _tell(self, line):
        self.state = line

    def _next(self):
        """The next chore, or a look around where there is none for a while."""
        try:
            chore = self._queue.get(timeout=_WATCH_S)
        except queue.Empty:
            self._turns += 1
            if self.player.lost and self._options.decoder.backend != "cpu":
                self._attempt(self._leave_gpu)
            self._attempt(self._watch if self._turns % _LOOK_TURNS else self._look)
            return
        if chore is None:
            self._attempt(self._close)
            self._closed.set()
        elif isinstance(chore, Program | Asked):
            self._attempt(self._choose, chore)
        else:
            self._attempt(self._do, chore)
            self._done += 1

    def _attempt(self, action, *arguments):
        """No chore may end the thread."""
        self._since = time.monotonic()
        try:
            action(*arguments)
        except Exception as error:  # a defect; the instrument plays on
            traceback.print_exc()
            self.state = f"internal error: {error!r}; please report it"
        self._since = None

    def _do(self, chore):
        match chore:
            case LoadPreset(path, raw):
                self._load(os.fsdecode(raw) if raw else path)
            case Restore(events):
                for event in events:
                    self.player.play(event)
                self.restored = True
            case SetTempo(bpm):
                self.peers.conductor.knob(bpm)
            case SetEffects(slots):
                self.effects.change(slots)
            case ShowEditor(slot, shown):
                self.effects.show_editor(slot, shown)
            case Record(path):
                self._recording, self.take_notice = path, ""
                self.player.record()
            case SaveTake(path, seconds):
                self._save_take(path, seconds)
            case OpenAudio(device, rate, block, dry):
                self._end_recording()  # another rate is another synth
                self.audio.open(device, rate, block, dry)
            case OpenMidi(port):
                self._listen(port)
            case SetPortsMpe(modes):
                self._mpe = modes
                if self.ports is not None:
                    self.ports.set_mpe(modes)
            case event:
                self.player.play(event)

    def _save_take(self, path, seconds):
        opened = self._opened
        try:
            take = self.player.take(seconds, opened.model, opened.precision, self._options.seed)
            write_take(take, Path(path))
        except SynthError as error:
            self.take_notice = str(error)
            return
        self.taken, self.take_notice = (self.taken[0] + 1, path), ""

    def _end_recording(self):
        """Write one that runs: what comes now cannot be in the same take."""
        if self.player.recorded_s is not None:
            self._save_take(self._recording, None)

    def _choose(self, wish):
        """What no window has asked for, and windows follow."""
        try:
            path = preset_path(wish.preset) if isinstance(wish, Asked) else Programs().find(wish.bank, wish.number).path
        except SynthError as error:
            self.preset_notice = str(error)
            return
        if self._load(str(path)):
            self.chosen_path = os.fsencode(path)
            self.chosen += 1

    def _load(self, path):
        """Returns whether it plays now."""
        try:
            preset = load_preset(path)
            self._play(preset)
        except SynthError as error:
            self.preset_notice = str(error)
            return False
        config = self._opened.decoder.config
        self.preset, self.preset_notice = preset.name, pitch_notice(preset, config)
        self.recorded_release_ms = recorded_release_ms(preset, config)
        return True

    def _play(self, preset):
        """Raises SynthError; what played before then plays on."""
        if preset.fits(self.model):
            self.player.load_sound(Sound.from_preset(preset, self._opened.decoder.config))
            self.effects.change(preset.effects or ())
        else:
            self._change(self._open_for(preset), preset)

    def _open_for(self, preset: Preset) -> Opened:
        """A decoder of the preset's own weights, beside the one that plays. Raises SynthError."""
        self._since = None  # it may compile for a minute: that is no device that does not answer
        source = self._known.find(preset.model)
        if source is None:
            raise preset.without_weights()
        self._tell(f"opening the weights of {preset.name} …")
        try:
            return self._open(source, self._options, self._tell)
        finally:
            self._tell("")

    def _change(self, opened, preset):
        """From now on the other decoder plays; the one before sounds until its notes are released and faded."""
        try:
            sound = Sound.from_preset(preset, opened.decoder.config)
        except SynthError:
            opened.decoder.close()
            raise
        effects, gone = self.effects.another(preset.effects or ())
        before, self._opened, self.model = self._opened, opened, opened.model
        self.decoder_notice = opened.notice
        polyphony, rate = self._polyphony(opened), opened.decoder.config.rate
        self._end_recording()
        if self.player.change(self._builder(opened), rate, polyphony, sound, effects):
            before.decoder.close()
            for insert in gone:
                insert.close()

    def _leave_gpu(self):
        """The decoder's GPU plays no more: the processor goes on, now and for all weights to come."""
        self._since = None
        self._options = structs.replace(self._options, decoder=replace(self._options.decoder, backend="cpu"))
        failed, before = f"the GPU failed ({self.player.lost})", self._opened
        self._tell(f"{failed}; opening the processor's decoder …")
        try:
            source = self._known.find(self.model) or self._options.source
            self._opened = self._open(source, self._options, self._tell)
        except SynthError as error:
            self.decoder_notice = f"{failed}, and the processor cannot go on: {error}"
            return
        finally:
            self._tell("")
        self.player.restart(self._builder(self._opened), self._polyphony(self._opened))
        before.decoder.close()
        self.decoder_notice = f"{failed}; the processor plays in its place"

    def _listen(self, part):
        try:
            self.ports = self.ports or MidiPorts(self._hear)
            self.ports.set_mpe(self._mpe)
            self.ports.listen(part)
            self.midi_notice = ""
        except SynthError as error:
            self.midi_notice = str(error)

    def _hear(self, event, time):
        """From a port, in its thread: a preset is for the chores, all else for the player."""
        if isinstance(event, Tick):
            self.peers.tick(event, time)
            return
        asked = self._programs.take(event)
        if asked is not None:
            self._queue.put(Program(*asked))
        self.player.play(event, time)

    def _watch(self):
        self.peers.poll()
        self.effects.tidy()
        if self.ports is not None:
            self.ports.watch()

    def _look(self):
        self.effects.tidy()
        self.audio.retry()
        if self.ports is not None:
            self.ports.poll()
            self.ports.watch()

    def _close(self):
        if self.ports is not None:
            self.ports.close()
        self.peers.close()
        self.effects.close()
        self.audio.close()
        self.player.stop()
