"""The classifiers learn what is there and nothing else."""

import numpy as np

from models.checkpoints.building import load
from models.evaluation.disentangling import linear_accuracy, timbre
from models.evaluation.identity import Classifier, log_mel
from tests.models.evaluation.synthetic import RATE, shaped, tone

PARTIALS = {"bright": np.ones(12), "dark": 1 / np.arange(1, 13) ** 3.0, "hollow": [1, 0] * 6}


def notes(seed, count=8):
    labels = [label for label in PARTIALS for _ in range(count)]
    chance = np.random.default_rng(seed)
    sounds = [shaped(tone(chance.uniform(150, 600), 1.0, PARTIALS[label]), decay_db_per_s=6) for label in labels]
    return np.array([log_mel(sound, RATE) for sound in sounds]), labels


def test_families_are_told_apart_and_strangers_are_not_taken_for_them():
    classifier = Classifier(*notes(0), epochs=20)
    assert classifier.accuracy(*notes(1)) > 0.9
    features, labels = notes(2)
    assert classifier.accuracy(features, labels[::-1]) < 0.5
    noise = np.array([log_mel(np.random.default_rng(i).standard_normal(RATE), RATE) for i in range(24)])
    assert classifier.accuracy(noise, labels) < 0.6


def test_the_same_seed_gives_the_same_classifier():
    features = notes(3, 2)[0]
    one, other = (Classifier(*notes(0, 2), seed=5, epochs=2).guess(features) for _ in range(2))
    assert one == other


def test_level_does_not_count():
    sound = tone(220.0, 1.0)
    np.testing.assert_allclose(log_mel(sound, RATE), log_mel(0.01 * sound, RATE), atol=1e-5)


def embeddings(seed, leak):
    chance = np.random.default_rng(seed)
    pitches = chance.integers(40, 60, 600)
    channels = chance.standard_normal((600, 8))
    return channels + leak * np.eye(20)[pitches - 40][:, :8], pitches


def test_a_pitch_that_leaks_is_read_and_one_that_does_not_is_not():
    leaking, pitches = embeddings(0, 6.0)
    more, more_pitches = embeddings(1, 6.0)
    assert linear_accuracy(leaking, pitches, more, more_pitches) > 0.4
    clean, pitches = embeddings(0, 0.0)
    more, more_pitches = embeddings(1, 0.0)
    assert linear_accuracy(clean, pitches, more, more_pitches) < 0.12


def test_pitches_that_were_never_shown_are_left_out():
    train, pitches = embeddings(0, 6.0)
    assert np.isnan(linear_accuracy(train, pitches, train[:5], np.full(5, 90)))


def test_timbre_is_the_beginning_of_what_the_encoder_gives(instrument):
    model = load(instrument.weights)
    audio = tone(220.0, 1.0).astype(np.float32)
    np.testing.assert_array_equal(timbre(model, audio, 220.0), model.encode(audio, 220.0)[:, : model.config.timbre])
