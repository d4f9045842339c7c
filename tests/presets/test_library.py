"""The list of presets and what a player may do with it."""

import subprocess
import sys
import textwrap
from dataclasses import replace

import pytest

from common.errors import PresetError
from presets.file import encode, read_preset, write_preset, write_shared_preset
from presets.library import FIRST, Change, Library, file_name, load_preset
from presets.preset import NAME_LENGTH
from tests.paths import ROOT

PIPES = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}


@pytest.fixture
def library(preset, tmp_path):
    """One factory preset, and a folder of the player's that is not there yet."""
    factory = tmp_path / "factory"
    factory.mkdir()
    write_preset(replace(preset, name="Four winds"), factory / "four-winds.manifold")
    return Library(tmp_path / "own" / "presets", factory)


def names(library):
    return [(entry.name, entry.factory) for entry in library.entries()]


def test_the_players_come_first_each_by_name(library, preset):
    for name in ("beta", "Alpha"):
        library.save(replace(preset, name=name))
    assert names(library) == [("Alpha", False), ("beta", False), ("Four winds", True)]
    entry = library.entries()[0]
    assert entry.tags == preset.tags and entry.corners == ("Flute", "Double bass", "Vibraphone", "Choir")


def test_first_is_the_one_named_so_else_the_last_readable(library, preset):
    assert library.first().name == "Four winds"
    library.save(replace(preset, name=FIRST))
    assert library.first().name == FIRST


def test_first_of_none_says_where_presets_belong(tmp_path):
    with pytest.raises(PresetError, match="put some into"):
        Library(tmp_path, tmp_path / "factory").first()


def test_saving_over_a_file_replaces_it(library, preset):
    first = library.save(preset)
    second = library.save(replace(preset, author="someone else"), first.path)
    assert first.path == second.path and read_preset(first.path).author == "someone else"
    assert len(names(library)) == 2


def test_saving_without_a_file_never_replaces(library, preset):
    first = library.save(preset)
    for number in (2, 3):
        again = library.save(replace(preset, author="someone else"))
        assert again.name == read_preset(again.path).name == f"{preset.name} {number}"
    assert read_preset(first.path).author == preset.author


def test_a_name_is_found_in_upper_or_lower_case_and_the_players_first(library, preset):
    assert library.find("FOUR WINDS").factory
    library.save(replace(preset, name="Four winds"))
    assert not library.find("four winds").factory


def test_an_unknown_name_suggests_close_ones(library):
    with pytest.raises(PresetError, match="no preset 'Four wnids'; did you mean Four winds"):
        library.find("Four wnids")
    with pytest.raises(PresetError, match="no preset 'zzz'; there are Four winds"):
        library.find("zzz")


def test_save_as_refuses_a_name_that_is_taken(library, preset):
    library.save_as(preset, "New")
    with pytest.raises(PresetError, match="already a preset 'new'"):
        library.save_as(preset, "new")
    with pytest.raises(PresetError, match="preset name ''"):
        library.save_as(preset, "")


def test_save_as_does_not_touch_a_copied_file_of_another_name(library, preset):
    library.folder.mkdir(parents=True)
    copied = library.folder / file_name("New")
    write_preset(preset, copied)
    entry = library.save_as(preset, "New")
    assert entry.path != copied and read_preset(copied).name == preset.name


def test_rename(library, preset):
    entry = library.save(preset)
    renamed = library.rename(entry, "Evening")
    assert not entry.path.exists() and renamed.name == read_preset(renamed.path).name == "Evening"
    library.save(preset)
    with pytest.raises(PresetError, match="already a preset"):
        library.rename(renamed, preset.name)
    assert library.rename(renamed, "EVENING").name == "EVENING"


def test_duplicate(library):
    winds = library.find("Four winds")
    assert library.duplicate(winds).name == "Four winds copy"
    assert library.duplicate(winds).name == "Four winds copy 2"


@pytest.mark.parametrize("name", ["x" * NAME_LENGTH, "x" * 50, "笛" * NAME_LENGTH])
def test_the_longest_name_can_be_duplicated_again_and_again(library, preset, name):
    entry = library.save(replace(preset, name=name))
    names = {library.duplicate(entry).name for _ in range(11)}
    assert len(names) == 11 and all(len(each) <= NAME_LENGTH and " copy" in each for each in names)


SAVER = """
    import sys
    from common.errors import PresetError
    from presets.file import read_preset
    from presets.library import Library
    folder, mine, count = sys.argv[1:]
    library, preset = Library(folder, folder), read_preset(mine)
    print("ready", flush=True)
    for number in range(int(count)):
        sys.stdin.readline()
        try:
            print(library.save_as(preset, f"New {number}").path.name, flush=True)
        except PresetError as error:
            print("refused" if "already a preset" in str(error) else error, flush=True)
"""


def test_of_two_that_save_one_new_name_at_once_one_is_refused_and_nothing_is_lost(preset, tmp_path):
    count, savers = 12, []
    for author in ("A", "B"):
        write_preset(replace(preset, author=author), tmp_path / f"{author}.manifold")
        command = [sys.executable, "-c", textwrap.dedent(SAVER), tmp_path / "new", tmp_path / f"{author}.manifold"]
        savers.append(subprocess.Popen([*map(str, command), str(count)], cwd=ROOT, text=True, **PIPES))
    assert [saver.stdout.readline() for saver in savers] == ["ready\n"] * 2
    for number in range(count):
        for saver in savers:
            saver.stdin.write("now\n")
            saver.stdin.flush()
        told = [saver.stdout.readline().strip() for saver in savers]
        saved = [(author, name) for author, name in zip("AB", told, strict=True) if name != "refused"]
        assert len(saved) == 1, told
        assert read_preset(tmp_path / "new" / f"New {number}.manifold").author == saved[0][0]
    for saver in savers:
        saver.communicate()


