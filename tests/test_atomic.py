"""A file is replaced whole or not at all."""

import errno
import os

import pytest

from common.atomic import replacing
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
