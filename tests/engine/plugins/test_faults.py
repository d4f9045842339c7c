"""When a plug-in is bypassed, and when it may try again."""

import pytest

from engine.plugins.exchange import Answer
from engine.plugins.faults import HEALTHY_S, MOST_MISSES, PAUSES_S, Misses, Restarts


def test_three_misses_in_a_row_are_too_many_two_are_not():
    misses = Misses()
    row = [Answer.LATE, Answer.LATE, Answer.PLAYED, Answer.LATE, Answer.LATE, Answer.LATE]
    assert [misses.observe(answer) for answer in row] == [False, False, False, False, False, True]
    assert MOST_MISSES == 3


@pytest.mark.parametrize("answer", [Answer.BAD, Answer.GONE])
def test_one_bad_block_is_too_many(answer):
    assert Misses().observe(answer)


def test_the_pauses_grow_and_then_it_is_left_off():
    restarts, now = Restarts(), 1000.0
    for pause in PAUSES_S:
        restarts.failed(now)
        assert not restarts.off and not restarts.due(now + 0.9 * pause) and restarts.due(now + pause)
        now += pause
        restarts.started(now)
        assert not restarts.due(now + 1e6)
        now += 1.0
    restarts.failed(now)
    assert restarts.off and not restarts.due(now + 1e6)
    assert sorted(PAUSES_S) == list(PAUSES_S) and len(PAUSES_S) == 3


def test_failures_of_long_ago_are_forgotten():
    restarts, now = Restarts(), 1000.0
    for _ in range(10):
        restarts.failed(now)
        assert restarts.due(now + PAUSES_S[0]) and not restarts.off
        restarts.started(now + PAUSES_S[0])
        now += PAUSES_S[0] + HEALTHY_S + 1.0


def test_a_start_that_fails_counts_too():
    restarts = Restarts()
    for now in range(1 + len(PAUSES_S)):
        restarts.failed(float(now))
    assert restarts.off
