"""Builds the window, connects it, and talks to the engine."""

import os
import signal
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QByteArray, QFileSystemWatcher, QTimer
from PySide6.QtGui import QIcon, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget

from common.errors import PresetError, SynthError
from common.paths import ICON
from engine.client import EngineClient
from engine.commands import (
    MpeMode,
    MusicalEvent,
    NoteOff,
    NoteOn,
    OpenAudio,
    OpenMidi,
    Panic,
    SetPortsMpe,
    SetTempo,
    ShowEditor,
)
from engine.decoder.protocol import DecoderChoice
from engine.effects.kinds import DEFAULT_BPM
from engine.telemetry import Telemetry
from models import checkpoints
from models.checkpoints.known import KnownWeights
from models.checkpoints.source import DEFAULT_SOURCE, Source
from presets.effects import PLUGIN, Plugin
from presets.library import Entry, Library
from presets.pad import Spot, place_in_words
from synthapp.autosave import Autosave
from synthapp.moving_control import MovingControl
from synthapp.plugins import pick_plugin
from synthapp.poller import Poller
from synthapp.preset_control import PresetControl
from synthapp.screen import check_screen
from synthapp.settings import SettingsFile
from synthapp.sight.control import SightControl
from synthapp.sight.spectrum import BIN_HZ
from synthapp.sounds.recorder import Recorder
from synthapp.sounds.sound_loader import SoundLoader
from synthapp.views import theme
from synthapp.views.effects.effects import EffectsView
from synthapp.views.effects.tempo import TempoField
from synthapp.views.gestures import Gestures
from synthapp.views.keys.computer_keyboard import ComputerKeyboard
from synthapp.views.keys.piano import PianoView
from synthapp.views.layout import SMALL, arrange, column, fit, has_room
from synthapp.views.library.preset_list import PresetList
from synthapp.views.moving.modulation import ModulationView
from synthapp.views.moving.play import ARPEGGIO, KEYS, PAD, TONE, PlayView
from synthapp.views.pad.pad import PadView
from synthapp.views.panel import dialogs
from synthapp.views.panel.connections import ConnectionsView
from synthapp.views.panel.envelope import EnvelopeView
from synthapp.views.panel.loading import Loading
from synthapp.views.panel.meter import MeterView
from synthapp.views.panel.notices import Notices
from synthapp.views.panel.panel import Panel
from synthapp.views.panel.recorder import RecorderView
from synthapp.views.panel.starting import StartingView
from synthapp.views.panel.status import StatusLine
from synthapp.views.panel.voice_panel import VoiceView
from synthapp.views.sight.sight import SightView
from synthapp.views.strip import Strip, scrolled

_AUTOSAVE_MS = 5000
_LIST_MS = 500  # after the last change of the presets' folder by another program, such as `factory`
_WARM_MS = 30000  # after the start, when the engine is done with its own, the encoder is made ready


