"""Inserts one after the other, and as none at all; and how they change while they play."""

import numpy as np
import pytest

from engine.effects.chain import Chain
from engine.effects.insert import Insert, shares
from engine.effects.table import inserts_of
from presets.effects import Slot
from tests.engine.effects.echo import ECHO, LATENCY, Echo
from tests.engine.playing import click_db

RATE = 48000
NOISE = np.random.default_rng(8).uniform(-0.5, 0.5, (20000, 2)).astype(np.float32)
ON = np.repeat(0.5 * np.sin(2 * np.pi * 220 / RATE * np.arange(RATE))[:, np.newaxis], 2, 1).astype(np.float32)
TONE = ON.copy()  # begins softly; it goes on as ON
TONE[:2400] *= np.hanning(4800)[:2400, np.newaxis]
SETTLE = 6000  # frames after which a cross-fade is over


def run(processor, audio, size=192):
    out = audio.copy()
    for at in range(0, len(out), size):
        processor.process(out[at : at + size])
    return out


def echo(id=1, latency=LATENCY, **fields):
    return Insert(Slot(id, "echo", **fields), Echo(latency))


def prepared(*inserts):
    chain = Chain(inserts)
    chain.prepare(RATE, 192)
    return chain


def fresh(insert):
    """Ready to come into a chain that plays."""
    insert.prepare(RATE, 192)
    insert.hold(True)
    insert.reset()
    return insert


def delayed(audio, frames):
    return np.concatenate([np.zeros((frames, 2), np.float32), audio])[: len(audio)]


def change(chain, *inserts):
    chain.change(inserts, tuple(insert.slot for insert in inserts))


def test_an_empty_chain_leaves_every_bit():
    chain = prepared()
    assert chain.latency == chain.tail == 0
    odd = np.array([[0.0, -0.0], [1e-45, np.inf], [np.nan, -3.0]], np.float32)
    assert run(chain, odd).tobytes() == odd.tobytes()


def test_latencies_and_tails_add_up():
    chain = prepared(echo(1), echo(2, 7), echo(3, 0, on=False), echo(4, wet=0.0))
    assert chain.latency == 2 * LATENCY + 7
    assert chain.tail == 2 * ECHO


@pytest.mark.parametrize("fields", [{"wet": 0.0}, {"on": False}, {"on": False, "wet": 0.5}])
@pytest.mark.parametrize("latency", [0, 1, 480])
def test_bypassed_or_without_wet_it_is_its_input_bit_for_bit(fields, latency):
    assert run(prepared(echo(1, latency, **fields)), NOISE).tobytes() == delayed(NOISE, latency).tobytes()


def test_half_wet_is_half_of_each_in_time():
    out = run(prepared(echo(1, wet=0.5)), NOISE)
    wet = run(prepared(echo(1)), NOISE)
    np.testing.assert_allclose(out, 0.5 * delayed(NOISE, LATENCY) + 0.5 * wet, atol=1e-7)
    assert np.abs(out - delayed(NOISE, LATENCY)).max() > 0.1


def test_a_sound_beside_the_dry_one_adds_its_power():
    for wet in (0.1, 0.5, 0.9):
        dry, beside = shares(wet)
        assert dry**2 + beside**2 == pytest.approx(1.0) and 0 < beside / dry == pytest.approx(np.tan(wet * np.pi / 2))
    reverb, _ = inserts_of([Slot(1, "reverb", wet=0.5)])
    alone, _ = inserts_of([Slot(1, "reverb")])
    half, wet = run(prepared(*reverb), NOISE), run(prepared(*alone), NOISE)
    np.testing.assert_allclose(half, np.sqrt(0.5) * (NOISE + wet), atol=1e-6)


def test_in_order_in_place_whatever_the_blocks():
    chain = prepared(echo(1), echo(2, wet=0.7))
    once = run(chain, NOISE[:4000])
    for size in (1, 64, 177):
        chain.reset()
        np.testing.assert_array_equal(run(chain, NOISE[:4000], size), once)