def test_every_change_can_be_taken_back_and_made_again(library, preset, monkeypatch):
    monkeypatch.setattr("send2trash.send2trash", lambda path: path.unlink())
    states, steps = [contents(library)], []
    dawn = library.save(preset)
    for action in (
        lambda: None,
        lambda: library.save(replace(preset, author="me"), dawn.path),
        lambda: library.duplicate(library.find("Four winds")),
        lambda: library.rename(library.find(preset.name), "Dusk"),
        lambda: library.delete(library.find("Dusk")),
    ):
        action()
        steps.append(library.take_changes())
        states.append(contents(library))
    assert len({str(state) for state in states}) == 6
    for step, state in zip(reversed(steps), reversed(states[:-1]), strict=True):
        assert library.apply(change.reversed for change in reversed(step)) == ""
        assert contents(library) == state
    for step, state in zip(steps, states[1:], strict=True):
        assert library.apply(step) == "" and contents(library) == state


def test_what_another_program_wrote_is_never_taken_back(library, preset):
    entry = library.save(preset)
    (change,) = library.take_changes()
    write_preset(replace(preset, author="another"), entry.path)
    assert "was changed by another program" in library.apply([change.reversed])
    assert read_preset(entry.path).author == "another"


def test_a_change_that_fails_half_way_is_taken_back(library, preset, tmp_path):
    entry = library.save(preset)
    before = contents(library)
    changes = [change.reversed for change in library.take_changes()]
    blocked = Change(tmp_path / "a file" / "x.manifold", None, b"x")
    (tmp_path / "a file").write_text("where a folder should be")
    with pytest.raises(PresetError, match="cannot be brought back"):
        library.apply([*changes, blocked])
    assert contents(library) == before and entry.path.exists()


def contents(library):
    return {path.name: path.read_bytes() for path in library.folder.glob("*")}


def test_delete_moves_to_the_trash(library, preset, monkeypatch):
    trash = []
    monkeypatch.setattr("send2trash.send2trash", trash.append)
    entry = library.save(preset)
    library.delete(entry)
    assert trash == [entry.path]


def test_a_trash_that_fails_is_reported_and_the_file_stays(library, preset, monkeypatch):
    def fail(path):
        raise OSError("no trash here")

    monkeypatch.setattr("send2trash.send2trash", fail)
    entry = library.save(preset)
    with pytest.raises(PresetError, match="no trash here"):
        library.delete(entry)
    assert entry.path.exists()


def test_factory_presets_are_read_only(library):
    winds = library.find("Four winds")
    before = winds.path.read_bytes()
    for action in (lambda: library.delete(winds), lambda: library.rename(winds, "Mine")):
        with pytest.raises(PresetError, match="read-only"):
            action()
    library.save(replace(read_preset(winds.path), author="me"))
    assert winds.path.read_bytes() == before


def test_a_broken_file_is_listed_with_its_problem_and_not_found(library):
    library.folder.mkdir(parents=True)
    (library.folder / "broken.manifold").write_bytes(b"nothing")
    (library.folder / ".Dawn-half.manifold").write_bytes(b"nothing")
    entry = library.entries()[0]
    assert entry.name == "broken" and "not a preset" in entry.problem
    with pytest.raises(PresetError, match="no preset 'broken'"):
        library.find("broken")
    assert len(library.entries()) == 2


@pytest.mark.parametrize("name", ["AC/DC", "..", "../../etc", "a\\b", 'C:"?*', "%2f", "Flöte 笛", "笛" * NAME_LENGTH])
def test_any_name_gives_a_file_inside_the_folder(library, preset, name):
    entry = library.save(replace(preset, name=name))
    assert entry.path.parent == library.folder and entry.path.is_file()
    assert library.find(name).path == entry.path


def test_different_names_have_different_files():
    candidates = ["a/b", "a%2fb", "a_b", "a:b", ".a", "%2ea", "a"]
    assert len({file_name(name) for name in candidates}) == len(candidates)


def test_load_preset_takes_a_file_or_a_name(library, preset, monkeypatch):
    entry = library.save(preset)
    assert encode(load_preset(entry.path)) == encode(preset)
    monkeypatch.setattr("platformdirs.user_data_path", lambda app: library.folder.parent)
    assert load_preset("harbour at dawn").name == preset.name
    with pytest.raises(PresetError, match=r"gone\.manifold cannot be read: No such file"):
        load_preset("gone.manifold")


@pytest.mark.parametrize("left", [0, 100, -1])
def test_a_truncated_preset_hides_no_other(library, preset, left):
    own = library.save(replace(preset, name="Four winds")).path
    whole = own.read_bytes()
    own.write_bytes(whole[:left])
    assert library.find("four winds").factory
    assert sum(bool(entry.problem) for entry in library.entries()) == 1
    assert library.save(replace(preset, name="Four winds")).path != own
    assert own.read_bytes() == whole[:left]


def test_a_preset_without_its_sounds_hides_no_other(library, preset, tmp_path):
    write_shared_preset(replace(preset, name="Four winds"), tmp_path / "elsewhere" / "four.manifold")
    library.folder.mkdir(parents=True)
    (tmp_path / "elsewhere" / "four.manifold").rename(library.folder / "four.manifold")
    assert library.find("four winds").factory
