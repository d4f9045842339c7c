"""The last steps of the history on disk, so that what was done can be undone after a restart, too.

    steps     msgpack: the steps, with their moments
    parts/    what they name, each once, by the SHA-256 of its bytes: presets, sounds in use, chains, files of the
              library

The parts are there before the steps that name them, so that a kill leaves the steps of before.
"""

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from common.atomic import remove_stale, replacing
from common.errors import PresetError
from presets.effects import Slot
from presets.file import decode, encode
from presets.library import Change
from presets.movement import STILL, Movement
from presets.preset import Preset
from synthapp.history import History, Sounds, Step, within
from synthapp.session import Moment, parameters_of

KEPT = 200  # steps
KEPT_BYTES = 96 * 2**20  # of sounds and files that they hold


class _Moment(msgspec.Struct):
    preset: str
    sounds: str  # a preset too, of which only the sounds and their places count
    path: bytes | None
    pad: tuple[float, float]
    parameters: dict[str, float]
    effects: str | None = None  # a chain; None: there is none, and nothing said of it
    movement: str | None = None  # None: nothing moves


class _Change(msgspec.Struct):
    path: bytes
    before: str | None
    after: str | None


class _Step(msgspec.Struct):
    what: str
    before: int  # of the moments
    after: int
    files: list[_Change]


class _Steps(msgspec.Struct, forbid_unknown_fields=True):
    moments: list[_Moment]
    steps: list[_Step]
    done: int
    version: int = 1


class UndoFile:
    """A History in a folder."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._parts = folder / "parts"
        self._rows: dict[int, tuple[object, Any]] = {}  # of the steps and moments that were written last, by id
        self._presets: dict[tuple, str] = {}  # names of the parts of those that are there

    def keep(self, history: History) -> None:
        """Write the last steps. Raises SynthError, OSError."""
        self._parts.mkdir(parents=True, exist_ok=True)
        first = len(history.steps) - within(history.steps, KEPT, KEPT_BYTES)
        table = self._table(history.steps[first:], max(0, history.done - first))
        with replacing(self.folder / "steps") as temporary:
            temporary.write_bytes(msgspec.msgpack.encode(table))
        self._remove_others(table)

    def load(self, sounds: Sounds) -> History:
        """What was kept, or an empty one; its sounds as `sounds` knows them. Raises PresetError, one line."""
        path = self.folder / "steps"
        if not path.exists():
            return History()
        try:
            table = msgspec.msgpack.decode(path.read_bytes(), type=_Steps)
            return self._history(table, sounds)
        except (ValueError, IndexError, OSError, msgspec.MsgspecError, PresetError) as error:
            raise PresetError(
                f"{self.folder} cannot be read: {error}; what was done before cannot be undone"
            ) from error

    # Writing

    def _table(self, steps, done):
        """Rows that were written before are taken over; each lies beside its object, so that no other gets its id."""
        known, self._rows = self._rows, {}
        moments = {id(moment): moment for step in steps for moment in (step.before, step.after)}
        places = {key: place for place, key in enumerate(moments)}
        for key, step in ((id(step), step) for step in steps):
            self._rows[key] = known.get(key) or (step, [self._change(change) for change in step.files])
        for key, moment in moments.items():
            self._rows[key] = known.get(key) or (moment, self._moment(moment))
        rows = [
            _Step(step.what, places[id(step.before)], places[id(step.after)], self._rows[id(step)][1]) for step in steps
        ]
        return _Steps([self._rows[key][1] for key in moments], rows, done)

    def _moment(self, moment):
        return _Moment(
            self._write_preset(moment.preset, moment.preset.corners, moment.preset.places),
            self._write_preset(moment.preset, moment.corners, moment.places),
            None if moment.path is None else os.fsencode(moment.path),
            moment.pad,
            {param.name.lower(): value for param, value in moment.parameters.items()},
            None if moment.effects is None else self._write(msgspec.msgpack.encode(moment.effects)),
            None if moment.movement == STILL else self._write(msgspec.msgpack.encode(moment.movement)),
        )

    def _write_preset(self, preset, corners, places):
        """The name of the part that holds the preset with these sounds."""
        key = (preset, corners, places)
        if key not in self._presets:
            self._presets[key] = self._write(encode(replace(preset, corners=corners, places=places)))
        return self._presets[key]

    def _change(self, change):
        return _Change(os.fsencode(change.path), self._write(change.before), self._write(change.after))

    def _write(self, content):
        if content is None:
            return None
        name = hashlib.sha256(content).hexdigest()
        if not (self._parts / name).exists():
            with replacing(self._parts / name) as temporary:
                temporary.write_bytes(content)
        return name

    def _remove_others(self, table):
        remove_stale(self._parts)
        named = {name for moment in table.moments for name in (moment.preset, moment.sounds)}
        named |= {part for moment in table.moments for part in (moment.effects, moment.movement)}
        named |= {name for step in table.steps for change in step.files for name in (change.before, change.after)}
        for path in self._parts.iterdir():
            if not path.name.startswith(".") and path.name not in named:
                path.unlink(missing_ok=True)
        self._presets = {key: name for key, name in self._presets.items() if name in named}

    # Reading

    def _history(self, table, sounds):
        presets: dict[str, Preset] = {}
        for name in {name for moment in table.moments for name in (moment.preset, moment.sounds)}:
            presets[name] = sounds.shared(decode(self._read(name)))
        moments = [self._moment_of(moment, presets) for moment in table.moments]
        steps = [Step(step.what, moments[step.before], moments[step.after], self._changes_of(step))
                 for step in table.steps]  # fmt: skip
        if not 0 <= table.done <= len(steps):
            raise ValueError(f"{table.done} of {len(steps)} steps are done")
        return History(steps, table.done)

    def _moment_of(self, moment, presets):
        path = None if moment.path is None else Path(os.fsdecode(moment.path))
        preset = presets[moment.preset]
        parameters = parameters_of(replace(preset, parameters=moment.parameters))
        content = self._read(moment.effects)
        effects = None if content is None else msgspec.msgpack.decode(content, type=tuple[Slot, ...])
        content = self._read(moment.movement)
        movement = STILL if content is None else msgspec.msgpack.decode(content, type=Movement)
        sounds = presets[moment.sounds]
        return Moment(preset, path, sounds.corners, moment.pad, parameters, effects, movement, sounds.places)

    def _changes_of(self, step):
        return tuple(
            Change(Path(os.fsdecode(change.path)), self._read(change.before), self._read(change.after))
            for change in step.files
        )

    def _read(self, name):
        if name is None:
            return None
        content = (self._parts / Path(name).name).read_bytes()
        if hashlib.sha256(content).hexdigest() != name:
            raise ValueError(f"part {name[:12]} is damaged")
        return content