def test_reset_forgets():
    chain = prepared(echo())
    first = run(chain, NOISE)
    chain.reset()
    assert run(chain, NOISE).tobytes() == first.tobytes()


@pytest.mark.parametrize("name", ["on", "wet"])
def test_bypass_and_wet_are_cross_faded(name):
    chain = prepared(echo(wet=0.8))
    start = run(chain, TONE)
    chain.set(1, name, 0.0)
    there = run(chain, ON)
    chain.set(1, name, 0.8)
    assert click_db(np.concatenate([start, there, run(chain, ON)])) < -60
    assert there[SETTLE:].tobytes() == delayed(ON, LATENCY)[SETTLE:].tobytes()


def test_a_parameter_reaches_its_slot_alone_and_the_tempo_all():
    one, two = Echo(), Echo()
    chain = prepared(Insert(Slot(5, "echo"), one), Insert(Slot(7, "echo"), two))
    chain.set(7, "level", 0.5)
    chain.set(6, "level", 0.1)
    chain.set_tempo(90.0)
    assert (one.told, two.told) == ({"level": 1.0, "tempo_bpm": 90.0}, {"level": 0.5, "tempo_bpm": 90.0})


CHANGES = {
    "added": ([1], [1, 2]),
    "removed": ([1, 2], [1]),
    "the first removed": ([1, 2], [2]),
    "swapped": ([1, 2], [2, 1]),
    "all others": ([1, 2], [3, 4]),
    "emptied": ([1], []),
    "filled": ([], [1, 2]),
}


@pytest.mark.parametrize("latency", [0, 480])
@pytest.mark.parametrize(("before", "after"), CHANGES.values(), ids=CHANGES)
def test_a_change_under_a_tone_does_not_click_and_is_what_it_would_have_been(before, after, latency):
    inserts = {id: echo(id, latency, wet=0.4 + 0.1 * id) for id in {*before, *after}}
    chain = prepared(*(inserts[id] for id in before))
    start = run(chain, TONE)
    for id in set(after) - set(before):
        fresh(inserts[id])
    change(chain, *(inserts[id] for id in after))
    out = run(chain, ON)
    assert click_db(np.concatenate([start, out])) < -60
    assert [insert.slot.id for insert in chain.inserts] == after
    assert {insert.slot.id for insert in chain.retired} == set(before) - set(after)
    expected = run(prepared(*(echo(id, latency, wet=0.4 + 0.1 * id) for id in after)), np.concatenate([TONE, ON]))
    np.testing.assert_allclose(out[-RATE // 2 :], expected[-RATE // 2 :], atol=1e-6)


def test_a_change_upon_a_change_ends_where_the_last_one_said():
    one, two, three = echo(1, 0), fresh(echo(2, 0)), fresh(echo(3, 0))
    chain = prepared(one)
    start = run(chain, TONE)
    change(chain, one, two)
    start = np.concatenate([start, run(chain, ON[:1920])])
    change(chain, three, one)
    chain.set(3, "level", 0.25)
    assert click_db(np.concatenate([start, run(chain, np.roll(ON, -1920, 0))])) < -60
    assert chain.inserts == (three, one) and [*chain.retired] == [two]  # which never played
    change(chain, one)
    chain.reset()
    assert chain.inserts == (one,)


def test_what_stays_plays_on_and_follows_its_slot():
    effect = Echo(0)
    chain = prepared(Insert(Slot(1, "echo", wet=0.5), effect))
    run(chain, TONE)
    chain.change(chain.inserts, (Slot(1, "echo", wet=1.0, parameters={"level": 0.5}),))
    out = run(chain, np.zeros((ECHO, 2), np.float32))
    assert effect.told["level"] == 0.5 and np.abs(out).max() > 0.05  # the echo of what was before
