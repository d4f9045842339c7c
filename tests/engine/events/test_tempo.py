"""One tempo from many sources, and a clock counted through its jitter."""

import numpy as np
import pytest

from engine.events.tempo import LASTS_S, TICKS, Clock, Source, Tempo


def ticks(bpm, count, start=0.0, jitter_s=0.0):
    even = start + np.arange(count) * 60.0 / (bpm * TICKS)
    return even + np.random.default_rng(1).uniform(-jitter_s, jitter_s, count)


@pytest.mark.parametrize("bpm", [20.5, 60.0, 97.3, 120.0, 174.0, 299.0])
def test_a_steady_clock(bpm):
    clock = Clock()
    told = [clock.tick(time) for time in ticks(bpm, 200)]
    assert told[:6] == [None] * 6
    assert told[6:] == pytest.approx([bpm] * 194)


def test_a_clock_that_jitters():
    clock = Clock()
    told = [clock.tick(time) for time in ticks(120.0, 400, jitter_s=0.002)]
    assert max(abs(bpm - 120.0) for bpm in told[100:]) < 0.6


def test_a_new_tempo_is_there_after_a_beat():
    clock = Clock()
    for time in ticks(120.0, 200):
        clock.tick(time)
    told = [clock.tick(time) for time in ticks(60.0, TICKS, start=time + 60.0 / (60.0 * TICKS))]
    assert told[-1] == pytest.approx(60.0, rel=0.02)


def test_after_a_pause_it_counts_anew():
    clock = Clock()
    for time in ticks(120.0, 100):
        clock.tick(time)
    told = [clock.tick(time) for time in ticks(90.0, 100, start=time + 10.0)]
    assert told[0] is None and told[-1] == pytest.approx(90.0)


def test_ticks_of_one_moment_are_no_tempo():
    clock = Clock()
    assert [clock.tick(1.0) for _ in range(20)] == [None] * 20


def test_the_stronger_source_wins_while_it_is_heard():
    tempo = Tempo(120.0)
    assert tempo.tell(Source.CLOCK, 90.0, 10.0) and tempo.bpm == 90.0
    assert not tempo.tell(Source.KNOB, 140.0, 11.0) and tempo.bpm == 90.0
    assert not tempo.tell(Source.TRANSPORT, 140.0, 11.9)
    assert tempo.tell(Source.KNOB, 140.0, 10.0 + LASTS_S) and tempo.source == Source.KNOB
    assert tempo.tell(Source.LINK, 100.0, 12.5) and tempo.bpm == 100.0


def test_only_what_changes_is_news():
    tempo = Tempo(120.0)
    assert not tempo.tell(Source.CLOCK, 120.01, 0.0) and tempo.source == Source.CLOCK
    assert tempo.tell(Source.CLOCK, 120.1, 0.0)


@pytest.mark.parametrize("bpm", [0.0, -3.0, 19.9, 300.1, float("nan"), float("inf")])
def test_what_is_no_tempo_is_ignored(bpm):
    tempo = Tempo(120.0)
    assert not tempo.tell(Source.CLOCK, bpm, 0.0) and (tempo.bpm, tempo.source) == (120.0, Source.KNOB)
