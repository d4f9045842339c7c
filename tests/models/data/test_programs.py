"""The table of instruments."""

from collections import Counter

import pytest

from common.errors import ModelError
from models.data.nsynth import FAMILIES, NAME, SOURCES
from models.data.programs import HELD_OUT, PROGRAMS, find_program


def test_every_family_has_three_programs_to_train_on():
    trained = Counter(program.family for program in PROGRAMS if program.number not in HELD_OUT)
    assert set(trained) == set(FAMILIES)
    assert min(trained.values()) >= 3


def test_programs_are_distinct_and_within_nsynths_range():
    assert len({program.number for program in PROGRAMS}) == len({program.name for program in PROGRAMS}) == len(PROGRAMS)
    for program in PROGRAMS:
        assert program.low >= 21 and program.low + 24 <= program.high <= 108
        assert program.family in FAMILIES and program.source in SOURCES
        assert NAME.fullmatch(f"{program.instrument_str}-{program.low:03d}-100")["instrument"] == program.instrument_str


def test_every_held_out_program_exists_and_has_a_sibling():
    families = [program.family for program in PROGRAMS if program.number in HELD_OUT]
    assert len(families) == len(HELD_OUT)
    assert len(set(families)) >= 8


@pytest.mark.parametrize("wanted", ["cello", "42"])
def test_a_program_is_found_by_name_and_number(wanted):
    assert find_program(wanted).instrument_str == "string_acoustic_042"


def test_an_unknown_program_is_named():
    with pytest.raises(ModelError, match="program 'theremin': not among 0 grand piano"):
        find_program("theremin")
