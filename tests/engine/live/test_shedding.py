"""Fewer voices under overload, all of them again afterwards."""

from engine.live.shedding import Shedder

BLOCK_S = 0.004


def simulate(shedder, seconds, cost, wanted):
    """Blocks of `wanted` notes whose load is `cost` a voice; returns the voices that played after each."""
    history = []
    for _ in range(round(seconds / BLOCK_S)):
        playing = min(wanted, shedder.voices)
        shedder.observe(cost * playing, lambda count=playing: range(count), BLOCK_S)
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
        shedder.observe(3.0, tuple, BLOCK_S)
    assert shedder.voices == 4
