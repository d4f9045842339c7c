"""The session as it was when the window was closed or killed, and the steps that led there.

What cannot be read or played is kept aside under another name and told; it is never written over.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from common.errors import PresetError
from presets.file import encode
from presets.library import Library, open_preset
from presets.preset import Preset
from synthapp.autosave import Autosave
from synthapp.history import History, Sounds, Step
from synthapp.session import Moment, Session


@dataclass
class LastState:
    """moment : None where there is nothing to come back to; told : one line each"""

    moment: Moment | None = None
    history: History = field(default_factory=History)
    told: list[str] = field(default_factory=list)


def last_state(library: Library, autosave: Autosave, sounds: Sounds, playable: Callable[[Preset], bool]) -> LastState:
    """Where the library still has the preset that the state came from, the difference is unsaved.

    playable : whether a preset's weights are to be had
    """
    found = LastState()
    found.history = _salvaged(lambda: autosave.load_history(sounds), autosave.set_history_aside, found) or History()
    last = found.history.now
    state = _salvaged(autosave.load, autosave.set_aside, found)
    if state is None and last is not None:
        state = last.snapshot()
    if state is None:
        return found
    base, path = _base(library, state, last, lambda path: _read(library, path, sounds, playable))
    if not playable(state):
        _without_weights(found, autosave, state)
        if base is None:
            return LastState(told=found.told)
        state = replace(base, pad=state.pad, parameters=state.parameters, effects=state.effects)
    session = Session()
    session.load(base or sounds.shared(state), path)
    session.restore(sounds.shared(state))
    found.moment = session.moment
    if last is not None:  # the state may be younger than the steps
        found.history.add(Step("what changed last", last, found.moment))
    return found


def _salvaged(load, set_aside, found):
    """What was kept; None where there is nothing, or nothing that can be read."""
    try:
        return load()
    except PresetError as error:
        try:
            found.told.append(f"{error}; it is kept as “{set_aside('damaged').name}”")
        except PresetError as problem:
            found.told.append(f"{error}; {problem}")
        return None


def _without_weights(found, autosave, state):
    """Keep aside what only other weights can play, and the steps that led there."""
    told = f"“{state.name}” was last played with other weights; its sounds of then are kept in"
    try:
        found.told.append(f"{told} {autosave.set_aside(f'of {state.model}')}")
        if found.history.steps:
            autosave.set_history_aside(f"of {state.model}")
    except PresetError as error:
        found.told.append(str(error))
    found.history = History()


def _base(library, state, last, read):
    """The preset that the state came from, and its file; None for what cannot be had any more."""
    if last is None or last.preset.name != state.name:
        found = ((read(entry.path), entry.path) for entry in library.entries() if entry.name == state.name)
        return next((pair for pair in found if pair[0]), (None, None))
    base = read(last.path) if last.path else None
    if base is None:
        return (last.preset, None) if last.preset.model == state.model else (None, None)
    return (last.preset if encode(base) == encode(last.preset) else base), last.path


def _read(library: Library, path: Path, sounds, playable):
    """The preset in a file; None where it cannot be read or played."""
    try:
        preset = open_preset(path, path.parent == library.factory)
    except PresetError:
        return None
    return sounds.shared(preset) if playable(preset) else None
