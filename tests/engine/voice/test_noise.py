"""The randomness of a take: even, independent between notes, the same for the same seed."""

import numpy as np

from engine.voice.noise import Uniforms


def draw(seed, note_index, sizes=(20000,), slot=0):
    uniforms = Uniforms(seed, 4)
    uniforms.start(slot, note_index)
    blocks = [np.zeros((1, size), np.float32) for size in sizes]
    for block in blocks:
        uniforms.render(np.array([slot]), block)
    return np.concatenate(blocks, 1)[0]


def test_even_in_zero_to_one():
    numbers = draw(1, 0)
    assert 0.0 <= numbers.min() < numbers.max() < 1.0
    counts = np.histogram(numbers, 20, (0, 1))[0]
    assert (np.abs(counts - 1000) < 150).all()
    assert abs(np.corrcoef(numbers[:-1], numbers[1:])[0, 1]) < 0.03


def test_blocks_and_slots_do_not_matter():
    np.testing.assert_array_equal(draw(1, 5), draw(1, 5, (1, 64, 960, 18975), slot=3))


def test_notes_and_seeds_differ():
    assert abs(np.corrcoef([draw(1, 0), draw(1, 1), draw(2, 0), draw(-1, 0)]) - np.eye(4)).max() < 0.03