class Window(QWidget):
    """The instrument. It shows the session that its control keeps, sends commands to `client`, shows its telemetry.

    client : engine.client.EngineClient, started
    library, autosave : where presets and the last state are
    source : of the weights that the engine plays
    find_weights : fingerprint -> source of these weights, None where they are not to be had
    settings : as read at the start; default: of this window alone, in a file beside the last state
    """

    def __init__(
        self, client, library: Library, autosave: Autosave, source: Source = DEFAULT_SOURCE,
        find_weights: Callable[[str], Source | None] = lambda _: DEFAULT_SOURCE, settings: SettingsFile | None = None,
    ):  # fmt: skip
        super().__init__()
        theme.styled(self, "window")
        self.client = client
        self.control = PresetControl(client, library, autosave, source, find_weights)
        self.session = self.control.session
        self.settings = settings or SettingsFile(Path(autosave.path).parent)
        self.loader = SoundLoader(self)
        self.recorder = Recorder(client, parent=self)
        self._chosen = 0  # presets that program changes have loaded
        self._small: bool | None = None  # whether the window is too low for an open strip
        self._build()
        self._connect()
        self._list_presets()
        self._show_session()
        self.pad.setFocus()

    def _build(self):
        self.status, self.loading = StatusLine(), Loading()
        self.presets, self.connections = PresetList(), ConnectionsView()
        self.pad, self.piano = PadView(), PianoView()
        self.notice = Notices(self.pad, self.loading)
        self.envelope, self.voice, self.meter = EnvelopeView(), VoiceView(), MeterView()
        self.taking = RecorderView()
        self.effects, self.tempo = EffectsView(), TempoField()
        self.playing, self.arpeggio, self.tone = PlayView(KEYS), PlayView(ARPEGGIO), PlayView(TONE)
        self.lifting = PlayView(PAD)
        self.modulation = ModulationView(self.lifting)
        self.knob_views = self.envelope, self.voice, self.playing, self.arpeggio, self.tone, self.lifting
        others = {"Motion": self.modulation, "Play": self.playing, "Arp": self.arpeggio, "Tone": self.tone}
        pages = {"Effects": self.effects} | {title: scrolled(page) for title, page in others.items()}
        self.sight = SightView(BIN_HZ)
        self.strip = Strip(pages | {"See": self.sight}, self.tempo)
        self.moving, self.seeing = MovingControl(self), SightControl(self)
        self.starting = StartingView(self.pad)
        self.keyboard = ComputerKeyboard(self, self.settings.now.octave)
        self.poller = Poller(self.client, self)
        self.panic_key = QShortcut(QKeySequence("Esc"), self)
        self.save_key = QShortcut(QKeySequence.StandardKey.Save, self)
        self.undo_key = QShortcut(QKeySequence("Ctrl+Z"), self)
        self.redo_key = QShortcut(QKeySequence("Ctrl+Shift+Z"), self)
        self.record_key = QShortcut(QKeySequence("Ctrl+R"), self)
        self.minute_key = QShortcut(QKeySequence("Ctrl+Shift+R"), self)
        self.gestures = Gestures(self)
        self._saver = QTimer(self, interval=_AUTOSAVE_MS)
        self._warmer = QTimer(self, interval=_WARM_MS, singleShot=True)
        self._lister = QTimer(self, interval=_LIST_MS, singleShot=True)
        self._watcher = QFileSystemWatcher([str(self.control.library.folder)], self)
        self._columns = (
            column((Panel("Presets", self.presets), 1), (Panel("Connections", self.connections), 0)),
            column(
                (Panel("Envelope", self.envelope), 4),
                (Panel("Voice", self.voice), 3),
                (Panel("Output", self.meter, aside=self.taking), 0),
            ),
        )
        arrange(self, self.status, self._columns, self.pad, self.strip, self.piano)
        self.setMinimumSize(880, 500)
        self.resize(1280, 800)
        self.restoreGeometry(QByteArray.fromBase64(self.settings.now.window.encode()))

    def _connect(self):
        self.pad.moved.connect(self._move_pad)
        self.pad.lifted.connect(self._lift_pad)
        for view in self.knob_views:
            view.changed.connect(self._set_parameter)
        self.moving.changed.connect(self._show_title)
        self.effects.changed.connect(self._set_effect)
        self.effects.add_wanted.connect(self._add_effect)
        self.effects.remove_wanted.connect(lambda slot: self._change_effects(self.control.remove_effect, slot))
        self.effects.move_wanted.connect(lambda *move: self._change_effects(self.control.move_effect, *move))
        self.effects.editor_wanted.connect(lambda *wish: self.client.send(ShowEditor(*wish)))
        self.tempo.changed.connect(self._set_tempo)
        self.strip.toggled.connect(self._fold)
        for keys in (self.piano, self.keyboard):
            keys.pressed.connect(lambda note, velocity: self.client.send(NoteOn(note, velocity)))
            keys.pressed.connect(self.starting.refuse)
            keys.released.connect(lambda note: self.client.send(NoteOff(note)))
        self.keyboard.moved.connect(self._move_octave)
        self.keyboard.relabelled.connect(self._label_keys)
        self.connections.audio_chosen.connect(self._choose_audio)
        self.connections.midi_chosen.connect(self._choose_midi)
        self.connections.mpe_chosen.connect(self._choose_mpe)
        self.status.panic.connect(self._panic)
        self.status.trouble_wanted.connect(self.notice.repeat_engine)
        self.panic_key.activated.connect(self._panic)
        for asked in (self.status.undo, self.undo_key.activated):
            asked.connect(self.undo)
        for asked in (self.status.redo, self.redo_key.activated):
            asked.connect(self.redo)
        self.presets.load_wanted.connect(lambda entry: self._attempt(self.load, entry))
        for asked in (self.presets.save_wanted, self.save_key.activated):
            asked.connect(lambda: self._change_library(self.control.save))
        self.presets.save_as_wanted.connect(self.save_as)
        self.presets.rename_wanted.connect(self.rename)
        self.presets.duplicate_wanted.connect(lambda entry: self._change_library(self.control.duplicate, entry))
        self.presets.delete_wanted.connect(self.delete)
        self.pad.sound_wanted.connect(self._choose_sound)
        self.pad.sound_dropped.connect(self._load_sound)
        self.pad.known_wanted.connect(self._choose_known)
        self.pad.sound_moved.connect(self._move_sound)
        self.pad.sound_unwanted.connect(self._remove_sound)
        self.pad.sum_wanted.connect(self._sum_sounds)
        self.pad.preset_dropped.connect(lambda path: self._attempt(self._play, Path(path)))
        self.pad.drop_refused.connect(self.notice.report)
        self.loading.cancelled.connect(self.loader.cancel)
        self.loader.told.connect(self._show_loading)
        self.loader.stopped.connect(lambda: self._show_loading(""))
        self.loader.loaded.connect(self._take_sound)
        self.loader.unpitched.connect(self._ask_note)
        self.loader.failed.connect(self.notice.report)
        self.taking.record_wanted.connect(self.recorder.record)
        self.record_key.activated.connect(self.recorder.toggle)
        for asked in (self.taking.minute_wanted, self.minute_key.activated):
            asked.connect(self.recorder.keep_minute)
        self.recorder.told.connect(self.notice.report)
        self.poller.updated.connect(self._show_telemetry)
        self._saver.timeout.connect(self._keep_state)
        self._warmer.timeout.connect(self._warm_encoder)
        self._watcher.directoryChanged.connect(lambda _: self._lister.start())
        self._lister.timeout.connect(self._list_presets)
        for watcher in (self.keyboard, self.gestures):
            QApplication.instance().installEventFilter(watcher)
        self._label_keys()
        self.presets.favourite_wanted.connect(self._favour)
        self.presets.show_favourites(self.settings.now.favourites)
        self.tempo.show_tempo(self.settings.now.tempo)
        if self.settings.now.tempo != DEFAULT_BPM:
            self.client.send(SetTempo(self.settings.now.tempo))
        self.connections.show_wishes(self.settings.now.audio, self.settings.now.midi)
        self.connections.mpe.show_modes(self.settings.now.mpe)

    def start(self) -> None:
        """Follow the engine, and keep the state from time to time."""
        self.poller.start()
        self._saver.start()
        self._warmer.start()

    # Gestures

    def _move_pad(self, x, y):
        self.moving.draw(x, y)
        self.control.touch_pad(x, y, self.gestures.number)
        self._show_title()

    def _lift_pad(self):
        self.control.lift_pad()
        self.pad.set_target(*self.session.pad)

    def _set_parameter(self, param, value):
        self.control.set_parameter(param, value, self.gestures.number)
        self._show_title()

    def _set_effect(self, slot, name, value):
        self.control.set_effect(slot, name, value, self.gestures.number)
        self.effects.show_chain(self.session.effects or ())
        self._show_title()

    def _add_effect(self, kind):
        if kind == PLUGIN:
            self.picker = pick_plugin(self, self._add_plugin)
        else:
            self._change_effects(self.control.add_effect, kind)

    def _add_plugin(self, found):
        plugin = Plugin(found.format, found.name, found.version, found.place)
        self._change_effects(self.control.add_effect, PLUGIN, plugin)

    def _change_effects(self, action, *arguments):
        self._attempt(action, *arguments)
        self.effects.show_chain(self.session.effects or ())
        self._show_title()

    def _set_tempo(self, bpm):
        self.settings.change(tempo=bpm)
        self.client.send(SetTempo(bpm))

    def _fold(self, is_open):
        if self.height() >= SMALL:
            self.settings.change(strip=is_open)
        self._fit()

    def _fit(self):
        fit(self.width(), self.height(), self.status, self._columns, self.strip, self.piano)

    def _move_octave(self):
        self.settings.change(octave=self.keyboard.keys.base)
        self._label_keys()

    def _label_keys(self):
        self.piano.set_letters(self.keyboard.labels)

    def _favour(self, entry):
        path, before = str(entry.path), self.settings.now.favourites
        now = tuple(each for each in before if each != path) if path in before else (*before, path)
        self.settings.change(favourites=now)
        self.presets.show_favourites(now)

    def _choose_audio(self, name):
        self.settings.change(audio=name)
        self.client.send(OpenAudio(name, self.settings.now.rate, self.settings.now.block))

    def _choose_midi(self, name):
        self.settings.change(midi=name)
        self.client.send(OpenMidi(name))

    def _choose_mpe(self, port, mode):
        others = {name: kept for name, kept in self.settings.now.mpe.items() if name != port}
        modes = others | {port: mode} if mode else others
        self.settings.change(mpe=modes)
        self.connections.mpe.show_modes(modes)
        self.client.send(SetPortsMpe(modes))

    def _panic(self):
        if self.moving.cancel():
            return
        self.keyboard.let_go()
        self.piano.let_go()
        self.client.send(Panic())

    def undo(self) -> None:
        """Take back the last step."""
        self._travel(self.control.history.undoable, self.control.undo)

    def redo(self) -> None:
        """Do again what was undone last."""
        self._travel(self.control.history.redoable, self.control.redo)

    def _travel(self, step, go):
        if step is None:
            return
        if not step.before.sounds_as(step.after):
            self.loader.cancel()  # a sound that was meant for others
        self._attempt(go)
        self._show_session()
        if step.files:
            self._list_presets()

    # Presets

    def open_first(self, wanted: str | None) -> None:
        """Play what was asked for, what was played last, or the first preset. Raises PresetError: not to be had."""
        self.notice.report(self.control.open_first(wanted))
        self._show_session()

    def load(self, entry: Entry) -> None:
        """Play a preset of the list."""
        self._play(entry.path)

    def _play(self, path):
        self.control.load(path)
        self.loader.cancel()  # a sound that was meant for another preset
        self._show_session()

    def _follow(self, telemetry):
        """Show the preset that a program change has loaded."""
        if telemetry.chosen > self._chosen:
            self.loader.cancel()
            self._attempt(self.control.follow, Path(os.fsdecode(telemetry.preset_path)))
            self._show_session()
        self._chosen = telemetry.chosen

    def save_as(self) -> None:
        """Under a name that the player types."""
        if state := self.session.snapshot():
            self._name("Save as", state.name, self.control.save_as)

    def rename(self, entry: Entry) -> None:
        self._name("Rename", entry.name, lambda name: self.control.rename(entry, name))

    def delete(self, entry: Entry) -> None:
        """Once the player agreed."""
        if dialogs.confirm(self, "Delete", f"Move “{entry.name}” to the trash?"):
            self._change_library(self.control.delete, entry)

    def _change_library(self, action, *arguments):
        if self._attempt(action, *arguments):
            self._keep_state()
            self._list_presets()
            self._show_session()

    def _name(self, title, name, action):
        """Ask for a name until it can be had; what was typed stays."""
        problem = ""
        while typed := dialogs.ask_name(self, title, name, problem):
            if typed == name and title == "Rename" and not problem:
                return
            try:
                action(typed)
            except PresetError as error:
                name, problem = typed, str(error)
            else:
                self._change_library(lambda: "")
                return

    # Own sounds

    def _warm_encoder(self):
        if self.client.telemetry().preset:
            self.loader.warm(self.control.source)

    def _choose_sound(self, spot: Spot):
        self.loader.warm(self.control.source)  # while the player looks for a file
        place = self.session.places[spot] if isinstance(spot, int) else spot
        if path := dialogs.ask_sound(self, place_in_words(place)):
            self._load_sound(spot, path)

    def _choose_known(self, place):
        sounds = self.control.known_sounds()
        chosen = dialogs.ask_known(self, [f"{name} · {preset}" for name, preset, _, _ in sounds])
        if chosen is not None:
            self._attempt(self.control.put_known_sound, place, *sounds[chosen][2:])
            self._show_session()

    def _move_sound(self, row, place):
        self.control.move_sound(row, place, self.gestures.number)
        self.pad.set_sounds(self.session.corner_names, self.session.places)
        self._show_title()

    def _remove_sound(self, row):
        self._attempt(self.control.remove_sound, row)
        self._show_session()

    def _load_sound(self, spot, path, note=None):
        """Begin to encode a file. The state goes with it: it says which weights the sound is for."""
        with self._refusals():
            self.loader.load(path, spot, self.control.state_file(), self.control.source, note)

    def _ask_note(self, spot, path):
        if note := dialogs.ask_note(self, Path(path).name):
            self._load_sound(spot, path, note)

    def _take_sound(self, spot, sound, found):
        with self._refusals():
            self.control.put_sound(spot, sound)
            self.notice.report(found)
        self._show_session()

    def _sum_sounds(self, corner, less):
        self._attempt(self.control.put_sum, corner, less)
        self._show_session()

    def _show_loading(self, text):
        self.loading.tell(text)
        self.notice.place()
        self.pad.allow_sounds(not text and self.session.preset is not None)

    @contextmanager
    def _refusals(self):
        """Told beside what was told of others: sounds that were dropped together, hands in plug-ins' windows."""
        try:
            yield
        except PresetError as error:
            self.notice.report(str(error))

    def _attempt(self, action, *arguments) -> bool:
        """Do what the player asked for, and show what it tells; a failure is one line and changes nothing."""
        try:
            self.notice.report(action(*arguments) or "")
        except PresetError as error:
            self.notice.report(str(error))
            return False
        return True

    def _keep_state(self):
        if told := self.control.keep() or self._keep_settings():
            self.notice.report(told)

    def _keep_settings(self):
        """Returns what is to be told."""
        try:
            self.settings.keep()
        except (SynthError, OSError) as error:
            return f"the settings cannot be kept: {error}"
        return ""

    # Views

    def _list_presets(self):
        self.presets.show_entries(self.control.library.entries())
        self.presets.show_playing(self.session.path)

    def _show_session(self):
        self.pad.set_sounds(self.session.corner_names, self.session.places)
        self.pad.set_target(*self.session.pad)
        self._show_parameters()
        self.moving.show()
        self.effects.show_chain(self.session.effects or ())
        self.presets.show_playing(self.session.path)
        self.presets.allow_saving(self.session.preset is not None)
        self.pad.allow_sounds(self.session.preset is not None and not self.loader.busy)
        self._show_title()

    def _show_parameters(self):
        for param, value in self.session.parameters.items():
            next(view for view in self.knob_views if param in view.knobs).set_value(param, value)

    def _take_turned(self, telemetry):
        """Show what controllers have set."""
        if self.session.preset is not None and self.control.take_turned(telemetry.turned):
            self.pad.set_target(*self.session.pad)
            self._show_parameters()
            self.effects.show_chain(self.session.effects or ())
            self._show_title()
        self.moving.hear(telemetry)

    def _take_edited(self, edited):
        """Show what hands did in plug-ins' own windows."""
        for each in edited:
            with self._refusals():
                self.control.take_edited(each)
        if edited:
            self.effects.show_chain(self.session.effects or ())
            self._show_title()

    def _show_title(self):
        title = self.session.title
        undo, redo = self.control.history.undoable, self.control.history.redoable
        self.status.set_title(title)
        self.status.allow_undo(undo.what if undo else "", redo.what if redo else "")
        self.setWindowTitle(f"{title} – Manifold")

    def _show_telemetry(self, telemetry: Telemetry, elapsed_s: float):
        self._follow(telemetry)
        self._take_turned(telemetry)
        self.pad.show_sound(telemetry.pad, telemetry.voices)
        self.piano.show_voices(telemetry.voices)
        self.envelope.set_recorded(telemetry.recorded_release_ms)
        self.starting.show_telemetry(telemetry, elapsed_s)
        self.status.show_telemetry(telemetry)
        self.connections.show_telemetry(telemetry)
        self.control.plugins.update(telemetry.plugins)
        self.effects.show_states(telemetry.effects)
        self._take_edited(telemetry.edited)
        self.recorder.source = self.control.source
        self.recorder.follow(telemetry)
        self.taking.show_time(telemetry.recorded_s)
        self.meter.advance(telemetry.peak, elapsed_s)
        self.seeing.show(telemetry)
        self.notice.show_engine(telemetry.notice)

    # Qt

    def resizeEvent(self, event):
        small, wish = self.height() < SMALL, self.settings.now.strip
        if small != self._small:
            self.strip.set_open(bool(wish) and not small)
        if wish is None and not small:
            self.strip.set_open(has_room(self.width(), self.height(), self.strip.open_height))
        self._small = small
        self._fit()

    def closeEvent(self, event):
        self.poller.stop()
        self.recorder.close()
        self.loader.cancel()
        self.loader.close()
        self._saver.stop()
        self._warmer.stop()
        self._lister.stop()
        for watcher in (self.keyboard, self.gestures):
            QApplication.instance().removeEventFilter(watcher)
        self.settings.change(window=self.saveGeometry().toBase64().toStdString())
        self._keep_state()
        event.accept()


