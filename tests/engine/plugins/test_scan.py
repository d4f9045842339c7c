"""Which plug-ins load: tried once, remembered by file time, blocked where they fail."""

import os

import pytest

from common.errors import PluginError
from engine.plugins.child import Child
from engine.plugins.folders import found, usual_folders
from engine.plugins.messages import Description
from engine.plugins.scan import Shelf
from tests.engine.plugins.fake_host import PROGRAM


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """With two plug-ins, one of them in a folder of its maker, and a file that is none."""
    monkeypatch.setattr("engine.plugins.folders.usual_folders", lambda: ())
    plugins = tmp_path / "vst3"
    monkeypatch.setenv("VST3_PATH", str(plugins))
    for name in ("Warm.vst3", "Maker/Broken.vst3"):
        (plugins / name / "Contents").mkdir(parents=True)
        (plugins / name / "Contents/binary.so").write_bytes(b"1")
    (plugins / "readme.txt").touch()
    return plugins


class Tries:
    """Counts what is tried; what is called Broken does not load."""

    def __init__(self):
        self.places = []

    def __call__(self, place):
        self.places.append(os.path.basename(place))
        if "Broken" in place:
            raise PluginError(f"plug-in {place}: it crashed (SIGSEGV); try another one")
        return Description("Warm Tube", place, "1.0")


def shelf(folder, tries):
    return Shelf(folder.parent / "cache/plugins.json", tries)


def test_each_is_tried_once_and_remembered(folder):
    tries = Tries()
    rows = dict(shelf(folder, tries).scan())
    assert [finding.fault for finding in rows.values()] == ["it crashed (SIGSEGV); try another one", ""]
    assert tries.places == ["Broken.vst3", "Warm.vst3"]
    again = shelf(folder, tries)
    assert dict(again.scan()) == rows == again.known() and len(tries.places) == 2


def test_a_changed_file_is_tried_again(folder):
    tries = Tries()
    list(shelf(folder, tries).scan())
    (folder / "Warm.vst3/Contents/binary.so").write_bytes(b"22")
    assert len(shelf(folder, tries).known()) == 1
    list(shelf(folder, tries).scan())
    assert tries.places[2:] == ["Warm.vst3"]


def test_the_block_list_can_be_cleared(folder):
    tries = Tries()
    one = shelf(folder, tries)
    list(one.scan())
    assert one.unblock() == 1
    list(shelf(folder, tries).scan())
    assert tries.places[2:] == ["Broken.vst3"]


def test_found_by_name_or_by_file_and_nothing_else_is_tried(folder):
    tries = Tries()
    assert shelf(folder, tries).find("warm").name == "Warm Tube" and tries.places == ["Warm.vst3"]
    assert shelf(folder, tries).find("WARM TUBE").name == "Warm Tube" and len(tries.places) == 1
    with pytest.raises(PluginError, match="there is none of this name"):
        shelf(folder, tries).find("Nix")
    with pytest.raises(PluginError, match="Broken: it crashed"):
        shelf(folder, tries).find("Broken")


def test_a_broken_cache_is_no_cache(folder):
    (folder.parent / "cache").mkdir()
    (folder.parent / "cache/plugins.json").write_bytes(b"\xff{")
    assert len(dict(shelf(folder, Tries()).scan())) == 2


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    assert found([tmp_path / "none"]) == ()
    assert all(place.is_absolute() for place in usual_folders())


def test_one_that_hangs_is_given_up(folder):
    def hang(place):
        return Child("fault=load hang", 48000, program=PROGRAM, patience_s=0.3).description

    rows = dict(shelf(folder, hang).scan())
    assert all("does not answer within 0.3 s" in finding.fault for finding in rows.values())
