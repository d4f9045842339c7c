"""What the tables of the paper are made from: labels that can be measured, classifiers, intervals."""

import numpy as np
import pytest

from common.errors import ModelError
from models.data.nsynth import QUALITIES, RATE
from models.evaluation.tables.labelled import Labelled, find_split, read_labelled
from models.evaluation.tables.qualities import NAMES, measured
from models.evaluation.tables.statistics import relative_change, wilson
from models.evaluation.tables.table1 import accuracy, chance, train_classifier
from tests.models.data.record_writer import example, note_features, record
from tests.models.training.tasks import write_notes

TIME = np.arange(4 * RATE) / RATE


def labels(audio):
    return {name for name, label in zip(NAMES, measured(audio.astype(np.float32)), strict=True) if label}


def held(release_db_per_s, fall_db_per_s=0.0, hz=440.0):
    """A sine that falls so fast while held, and so fast after three seconds."""
    level_db = -fall_db_per_s * TIME - release_db_per_s * np.maximum(TIME - 3, 0)
    return 0.5 * np.sin(2 * np.pi * hz * TIME) * 10 ** (level_db / 20)


@pytest.mark.parametrize("hz", [100.0, 440.0, 1000.0, 4000.0])
def test_qualities_are_what_their_rules_say(hz):
    colour = {"dark"} if hz < 600 else {"bright"} if hz > 2000 else set()
    assert labels(held(100.0, hz=hz)) == colour
    assert labels(held(10.0, hz=hz)) == colour | {"long_release"}
    assert labels(held(100.0, fall_db_per_s=15.0, hz=hz)) == colour | {"fast_decay"}
    assert labels(held(100.0, fall_db_per_s=60.0, hz=hz)) == colour | {"fast_decay", "percussive"}


def test_qualities_do_not_hear_the_level():
    sound = held(10.0, fall_db_per_s=4.0)
    assert labels(sound) == labels(0.02 * sound)


def test_an_interval_holds_the_truth_nineteen_times_of_twenty():
    rng = np.random.default_rng(1)
    for share in (0.05, 0.5, 0.9):
        ends = np.array([wilson(hits / 80, 80) for hits in rng.binomial(80, share, 2000)])
        assert 0.93 < np.mean((ends[:, 0] <= share) & (share <= ends[:, 1])) < 0.98


def test_the_change_is_relative_and_its_interval_pairs_the_notes():
    before = np.arange(200) % 2 == 0
    assert relative_change(before, before) == (0.0, 0.0, 0.0)
    change, low, high = relative_change(before, before & (np.arange(200) % 4 == 0))
    assert change == -0.5 and -0.65 < low < -0.5 < high < -0.35
    assert np.isnan(relative_change(before & False, before)).all()


def two_pitches(seed, count=12):
    """Notes of two pitches, of which one is bright."""
    chance = np.random.default_rng(seed)
    pitch = np.where(np.arange(count) % 2, 50, 90)
    audio = np.array([3000 * np.sin(2 * np.pi * (200 if each == 50 else 3000) * TIME) for each in pitch])
    audio += 30 * chance.standard_normal(audio.shape)
    qualities = np.zeros((count, QUALITIES), np.bool_)
    qualities[:, 0] = pitch == 90
    return Labelled(audio.astype(np.int16), pitch, qualities, np.arange(QUALITIES) == 0, True)


@pytest.mark.slow
def test_a_classifier_learns_what_is_there_and_names_nothing_else():
    train, test = two_pitches(0), two_pitches(1)
    model = train_classifier(train, steps=60, width=3, seed=3, learning_rate=0.02)
    sounds = [test.sound(note) for note in range(len(test.pitch))]
    found = accuracy(model, sounds, test)
    assert found.pitch == 1.0 and found.quality == 1.0
    assert accuracy(model, sounds[1:] + sounds[:1], test).pitch == 0.0
    assert chance(train, test).pitch == 0.5


def test_sets_of_either_form_are_read_and_labels_of_nsynths_are_kept(tmp_path):
    write_notes(tmp_path / "nsynth-train", pitches=range(50, 60))
    sound = (0.3 * np.sin(2 * np.pi * 440 * TIME)).astype(np.float32)
    records = [record(example(note_features(f"bass_synthetic_001-{pitch:03d}-100", sound))) for pitch in (60, 61, 62)]
    (tmp_path / "nsynth-test.tfrecord").write_bytes(b"".join(records))
    train, test = (read_labelled(tmp_path, split, 0) for split in ("train", "test"))
    assert train.measured and train.judged.sum() == 5 and sorted(train.pitch) == list(range(50, 60))
    assert not test.measured and test.judged.all() and test.qualities[:, [1, 8]].all() and len(test.pitch) == 3
    drawn = read_labelled(tmp_path, "train", 4)
    assert len(set(drawn.pitch)) == 4 and any("bright" in line for line in drawn.describe())


def test_a_folder_without_a_split_is_named(tmp_path):
    with pytest.raises(ModelError, match="has no test nor nsynth-test"):
        find_split(tmp_path, "test")
