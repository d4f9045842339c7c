"""The presets that ship: small, whole, and each sound in them once."""

from collections import Counter

import pytest

from presets.file import SUFFIX, encode, read_preset, shared_sounds
from presets.library import FACTORY, FIRST, Library
from presets.sounds import pack

PATHS = sorted(FACTORY.glob(f"*{SUFFIX}"))
LARGEST = 6_000_000  # bytes, all together


def test_there_are_some_and_the_first_among_them():
    assert len(PATHS) >= 26 and FIRST in {path.stem for path in PATHS}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_preset_has_its_sounds_under_the_names_of_what_is_in_them(path):
    preset = read_preset(path)
    assert preset.name == path.stem
    assert shared_sounds(path) == tuple(pack(corner.latents)[0] for corner in preset.corners)


def test_the_folder_holds_the_sounds_that_are_named_and_no_others():
    named = Counter(name for path in PATHS for name in shared_sounds(path))
    assert sorted(named) == sorted(path.name for path in (FACTORY / "sounds").iterdir())
    assert named.total() > len(named)  # some are shared


def test_the_whole_is_small():
    assert sum(path.stat().st_size for path in FACTORY.rglob("*") if path.is_file()) <= LARGEST


def test_a_copy_of_ones_own_needs_no_other_file(tmp_path):
    library = Library(tmp_path)
    copy = library.duplicate(library.find(FIRST))
    assert shared_sounds(copy.path) == ()
    assert [pack(corner.latents)[0] for corner in read_preset(copy.path).corners] == list(
        shared_sounds(FACTORY / f"{FIRST}{SUFFIX}")
    )
    assert encode(read_preset(copy.path)) == copy.path.read_bytes()
