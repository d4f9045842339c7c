"""Undo and redo, and how they come back after a restart."""

import os
from dataclasses import replace

import numpy as np
import pytest

from common.errors import PresetError
from engine.commands import LoadPreset, SetPad, SetParameter
from engine.parameters import Param
from models.checkpoints.source import DEFAULT_SOURCE
from presets.file import encode, read_preset
from presets.preset import EmbeddingSet
from synthapp import history as history_module
from synthapp.autosave import Autosave
from synthapp.history import History, Sounds
from synthapp.preset_control import PresetControl
from tests.synthapp.fakes import four_sounds

HARP = EmbeddingSet("Harp", np.ones((1, 1, 8, 4), np.float32), loop=(2, 5), release=6)


@pytest.fixture(autouse=True)
def trash(monkeypatch):
    monkeypatch.setattr("send2trash.send2trash", lambda path: path.unlink())


@pytest.fixture
def make(client, library):
    """make(autosave) -> a control as a window has one, that plays what was played last."""

    def make(autosave, wanted=None):
        control = PresetControl(client, library, autosave, DEFAULT_SOURCE, lambda model: DEFAULT_SOURCE)
        control.told = control.open_first(wanted)
        client.commands.clear()
        return control

    return make


@pytest.fixture
def control(make, autosave):
    return make(autosave, "Dawn")


def everything(control):
    """What the player would lose: the session, title included, and the files of the library."""
    files = {path.name: path.read_bytes() for path in control.library.folder.iterdir()}
    return encode(control.session.snapshot()), control.session.title, control.session.path, files


def gestures(control):
    """Everything that can be done, one after the other."""
    library = control.library
    yield lambda: control.move_pad(0.9, 0.1, 1)
    yield lambda: control.set_parameter(Param.ATTACK_MS, 80.0, 2)
    yield lambda: control.put_sound(1, HARP)
    yield lambda: control.put_sound((0.4, 0.6), HARP)
    yield lambda: control.move_sound(0, (0.2, 0.1), 3)
    yield lambda: control.remove_sound(2)
    yield lambda: control.save()
    yield lambda: control.load(library.find("Four winds").path)
    yield lambda: control.move_pad(0.3, 0.3, 4)
    yield lambda: control.save()
    yield lambda: control.save_as("Noon")
    yield lambda: control.rename(library.find("Noon"), "Midnight")
    yield lambda: control.duplicate(library.find("Dusk"))
    yield lambda: control.delete(library.find("Midnight"))
    yield lambda: control.save()


def test_everything_can_be_undone_and_done_again(control):
    states = [everything(control)]
    for gesture in gestures(control):
        gesture()
        states.append(everything(control))
    for state in reversed(states[:-1]):
        assert control.undo() == "" and everything(control) == state
    assert control.undo() == "" and everything(control) == states[0]  # nothing more
    for state in states[1:]:
        assert control.redo() == "" and everything(control) == state


def test_the_way_back_survives_a_restart(control, make, autosave):
    states = [everything(control)]
    for gesture in gestures(control):
        gesture()
        states.append(everything(control))
    control.undo()
    assert control.keep() == ""
    again = make(autosave)
    assert again.told == "" and everything(again) == states[-2]
    for state in reversed(states[:-2]):
        assert again.undo() == "" and everything(again) == state
    for state in states[1:]:
        again.redo()
        assert everything(again) == state


def test_what_is_asked_for_at_the_start_does_not_lose_what_was_played_last(control, make, autosave):
    control.put_sound(1, HARP)
    control.keep()
    again = make(autosave, "Dusk")
    assert again.session.title == "Dusk"
    again.undo()
    assert again.session.title == "Dawn*" and again.session.corner_names[1] == "Harp"


def test_a_last_state_younger_than_the_steps_is_one_step_more(control, make, autosave):
    control.move_pad(0.1, 0.1)
    control.keep()
    control.move_pad(0.9, 0.9)
    autosave.keep(control.session.snapshot())  # and then it was killed
    again = make(autosave)
    assert again.session.pad == (0.9, 0.9)
    again.undo()
    assert again.session.pad == (0.1, 0.1)


def test_a_factory_preset_is_not_taken_for_the_players_of_that_name_after_a_restart(control, make, autosave):
    factory = control.library.find("Four winds").path
    mine = control.library.save(four_sounds("Four winds", pad=(0.9, 0.9))).path
    before = mine.read_bytes()
    control.load(factory)
    control.move_pad(0.1, 0.1)
    control.keep()
    again = make(autosave)
    assert again.session.path == factory
    assert again.save().startswith("there is another “Four winds” of yours; this one is saved as “Four winds 2”")
    assert mine.read_bytes() == before and again.session.title == "Four winds 2"


def test_what_another_window_saved_is_not_saved_over(control):
    path = control.library.find("Dawn").path
    control.library.save(replace(four_sounds("Dawn"), author="another window"), path)
    control.move_pad(0.1, 0.1)
    assert "“Dawn 2”" in control.save()
    assert read_preset(path).author == "another window"
    assert control.save() == "" and control.session.title == "Dawn 2"


def test_a_drag_is_one_step_and_what_leads_nowhere_is_none(control):
    for place in (0.1, 0.2, 0.3):
        control.move_pad(place, place, 7)
    control.set_parameter(Param.ATTACK_MS, 80.0, 7)
    control.move_pad(0.9, 0.9, 8)
    control.move_pad(0.3, 0.3, 8)
    assert [step.what for step in control.history.steps] == ["the move on the pad", "Attack"]
    control.undo()
    control.undo()
    assert control.session.title == "Dawn"