def run_window(
    source: Source, preset: str | None, audio: str | None, midi: str | None, polyphony: int | None,
    decoder: DecoderChoice, rate: int | None = None, block: int | None = None, osc: int | None = None,
    link: bool = False, mpe: dict[str, MpeMode] | None = None, mts_esp: bool = True,
    beginning: tuple[MusicalEvent, ...] = (),
) -> int:  # fmt: skip
    """Start the engine and the window; returns the exit status once the window is closed.

    preset : name or file; audio, midi, polyphony, rate, block, osc, link, mpe, mts_esp, beginning : see `EngineClient`;
    None: as in the settings
    Raises DeviceError without a screen, ModelError for weights and PresetError for a preset that cannot be had.
    """
    check_screen()
    application = QApplication(["manifold"])  # as the desktop's entry names it
    application.setWindowIcon(QIcon(str(ICON)))
    theme.apply(application)
    settings = SettingsFile()
    told = settings.read()
    settings.ask(audio=audio, midi=midi, voices=polyphony, rate=rate, block=block)
    settings.change(mpe=settings.now.mpe | (mpe or {}))
    wanted = settings.now
    client = EngineClient(
        source, polyphony=wanted.voices or 0, decoder=decoder, audio=wanted.audio, midi=wanted.midi,
        rate=wanted.rate, block=wanted.block, osc=osc, link=link, mpe=wanted.mpe, mts_esp=mts_esp,
        beginning=beginning,
    )  # fmt: skip
    client.start()
    try:
        checkpoints.read(source)  # what is wrong with it is one line, before there is a window
        window = Window(client, Library(), Autosave(), source, KnownWeights(source).find, settings)
        window.open_first(preset)
        if told:
            window.notice.report(told)
        window.show()
        window.start()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: window.close())
        return application.exec()
    finally:
        client.stop()
