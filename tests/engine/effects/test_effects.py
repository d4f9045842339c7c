"""Every built-in effect: finite, its blocks of any size, its knobs without a click, its tail as long as it says."""

import numpy as np
import pytest

from engine.effects.chain import Chain
from engine.effects.kinds import KINDS
from engine.effects.table import inserts_of
from presets.effects import Slot
from tests.engine.playing import click_db, level_db

RATE, BLOCK = 48000, 192
TIME = np.arange(2 * RATE) / RATE
TONE = np.repeat(0.25 * np.sin(2 * np.pi * 220 * TIME)[:, np.newaxis], 2, 1).astype(np.float32)
TONE[:4800] *= np.hanning(9600)[:4800, np.newaxis]
NOISE = np.random.default_rng(3).uniform(-0.25, 0.25, (9600, 2)).astype(np.float32)
KNOBS = [(kind, name) for kind, row in KINDS.items() for name in row.rows]
ABOVE_HZ = 8000


def made(kind, wet=1.0, **parameters):
    inserts, missing = inserts_of([Slot(1, kind, wet=wet, parameters=parameters)])
    assert not missing
    chain = Chain(inserts)
    chain.prepare(RATE, BLOCK + 1)
    return chain


def run(chain, audio, size=BLOCK, turn=None):
    """turn : called before each block with the seconds so far"""
    out = audio.copy()
    for at in range(0, len(out), size):
        if turn:
            turn(at / RATE)
        chain.process(out[at : at + size])
    return out


@pytest.mark.parametrize("kind", KINDS)
def test_it_changes_the_sound_and_stays_finite(kind):
    hard = {name: row.maximum for name, row in KINDS[kind].rows.items() if name != "sync"}
    for parameters in ({}, hard):
        out = run(made(kind, **parameters), np.concatenate([NOISE, 0 * NOISE, NOISE]))
        assert np.isfinite(out).all() and level_db(out) < 20
    assert kind == "eq" or np.abs(run(made(kind), NOISE) - NOISE).max() > 0.01


@pytest.mark.parametrize("kind", KINDS)
def test_blocks_of_any_size_and_a_second_time_are_the_same_bits(kind):
    chain = made(kind, wet=0.5)
    once = run(chain, NOISE)
    for size in (1, 64, 177):
        chain.reset()
        assert run(chain, NOISE, size).tobytes() == once.tobytes()
    assert run(made(kind, wet=0.5), NOISE).tobytes() == once.tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_without_wet_every_bit_stays_and_half_wet_is_another(kind):
    dry = made(kind, wet=0.0)
    late = np.concatenate([np.zeros((dry.latency, 2), np.float32), NOISE])[: len(NOISE)]
    assert run(dry, NOISE).tobytes() == late.tobytes()
    assert kind == "eq" or run(made(kind, wet=0.5), NOISE).tobytes() != NOISE.tobytes()


@pytest.mark.parametrize(("kind", "name"), KNOBS, ids=[".".join(knob) for knob in KNOBS])
def test_a_knob_turned_or_jumping_end_to_end_makes_no_noise(kind, name):
    row = KINDS[kind].rows[name]
    still = max(click_db(run(made(kind, **{name: end}), TONE), above_hz=ABOVE_HZ) for end in (row.minimum, row.maximum))
    sweep, jump = made(kind, **{name: row.minimum}), made(kind, **{name: row.minimum})

    def turn(seconds):
        sweep.set(1, name, row.minimum + min(max(seconds - 0.5, 0.0), 1.0) * (row.maximum - row.minimum))

    assert click_db(run(sweep, TONE, turn=turn), above_hz=ABOVE_HZ) < max(-60.0, still + 3)
    turned = run(jump, TONE, turn=lambda at: jump.set(1, name, row.maximum if int(at * 2) % 2 else row.minimum))
    assert click_db(turned, above_hz=ABOVE_HZ) < max(-60.0, still + 3)


@pytest.mark.parametrize("kind", KINDS)
def test_after_its_tail_it_is_silent(kind):
    chain = made(kind)
    run(chain, NOISE)
    silence = np.zeros((chain.tail + BLOCK, 2), np.float32)
    assert level_db(run(chain, silence)[-BLOCK:]) < -60