def test_going_on_after_an_undo_forgets_nothing(control):
    control.move_pad(0.1, 0.1)
    control.undo()
    control.move_pad(0.2, 0.2)
    control.undo()
    control.undo()
    assert control.session.pad == (0.1, 0.1)
    control.undo()
    assert control.session.pad == (0.5, 0.5) and control.history.undoable is None


def test_the_engine_hears_no_more_than_what_changes(control, client):
    control.move_pad(0.1, 0.1)
    control.set_parameter(Param.ATTACK_MS, 80.0)
    control.put_sound(0, HARP)
    client.commands.clear()
    control.undo()
    (load,) = client.commands
    assert isinstance(load, LoadPreset) and read_preset(load.path).corners[0].name == "Flute"
    control.undo()
    control.undo()
    assert client.commands[1:] == [SetParameter(Param.ATTACK_MS, 2.0), SetPad(0.5, 0.5)]


def test_a_gesture_that_fails_is_no_step(control):
    before = everything(control)
    for action in (
        lambda: control.put_sound(0, replace(HARP, latents=np.zeros((1, 1, 8, 5), np.float32))),
        lambda: control.save_as("Dusk"),
        lambda: control.rename(control.library.find("Four winds"), "Mine"),
    ):
        with pytest.raises(PresetError):
            action()
    assert control.history.steps == [] and everything(control) == before


def test_a_full_disk_refuses_what_the_engine_could_not_be_told(control, client, monkeypatch):
    def fail(*_):
        raise PresetError("preset: cannot be written (No space left on device)")

    monkeypatch.setattr("synthapp.preset_control.write_preset", fail)
    before = everything(control)
    with pytest.raises(PresetError, match="No space left"):
        control.put_sound(0, HARP)
    assert client.commands == [] and everything(control) == before


def test_a_file_that_another_program_changed_is_left_and_told(control):
    control.save_as("Noon")
    path = control.library.find("Noon").path
    control.library.save(replace(four_sounds("Noon"), author="another"), path)
    assert "changed by another program" in control.undo()
    assert control.session.title == "Dawn" and read_preset(path).author == "another"


def test_a_history_holds_each_sound_once_and_no_more_than_it_may(control, monkeypatch):
    for _ in range(3):
        for name in ("Dusk", "Dawn"):
            control.load(control.library.find(name).path)
    sounds = {id(sound) for step in control.history.steps for sound in step.after.corners}
    assert len(sounds) == 8
    monkeypatch.setattr(history_module, "MOST", 10)
    for number in range(50):
        control.move_pad(number / 50, 0.0)
    assert len(control.history.steps) == 10
    monkeypatch.setattr(history_module, "MOST_BYTES", 1)
    control.move_pad(0.0, 1.0)
    assert len(control.history.steps) == 1


@pytest.mark.parametrize("harm", ["steps", "parts", "last", "all"])
def test_what_is_damaged_is_set_aside_told_and_not_lost(control, make, autosave, harm):
    control.move_pad(0.1, 0.1)
    control.put_sound(0, HARP)
    control.keep()
    folder, damaged = autosave.path.parent, []
    if harm in ("steps", "all"):
        damaged.append(folder / "undo" / "steps")
    if harm in ("last", "all"):
        damaged.append(autosave.path)
    if harm == "parts":
        damaged += (folder / "undo" / "parts").iterdir()
    for path in damaged:
        path.write_bytes(path.read_bytes()[:-8])
    harmed = [path.read_bytes() for path in damaged]
    again = make(autosave)
    assert "it is kept as" in again.told and " damaged" in again.told
    assert again.session.title == ("Four winds" if harm == "all" else "Dawn*")
    again.keep()
    left = {path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert left.issuperset(harmed)


def test_a_damaged_preset_of_the_same_name_does_not_hide_the_last_state(control, make, autosave):
    control.put_sound(0, HARP)
    control.keep()
    path = control.library.find("Dawn").path
    path.write_bytes(path.read_bytes()[:-8])
    again = make(autosave)
    assert again.told == "" and again.session.corner_names[0] == "Harp" and again.session.title == "Dawn*"
    again.save()
    assert again.session.path != path and read_preset(again.session.path).corners[0].name == "Harp"


def test_two_windows_have_a_last_state_and_a_file_for_the_engine_each(make, autosave, tmp_path, client, library):
    one, other = make(autosave, "Dawn"), make(second := Autosave(tmp_path / "state"), "Dusk")
    assert autosave.path.name == "last.manifold" and second.path.name == "last 2.manifold"
    one.move_pad(0.1, 0.1)
    for control in (one, other):
        control.keep()
        control.load(control.session.path)
    paths = [command.path for command in client.commands if isinstance(command, LoadPreset)]
    assert [read_preset(path).name for path in paths] == ["Dawn", "Dusk"]
    assert [read_preset(each.path).name for each in (autosave, second)] == ["Dawn", "Dusk"]
    library.delete(library.find("Dawn"))
    assert read_preset(paths[0]).name == "Dawn"  # a killed engine is started with this


def test_what_killed_saves_left_is_removed_at_the_start(make, autosave, library):
    left = [folder / ".Dawn-12ab_cde.part.manifold" for folder in (library.folder, autosave.path.parent)]
    for path in left:
        path.write_bytes(b"half")
        os.utime(path, (0, 0))
    make(autosave, "Dawn")
    assert not any(path.exists() for path in left)


def test_equal_sounds_are_one():
    sounds, preset = Sounds(), four_sounds("Dawn")
    first, second = sounds.shared(preset), sounds.shared(four_sounds("Dusk"))
    assert all(one is other for one, other in zip(first.corners, second.corners, strict=True))
    assert sounds.shared(replace(preset, corners=(HARP,) * 4)).corners[0] is not first.corners[0]


def test_an_empty_history_has_nothing_to_undo():
    assert History().undoable is None and History().redoable is None and History().now is None
