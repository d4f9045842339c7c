"""The factory's space: for every preset of it, of effects that there are, and for nobody else."""

import pytest

from engine.effects.kinds import KINDS
from presets import effects
from presets.library import FACTORY, Library, open_preset
from presets.space import SPACES, in_space
from tests.fakes import fake_preset


def test_every_factory_preset_has_one_and_no_other():
    assert {entry.name for entry in Library().entries() if entry.factory} == SPACES.keys()


@pytest.mark.parametrize("name", SPACES)
def test_it_can_be_played(name):
    effects.check(SPACES[name])
    for slot in SPACES[name]:
        rows = KINDS[slot.kind].rows
        assert slot.parameters.keys() <= rows.keys()
        assert all(rows[each].minimum <= value <= rows[each].maximum for each, value in slot.parameters.items())


def test_it_is_added_where_a_factory_preset_is_opened():
    assert open_preset(FACTORY / "Neon.manifold").effects == SPACES["Neon"]


def test_what_has_a_chain_or_is_no_factory_preset_stays_as_it_is(tmp_path):
    library = Library(tmp_path, FACTORY)
    dry = fake_preset("Neon", effects=())
    assert in_space(dry) is dry and in_space(fake_preset("Mine")).effects is None
    assert open_preset(library.save(fake_preset("Neon")).path).effects is None


def test_a_copy_of_a_factory_preset_keeps_it(tmp_path):
    library = Library(tmp_path, FACTORY)
    neon = next(entry for entry in library.entries() if entry.name == "Neon")
    assert open_preset(library.duplicate(neon).path).effects == SPACES["Neon"]
