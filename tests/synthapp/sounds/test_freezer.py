"""A pad frozen into a folder: in parts that outlive an interruption, shared among processes, found by the window."""

import numpy as np
import pytest

from common.errors import SynthError
from engine.decoder.protocol import EXACT
from engine.offline.freeze.plan import make_plan
from models import checkpoints
from models.checkpoints.known import KnownWeights
from presets.file import read_preset
from presets.library import Library
from synthapp.progress import share_bar
from synthapp.sounds import freezer as workshop
from synthapp.sounds.freezer import Freezer, Shard, install

KEYS = (48, 60, 72)


@pytest.fixture
def freezer(instrument, tmp_path):
    """A function that makes one for a folder; each is a process of its own."""
    checkpoint, preset = checkpoints.read(instrument.weights), read_preset(instrument.preset)

    def make(folder="frozen"):
        return Freezer(preset, checkpoint, make_plan(preset, checkpoint.config, 2, KEYS), tmp_path / folder)

    return make


def record(freezer, shard=Shard(), voices=4):  # noqa: B008
    told = []
    freezer.record(EXACT, shard, told.append, share_bar, voices)
    return told


def content(preset, notes):
    return notes.read_bytes(), notes.with_suffix(".manifold").read_bytes()


def test_an_interruption_costs_the_keys_in_hand_and_the_result_is_the_same(freezer, monkeypatch):
    whole = freezer("whole")
    (estimate,) = record(whole)
    assert estimate.startswith("Tiny: 12 notes of 0.5 s, 4 at once: about ")
    expected = content(*whole.assemble())
    assert not (whole.folder / workshop.PARTS).exists()

    interrupted, real, calls = freezer(), workshop.record_keys, []

    def once(*arguments):
        calls.append(arguments[0])
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(workshop, "record_keys", once)
    with pytest.raises(KeyboardInterrupt):
        record(interrupted)
    assert [KEYS[row] for row in interrupted.missing()] == [60, 72]
    record(interrupted)
    assert calls == [(48,), (60,), (60,), (72,)]
    assert content(*interrupted.assemble()) == expected


def test_shards_do_a_part_each_and_agree_with_one_alone(freezer):
    alone = freezer("alone")
    record(alone, voices=12)
    first, second = (Shard.from_environment({"RANK": rank, "WORLD_SIZE": "2"}) for rank in "01")
    record(freezer("shared"), second)
    shared = freezer("shared")
    assert [KEYS[row] for row in shared.missing()] == [48, 72]
    record(shared, first)
    shared.wait(pytest.fail)
    assert content(*shared.assemble()) == content(*alone.assemble())


def test_parts_of_another_pad_are_not_taken(freezer, instrument):
    record(freezer())
    checkpoint, preset = checkpoints.read(instrument.weights), read_preset(instrument.preset)
    other = Freezer(preset, checkpoint, make_plan(preset, checkpoint.config, 3, KEYS), freezer().folder)
    assert other.missing() == [0, 1, 2] and not freezer().missing()


@pytest.mark.parametrize("wrong", [{"RANK": "2", "WORLD_SIZE": "2"}, {"RANK": "x"}, {"RANK": "1"}])
def test_a_shard_that_cannot_be_is_one_line(wrong):
    with pytest.raises(SynthError, match="RANK must be below WORLD_SIZE"):
        Shard.from_environment(wrong)


def test_the_window_finds_preset_and_recordings(freezer, tmp_path):
    made = freezer()
    record(made)
    preset, notes = made.assemble()
    library, weights = Library(tmp_path / "presets"), tmp_path / "weights"
    for _ in range(2):  # frozen again, it takes the place of the one before
        install(preset, notes, library, weights)
    (entry,) = [entry for entry in library.entries() if not entry.factory]
    assert entry.name == "Tiny frozen" and "frozen" in entry.tags
    found = KnownWeights(folder=weights).find(read_preset(entry.path).model)
    assert found is not None and checkpoints.read(found).kind == "frozen"
    assert np.array_equal(checkpoints.read(found).weights["notes"], checkpoints.read(notes).weights["notes"])
