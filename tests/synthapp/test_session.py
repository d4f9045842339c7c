"""What counts as a change, and what is saved."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from common.errors import PresetError
from engine.parameters import TABLE, Param
from presets.preset import EmbeddingSet
from synthapp.session import Session
from tests.synthapp.fakes import four_sounds

DISK = Path("a preset.manifold")


def test_a_preset_that_is_in_no_file_is_unsaved():
    session = Session()
    session.load(four_sounds("Dawn"), None)
    assert session.changed and session.title == "Dawn*"


def test_a_moment_stays_as_it_was():
    session = Session()
    session.load(four_sounds("Dawn"), DISK)
    before = session.moment
    session.parameters[Param.ATTACK_MS], session.pad = 50.0, (0.1, 0.2)
    session.put_sound(1, replace(session.corners[1], name="Harp"))
    after = session.moment
    assert not before.equals(after) and not before.sounds_as(after)
    session.go(before)
    assert session.title == "Dawn" and session.moment.equals(before)
    session.go(after)
    assert session.corner_names[1] == "Harp" and session.parameters[Param.ATTACK_MS] == 50.0


def test_a_loaded_preset_is_unchanged_until_something_moves():
    session = Session()
    assert session.title == "No preset" and session.snapshot() is None and not session.changed
    session.load(four_sounds("Dawn", parameters={"gain_db": -3.0}), DISK)
    assert session.title == "Dawn" and session.parameters[Param.GAIN_DB] == -3.0
    session.pad = (0.1, 0.2)
    assert session.title == "Dawn*"
    session.pad = (0.5, 0.5)
    assert session.title == "Dawn"
    session.parameters[Param.ATTACK_MS] = 50.0
    assert session.changed


def test_the_snapshot_keeps_what_it_does_not_know():
    session = Session()
    session.load(four_sounds("Dawn", parameters={"gain_db": 99.0, "from_the_future": 7.0}), DISK)
    session.pad = (0.1, 0.2)
    state = session.snapshot()
    assert state.pad == (0.1, 0.2)
    assert state.parameters["from_the_future"] == 7.0
    assert state.parameters["gain_db"] == TABLE[Param.GAIN_DB].maximum  # brought into its range
    assert set(state.parameters) == {param.name.lower() for param in TABLE} | {"from_the_future"}


def test_a_preset_without_parameters_brings_back_the_defaults():
    session = Session()
    session.load(four_sounds("Loud", parameters={"gain_db": 6.0}), DISK)
    session.load(four_sounds("Plain"), DISK)
    assert session.parameters == {param: row.default for param, row in TABLE.items()}


def test_another_sound_in_a_corner_is_a_change_until_it_is_the_old_one_again():
    session, dawn = Session(), four_sounds("Dawn")
    session.load(dawn, DISK)
    session.put_sound(1, replace(dawn.corners[1], name="Harp"))
    assert session.changed and session.corner_names == ("Flute", "Harp", "Vibraphone", "Violin")
    assert session.snapshot().corners[1].name == "Harp"
    session.restore(four_sounds("Dawn"))  # equal sounds, read again
    assert not session.changed


def test_a_sound_of_another_model_is_refused():
    session = Session()
    session.load(four_sounds("Dawn"), DISK)
    with pytest.raises(PresetError, match="different latent sizes"):
        session.put_sound(0, EmbeddingSet("Harp", np.zeros((1, 1, 8, 5), np.float32)))
    assert not session.changed
