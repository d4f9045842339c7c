"""Fewer voices under overload, all of them again afterwards."""

from engine.live.shedding import Shedder

BLOCK_S = 0.004


def simulate(shedder, seconds, cost, wanted):
    """Blocks of `wanted` notes whose load is `cost` a voice; returns the voices that played after each."""
    history = []
    for _ in range(round(seconds / BLOCK_S)):
        playing = min(wanted, shedder.voices)
        shedder.observe(cost * playing, playing)
        history.append(shedder.voices)
    return history


def test_nothing_is_shed_while_the_load_fits():
    assert set(simulate(Shedder(8), 1.0, cost=0.1, wanted=8)) == {8}


def test_twice_the_load_sheds_within_50_ms_and_then_fits():
    shedder = Shedder(8)
    history = simulate(shedder, 0.05, cost=0.25, wanted=8)
    assert history[-1] * 0.25 <= 0.9


def test_all_voices_are_back_within_a_second():
    shedder = Shedder(8)
    simulate(shedder, 0.5, cost=0.5, wanted=8)
    assert shedder.voices == 1
    assert simulate(shedder, 1.0, cost=0.01, wanted=8)[-1] == 8


def test_the_last_voice_is_never_shed():
    assert min(simulate(Shedder(4), 1.0, cost=5.0, wanted=4)) == 1


def test_a_busy_machine_without_voices_sheds_none():
    shedder = Shedder(4)
    for _ in range(100):
        shedder.observe(3.0, 0)
    assert shedder.voices == 4


def test_what_does_not_fit_is_remembered_while_few_notes_play():
    shedder = Shedder(8)
    simulate(shedder, 0.1, cost=0.25, wanted=8)
    assert set(simulate(shedder, 60.0, cost=0.25, wanted=1)) == {3}


def test_a_single_late_block_sheds_nothing():
    shedder = Shedder(8)
    for _ in range(20):
        simulate(shedder, 0.2, cost=0.08, wanted=8)
        shedder.observe(5.0, 8)
        assert shedder.voices == 8


def test_a_late_block_before_all_others_sheds_nothing():
    shedder = Shedder(8)
    shedder.observe(5.0, 1)
    assert shedder.voices == 8


def test_two_blocks_are_enough_whatever_the_overload():
    for cost in (0.15, 0.25, 1.0, 8.0):
        shedder = Shedder(8)
        simulate(shedder, 1.0, cost=0.01, wanted=8)
        assert simulate(shedder, 2 * BLOCK_S, cost, wanted=8)[-1] == max(1, int(0.75 / cost))


def test_voices_that_ask_for_more_samples_cost_more():
    """0.1 a voice and sample: eight fit at speed 1, two at 4, and it is known at once when they come again."""
    shedder = Shedder(8)

    def play(seconds, speed):
        for _ in range(round(seconds / BLOCK_S)):
            playing = shedder.voices
            shedder.observe(0.1 * speed * playing, playing, speed)
        return shedder.voices

    assert play(1.0, speed=1.0) == 8
    assert play(2 * BLOCK_S, speed=4.0) == 1
    assert play(1.0, speed=1.0) == 8
    assert play(BLOCK_S, speed=4.0) == 1
    assert play(1.0, speed=0.5) == 8
