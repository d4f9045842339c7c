"""A baseline's pad whose notes are sines made here: what is not there yet, and how it comes."""

import threading

import numpy as np
import pytest

from common.errors import ModelError
from common.pitch import key_hz
from engine.decoder.baseline.cells import Cells
from engine.decoder.baseline.growing import GrowingDecoder
from models.baseline.pad import RATE, SAMPLES, pad_config
from models.frozen import Channel

KEYS, SIDE = (57, 69, 81), 3
CONFIG = pad_config("0" * 16, 2, SIDE, KEYS, 7)
EMBEDDINGS = np.repeat(np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)[:, None], len(KEYS), 1)
TIME = np.arange(SAMPLES) / RATE


def note(key, z):
    """Its third partial says where on the pad it is."""
    turns = 2 * np.pi * key_hz(key) * TIME
    return (0.6 * np.sin(turns) + 0.3 * z[0] * np.sin(3 * turns + 1)).astype(np.float32)


class Maker:
    """Makes notes when it is let."""

    def __init__(self, lets=1000):
        self.made, self.closed, self._lets = [], False, threading.Semaphore(lets)

    def make(self, key, z):
        self._lets.acquire()
        self.made.append((key, *map(float, z)))
        return note(key, z)

    def let(self, count=1):
        self._lets.release(count)

    def close(self):
        self.closed = True


def open_pad(maker, waits, voices=1, warn=print):
    return GrowingDecoder(CONFIG, EMBEDDINGS, voices, maker.make, maker.close, waits, warn)


def play(decoder, seconds, x=0.0, y=0.0, key=1, hz=440.0):
    """One voice that goes on, tick by tick."""
    ticks, parts = round(seconds * RATE / CONFIG.tick), []
    row = np.zeros((1, len(Channel)), np.float32)
    row[0, [Channel.X, Channel.Y, Channel.KEY]] = x, y, key
    for _ in range(ticks):
        part = np.zeros((1, CONFIG.tick), np.float32)
        nothing = np.zeros_like(part)
        decoder.render(np.array([0]), row, np.full_like(part, hz), np.zeros(1, np.float32), nothing, part)
        parts.append(part[0])
    return np.concatenate(parts)


def partials(audio, hz=440.0):
    """Amplitudes of the first and third, in the last 0.4 s."""
    heard = audio[-6400:]
    window = np.hanning(len(heard))
    turns = 2 * np.pi * hz * np.arange(len(heard)) / RATE
    return [abs(heard @ (window * np.exp(1j * k * turns))) * 2 / window.sum() for k in (1, 3)]


def wait_for(condition):
    """Of the other thread."""
    for _ in range(1000):
        if condition():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came")


def test_offline_a_cell_is_made_before_it_sounds():
    maker = Maker()
    decoder = open_pad(maker, waits=True)
    assert maker.made == [(69, 0.5, 0.5)]
    first, third = partials(play(decoder, 1.0, x=1.0))
    assert third == pytest.approx(0.5 * first, rel=0.03) and maker.made[1:] == [(69, 1.0, 0.0)]
    decoder.close()
    assert maker.closed


def test_the_same_notes_are_heard_each_time():
    audio = [play(open_pad(Maker(), waits=True), 0.5, x=0.3, y=0.6) for _ in range(2)]
    assert np.array_equal(*audio) and np.abs(audio[0]).max() > 0.1


def test_a_held_note_goes_on_in_tune():
    decoder = open_pad(Maker(), waits=True)
    play(decoder, 8.0, x=0.0)
    audio = play(decoder, 1.0, x=0.0)
    first, third = partials(audio)
    assert first == pytest.approx(0.3, rel=0.05) and third < 0.01


def test_live_the_nearest_sounds_until_it_is_there_without_a_gap():
    maker = Maker(lets=1)
    decoder = open_pad(maker, waits=False)
    before = play(decoder, 0.8, x=1.0)
    first, third = partials(before)
    assert third == pytest.approx(0.25 * first, rel=0.03)  # the middle of the pad
    assert before[:1600].std() > 0.2  # from the first sample on
    during = []
    maker.let(2)  # the one that was begun before the cell was touched, and that
    wait_for(lambda: during.append(play(decoder, 0.1, x=1.0)) or decoder.cells.there[1, 2])
    after = play(decoder, 0.8, x=1.0)
    assert maker.made[2] == (69, 1.0, 0.0)  # what is touched, before other keys
    assert partials(after)[1] == pytest.approx(0.5 * partials(after)[0], rel=0.03)
    heard = np.concatenate([before, *during, after])
    steepest = np.abs(np.diff(heard, 2)).max()
    assert steepest < 1.1 * np.abs(np.diff(after, 2)).max()  # no click
    levels = np.sqrt((heard[: len(heard) // 320 * 320].reshape(-1, 320) ** 2).mean(1))
    assert levels.min() > 0.8 * levels.max()  # never silence
    decoder.close()


def test_a_key_without_a_note_plays_the_nearest_in_tune():
    maker = Maker(lets=1)
    decoder = open_pad(maker, waits=False)
    first, _ = partials(play(decoder, 1.0, x=0.5, y=0.5, key=2, hz=880.0), hz=880.0)
    assert first == pytest.approx(0.3, rel=0.05) and [key for key, *_ in maker.made] == [69]
    decoder.close()


def test_keys_get_a_note_each_and_no_more_is_made_than_is_touched():
    maker = Maker()
    decoder = open_pad(maker, waits=False)
    for _ in range(3):
        play(decoder, 0.2, x=0.5, y=0.5)
        threading.Event().wait(0.1)
    wait_for(lambda: len(maker.made) == 3)
    threading.Event().wait(0.1)
    assert sorted(maker.made) == [(key, 0.5, 0.5) for key in KEYS]
    decoder.close()


def test_a_maker_that_fails_is_told_and_what_is_there_plays_on():
    told = []

    def fail(key, z):
        if key != 69:
            raise ModelError("the process has ended")
        return note(key, z)

    decoder = GrowingDecoder(CONFIG, EMBEDDINGS, 1, fail, lambda: None, False, told.append)
    wait_for(lambda: told)
    assert told == ["the process has ended"] and play(decoder, 0.2).std() > 0.2
    decoder.close()


def test_cells_stand_for_the_nearest():
    cells = Cells(2, 3)
    assert cells.next() == (1, 4)
    cells.there[1, [4, 8]] = True
    assert cells.stand_ins(1).tolist() == [4, 4, 4, 4, 4, 4, 4, 4, 8]
    assert cells.next() == (0, 4)
    cells.touched[1, [2, 8]] = True
    assert cells.next() == (1, 2)
    cells.there[:] = True
    assert cells.next() is None
