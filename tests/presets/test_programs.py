"""Program numbers of presets: given once, kept, settable, never in the way."""

import json
from pathlib import Path

import pytest

from common.errors import PresetError
from presets.file import write_preset
from presets.library import Library
from presets.programs import Programs
from tests.fakes import fake_preset


@pytest.fixture
def library(tmp_path):
    for folder, names in (("factory", "BAD"), ("own", "YX")):
        (tmp_path / folder).mkdir()
        for name in names:
            add(tmp_path / folder, name)
    return Library(tmp_path / "own", tmp_path / "factory")


def add(folder, name):
    write_preset(fake_preset(name), folder / f"{name}.manifold")


@pytest.fixture
def programs(library, tmp_path):
    return Programs(library, tmp_path / "config" / "programs.json")


def names(programs):
    return {place: entry.name for place, entry in programs.table().items()}


def test_the_factorys_are_bank_0_and_the_players_bank_1_in_order_of_name(programs):
    assert names(programs) == {(0, 0): "A", (0, 1): "B", (0, 2): "D", (1, 0): "X", (1, 1): "Y"}


def test_a_number_stays_whatever_comes_and_goes(programs, library):
    names(programs)
    add(library.factory, "C")
    add(library.folder, "W")
    (library.folder / "X.manifold").unlink()
    assert names(programs) == {(0, 0): "A", (0, 1): "B", (0, 2): "D", (0, 3): "C", (1, 1): "Y", (1, 2): "W"}


def test_the_player_sets_them_and_it_is_written_only_when_changed(programs):
    names(programs)
    programs.path.write_text(json.dumps({"0": ["D", None, "A", "B"], "1": ["Y", "X"], "5": ["A"]}))
    before = programs.path.stat()
    assert names(programs) == {(0, 0): "D", (0, 2): "A", (0, 3): "B", (1, 0): "Y", (1, 1): "X", (5, 0): "A"}
    assert programs.path.stat().st_ino == before.st_ino


def test_where_it_cannot_be_written_the_numbers_are_those_of_the_moment(library):
    programs = Programs(library, Path("/proc/no such folder/programs.json"))
    assert names(programs)[0, 2] == "D"
    assert not programs.path.exists()


@pytest.mark.parametrize(
    "content", ["", "[", "[1]", '{"0": 5}', '{"x": []}', '{"0": [1]}', "[" * 100_000, '{"0": null}']
)
def test_a_broken_map_is_told_in_one_line_and_kept(programs, content):
    programs.path.parent.mkdir()
    programs.path.write_text(content)
    with pytest.raises(PresetError, match=r"^\S+programs.json: is no map of programs; .*$"):
        programs.table()
    assert programs.path.read_text() == content


def test_an_unknown_number_is_told(programs):
    with pytest.raises(PresetError, match="program 3 of bank 7"):
        programs.find(7, 3)
