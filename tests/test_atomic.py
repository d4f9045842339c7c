"""A file is replaced whole or not at all."""

import errno
import os

import pytest

from common.atomic import creating, remove_stale, replacing
from common.errors import SynthError


def test_the_new_file_takes_the_place_of_the_old(tmp_path):
    path = tmp_path / "out.wav"
    path.write_text("old")
    with replacing(path) as temporary:
        assert temporary.suffix == ".wav" and path.read_text() == "old"
        temporary.write_text("new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_may_be_read_by_others(tmp_path):
    mask = os.umask(0o022)
    try:
        with replacing(tmp_path / "out") as temporary:
            temporary.write_text("new")
    finally:
        os.umask(mask)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("failure", [ValueError("broken"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_alone(tmp_path, failure):
    path = tmp_path / "out"
    path.write_text("old")
    with pytest.raises(type(failure)), replacing(path) as temporary:
        temporary.write_text("half")
        raise failure
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_one_line(tmp_path):
    with pytest.raises(SynthError, match="out: cannot be written .No space left"), replacing(tmp_path / "out"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_is_one_line(tmp_path):
    with pytest.raises(SynthError, match="cannot be written .No such file"), replacing(tmp_path / "no" / "out"):
        pass


def test_a_folder_in_the_way_is_one_line(tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(SynthError, match="cannot be written .Is a directory"), replacing(tmp_path / "out") as temporary:
        temporary.write_text("new")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_new_name_is_given_once(tmp_path):
    path = tmp_path / "out"
    with creating(path) as temporary:
        temporary.write_text("first")
    with pytest.raises(FileExistsError), creating(path) as temporary:
        temporary.write_text("second")
    assert path.read_text() == "first" and list(tmp_path.iterdir()) == [path]


def test_a_new_name_is_given_once_where_there_are_no_links(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr("os.link", refuse)
    test_a_new_name_is_given_once(tmp_path)


def test_what_a_killed_save_left_is_removed_and_nothing_else(tmp_path):
    with pytest.raises(SystemExit), replacing(tmp_path / "Dawn.manifold") as young:
        old = young.with_name(young.name.replace("Dawn", "Dusk"))
        kept = {tmp_path / name for name in (".Dawn-20261126.manifold", ".a-b.party.manifold", "x-12345678.part")}
        for path in (young, old, *kept):
            path.write_text("half")
        for path in (old, *kept):
            os.utime(path, (0, 0))
        remove_stale(tmp_path)
        assert set(tmp_path.iterdir()) == {young, *kept}
        raise SystemExit
    remove_stale(tmp_path / "not there")
