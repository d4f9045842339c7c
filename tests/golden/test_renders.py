"""The whole instrument sounds as it did, bit for bit. See renders.py for a change of sound that is meant."""

import pytest

from tests.golden.renders import SHORT, kept, render, renders


def test_every_render_has_a_hash_and_no_other():
    assert kept().keys() == renders().keys()


@pytest.mark.slow
def test_two_seconds_sound_as_they_did():
    assert render(*renders()[SHORT]) == kept()[SHORT]


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in renders() if name != SHORT])
def test_a_whole_song_sounds_as_it_did(name):
    assert render(*renders()[name]) == kept()[name]
