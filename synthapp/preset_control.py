"""What a player does with sounds and presets: each is one step that can be taken back. Free of Qt.

Every method returns what is to be told, or nothing; where it raises PresetError, nothing has changed.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from common.errors import ModelError, PresetError, SynthError
from engine.commands import LiftPad, LoadPreset, SetEffect, SetEffects, SetMovement, SetPad, SetParameter, SetPlaces
from engine.parameters import PAD_MODES, TABLE, Param
from engine.telemetry import Edited
from models import checkpoints
from models.checkpoints.source import Source
from presets import effects
from presets.effects import Plugin, Slot
from presets.file import SUFFIX, encode, read_preset, write_preset
from presets.library import Entry, Library, open_preset
from presets.movement import PAD_TARGETS, Movement
from presets.pad import CORNERS, Place, Spot
from presets.preset import EmbeddingSet
from synthapp import chain
from synthapp.autosave import Autosave
from synthapp.history import History, Sounds, Step
from synthapp.last_state import last_state
from synthapp.session import Moment, Session
from synthapp.sounds.playable import analogy_of


class PresetControl:
    """Keeps session, history, library, the last state and the engine in step.

    client : is sent what the engine is to play; always a file of this window's own, which nobody deletes or rewrites
    source : of the weights that play
    find_weights : fingerprint -> source of these weights, None where they are not to be had

    plugins : by slot, with their states, as the engine has opened them
    """

    def __init__(
        self, client, library: Library, autosave: Autosave, source: Source,
        find_weights: Callable[[str], Source | None],
    ):  # fmt: skip
        self.client, self.library, self.autosave, self.source = client, library, autosave, source
        self.session, self.history = Session(), History()
        self._find_weights = find_weights
        self.plugins: dict[int, Plugin] = {}
        self._sounds = Sounds()
        self._own = tempfile.TemporaryDirectory(prefix="manifold-")
        self._failing = False  # the last state could not be kept
        self._turned: dict[str, float] = {}  # what controllers had set when the engine was last asked

    # Playing

    @property
    def springs(self) -> bool:
        """The pad goes back once it is let go, so that moving it changes nothing in the session."""
        return PAD_MODES[round(self.session.parameters[Param.PAD_MODE])] == "spring"

    def touch_pad(self, x: float, y: float, gesture=None) -> None:
        """A finger, or an arrow key, moves it; `lift_pad` ends that."""
        if self.springs:
            self.client.send(SetPad(x, y, touch=True))
        else:
            self.move_pad(x, y, gesture)

    def lift_pad(self) -> None:
        """The finger is gone."""
        if self.springs:
            self.client.send(LiftPad())

    def move_pad(self, x: float, y: float, gesture=None) -> None:
        with self._step("the move on the pad", gesture and ("pad", gesture)):
            self.session.pad = (x, y)
            self.client.send(SetPad(x, y))

    def set_parameter(self, param: Param, value: float, gesture=None) -> None:
        with self._step(TABLE[param].label, gesture and (param, gesture)):
            self.session.parameters[param] = value
            self.client.send(SetParameter(param, value))

    def set_effect(self, slot: int, name: str, value: float, gesture=None) -> None:
        """One parameter of one slot of the chain."""
        played = next(each for each in self._effects if each.id == slot)
        what = f"{chain.label(played)}: {chain.rows(played)[name].label}"
        with self._step(what, gesture and (slot, name, gesture)):
            self.session.effects = chain.changed(self._effects, slot, name, value)
            self.client.send(SetEffect(slot, name, value))

    def add_effect(self, kind: str, plugin: Plugin | None = None) -> None:
        """At the end of the chain. Raises PresetError where it is full."""
        after = chain.added(self._effects, kind, plugin)
        self._change_effects(f"{chain.label(after[-1])} in the chain", after)

    def remove_effect(self, slot: int) -> None:
        self._change_effects("the effect that was taken out", chain.removed(self._effects, slot))

    def move_effect(self, slot: int, places: int) -> None:
        self._change_effects("the order of the effects", chain.moved(self._effects, slot, places))

    def _change_effects(self, what, slots: tuple[Slot, ...]):
        with self._step(what):
            effects.check(slots)
            self.session.effects = slots
            self.client.send(SetEffects(slots))

    @property
    def _effects(self):
        return self.session.effects or ()

    def set_movement(self, what: str, movement: Movement, gesture=None) -> None:
        """What moves the sound. Raises PresetError where it is too much."""
        with self._step(what, gesture and (what, gesture)):
            self.session.movement = movement
            self.client.send(SetMovement(movement))

    def take_turned(self, turned: dict[str, float]) -> bool:
        """Controllers have set these in the engine: the session says so, too. returns : whether anything is new"""
        new = {name: value for name, value in turned.items() if self._turned.get(name) != value}
        self._turned = turned
        for name, value in new.items():
            with self._step("what a controller has moved", ("controller", name)):
                if name in PAD_TARGETS:
                    x, y = self.session.pad
                    self.session.pad = (value, y) if name == PAD_TARGETS[0] else (x, value)
                elif "." in name:
                    slot, _, parameter = name.partition(".")
                    self.session.effects = chain.changed(self._effects, int(slot), parameter, value)
                elif name.upper() in Param.__members__:
                    self.session.parameters[Param[name.upper()]] = value
        return bool(new)

    def take_edited(self, edited: Edited) -> None:
        """A hand was at work in a plug-in's own window. Raises PresetError where a preset has no room for it."""
        slot = next((slot for slot in self._effects if slot.id == edited.slot and slot.plugin), None)
        if slot is None:
            return
        gesture = None if edited.plugin else ("editor", edited.slot, edited.gesture)
        with self._step(f"{chain.label(slot)}: its editor", gesture):
            after = chain.edited(self._effects, edited.slot, edited.values, edited.plugin)
            effects.check(after)
            self.session.effects = after
            if edited.plugin:  # the engine has it; who starts another is to know it, too
                self.client.send(SetEffects(after))

    # The sounds on the pad

    def put_sound(self, spot: Spot, sound: EmbeddingSet) -> None:
        """In the place of another, or at a place of its own. Raises PresetError where it cannot be."""
        with self._step(f"“{sound.name}” on the pad"):
            self.session.put_sound(spot, sound)
            self._play()

    def known_sounds(self) -> list[tuple[str, str, Path, int]]:
        """(sound, preset, its file, row there) of every sound of the library, each in the first preset that has it."""
        found: dict[str, tuple[str, str, Path, int]] = {}
        for entry in self.library.entries():
            for row, name in enumerate(entry.corners):
                found.setdefault(name, (name, entry.name, entry.path, row))
        return [found[name] for name in sorted(found, key=str.casefold)]

    def put_known_sound(self, spot: Spot, path: Path, row: int) -> None:
        """A sound of another preset. Raises PresetError where that is for other weights."""
        preset, _ = self._read(path)
        if self.session.preset is not None and not self.session.preset.fits(preset.model):
            raise PresetError(f"“{preset.corners[row].name}” is for other weights than “{self.session.preset.name}”")
        self.put_sound(spot, preset.corners[row])

    def move_sound(self, row: int, place: Place, gesture=None) -> None:
        name = self.session.corners[row].name
        with self._step(f"the place of “{name}”", gesture and ("place", row, gesture)):
            self.session.move_sound(row, place)
            self.client.send(SetPlaces(self.session.places))

    def remove_sound(self, row: int) -> None:
        """Raises PresetError where it is the last."""
        with self._step(f"“{self.session.corners[row].name}” taken from the pad"):
            self.session.remove_sound(row)
            self._play()

    def put_sum(self, corner: int, less: int) -> None:
        """Into a corner what the three others make: two of them together, less the third (A : B :: C : ?).

        Raises PresetError where they cannot be summed.
        """
        first, second = (other for other in range(CORNERS) if other not in (corner, less))
        sounds = self.session.corners
        if not sounds:
            raise PresetError("load a preset first; its sounds are summed")
        try:
            config = checkpoints.read(self.source).config
        except ModelError as error:
            raise PresetError(str(error)) from error
        self.put_sound(corner, analogy_of(config, sounds[less], sounds[second], sounds[first]))

    def state_file(self) -> Path:
        """A file with the session as it is now, for a process that makes a sound for it. Raises PresetError."""
        return self._write("state")

    # Presets

    def load(self, path: Path) -> None:
        preset, source = self._read(path)
        with self._step(f"the choice of “{preset.name}”"):
            self.session.load(preset, path)
            self._play()
        self.source = source

    def follow(self, path: Path) -> None:
        """As `load`, of a preset that the engine has loaded by itself: a program change asked for it."""
        preset, source = self._read(path)
        with self._step(f"the choice of “{preset.name}”"):
            self.session.load(preset, path)
        self.source = source

    def save(self) -> str:
        """Over the file that plays, if it is the player's own; else as a new preset of theirs."""
        state = self._whole()
        if state is None:
            return ""
        with self._step("the saving"):
            entry = self.library.save(state, self._own_file())
            self._is_saved(state, entry)
        if entry.name == state.name:
            return ""
        return f"there is another “{state.name}” of yours; this one is saved as “{entry.name}”, and both are kept"

    def save_as(self, name: str) -> None:
        if state := self._whole():
            with self._step(f"the saving as “{name}”"):
                self._is_saved(state, self.library.save_as(state, name))

    def rename(self, entry: Entry, name: str) -> None:
        with self._step(f"the renaming of “{entry.name}”"):
            renamed = self.library.rename(entry, name)
            if self.session.preset and entry.path == self.session.path:
                self.session.preset = replace(self.session.preset, name=renamed.name)
                self.session.path = renamed.path

    def duplicate(self, entry: Entry) -> str:
        with self._step(f"the copy of “{entry.name}”"):
            copy = self.library.duplicate(entry)
        return f"there is now “{copy.name}”"

    def delete(self, entry: Entry) -> str:
        """To the trash. If it plays, it plays on, unsaved."""
        with self._step(f"the deletion of “{entry.name}”"):
            self.library.delete(entry)
            if entry.path == self.session.path:
                self.session.path = None
        return f"“{entry.name}” is in the trash; undo brings it back"

    def undo(self) -> str:
        step = self.history.undoable
        return self._go(step.opposite, -1) if step else ""

    def redo(self) -> str:
        step = self.history.redoable
        return self._go(step, 1) if step else ""

    def _go(self, step, way):
        """Be as after the step, and the files, too."""
        source, now = self._source_of(step.after.preset), self.session.moment
        if source is None:
            raise step.after.preset.without_weights()
        self.session.go(step.after)
        try:
            if not step.after.sounds_as(now):
                self._write("played")
            told = self.library.apply(step.files)
        except PresetError:
            self.session.go(now)
            raise
        self.source = source
        self.history.move(way)
        self._follow(now)
        return told

    def _follow(self, before: Moment):
        """Let the engine play the session, which was another before."""
        session = self.session
        if not session.moment.sounds_as(before):
            self.client.send(LoadPreset(str(self._file("played"))))
            return
        if session.places != before.places:
            self.client.send(SetPlaces(session.places))
        if session.pad != before.pad:
            self.client.send(SetPad(*session.pad))
        for param, value in session.parameters.items():
            if value != before.parameters[param]:
                self.client.send(SetParameter(param, value))
        if session.effects != before.effects:
            self.client.send(SetEffects(self._effects))
        if session.movement != before.movement:
            self.client.send(SetMovement(session.movement))

    # The first and the last state

    def open_first(self, wanted: str | None) -> str:
        """Play the preset that was asked for by name or file, else what was played last, else the first there is.

        What was played last is one undo away. Raises PresetError where the one that was asked for cannot be had.
        """
        path = None if wanted is None else Path(wanted) if Path(wanted).is_file() else self.library.find(wanted).path
        if path is not None:
            self._read(path)
        last = last_state(self.library, self.autosave, self._sounds, lambda preset: self._source_of(preset) is not None)
        self.library.tidy()
        self.autosave.tidy()
        if last.moment is not None:
            self.session.go(last.moment)
            self.source = self._source_of(last.moment.preset)
            self.history = last.history
        if path is not None:
            self.load(path)
        elif last.moment is not None:
            self._play()
        else:
            self._load_first(last.told)
        return "; ".join(last.told)

    def _load_first(self, told):
        try:
            self.load(self.library.first().path)
        except PresetError as error:
            told.append(str(error))

    def keep(self) -> str:
        """Keep state and history for the next start. A failure is told once, and the next call tries again."""
        try:
            self.autosave.keep(self.session.snapshot(), self.history)
        except (SynthError, OSError) as error:
            told = "" if self._failing else f"the last state cannot be kept: {error}"
            self._failing = True
            return told
        self._failing = False
        return ""

    # Parts

    @contextmanager
    def _step(self, what, gesture=None) -> Iterator[None]:
        """What the block does is one step; where it fails there is none, and session and files are as before."""
        before = self.session.moment
        self.library.take_changes()
        try:
            yield
        except PresetError:
            self.session.go(before)
            self.library.apply(change.reversed for change in reversed(self.library.take_changes()))
            raise
        files = self.library.take_changes()
        if before.preset is not None:
            self.history.add(Step(what, before, self.session.moment, files, gesture))

    def _read(self, path):
        """(preset, source of its weights). Raises PresetError where one of them cannot be had."""
        preset = self._sounds.shared(open_preset(path, path.parent == self.library.factory))
        source = self._source_of(preset)
        if source is None:
            raise preset.without_weights()
        return preset, source

    def _source_of(self, preset):
        """Of the weights that it was made with; None where they are not to be had."""
        return self._find_weights(preset.model) if preset.model else self.source

    def _own_file(self):
        """The player's file that plays; None where there is none, or another program has written it since."""
        path, preset = self.session.path, self.session.preset
        if path is None or path.parent != self.library.folder:
            return None
        try:
            return path if encode(read_preset(path)) == encode(preset) else None
        except PresetError:
            return None

    def _whole(self):
        """What is to be saved, with the states of its plug-ins; None without a preset."""
        state = self.session.snapshot()
        if state is None or not state.effects:
            return state
        return replace(state, effects=chain.with_states(state.effects, self.plugins))

    def _is_saved(self, state, entry):
        self.session.load(replace(state, name=entry.name), entry.path)

    def _play(self):
        """Let the engine play the session from the start."""
        self.client.send(LoadPreset(str(self._write("played"))))

    def _write(self, name):
        state = self.session.snapshot()
        if state is None:
            raise PresetError("load a preset first; there is nothing to play yet")
        write_preset(state, self._file(name))
        return self._file(name)

    def _file(self, name):
        return Path(self._own.name) / f"{name}{SUFFIX}"
