"""Processors one after the other, and as none at all."""

import numpy as np
import pytest

from common.errors import SynthError
from engine.effects.chain import SLOTS, Chain
from engine.mix.limiter import Limiter
from tests.engine.effects.echo import ECHO, LATENCY, Echo

RATE = 48000
NOISE = np.random.default_rng(8).uniform(-0.5, 0.5, (20000, 2)).astype(np.float32)


def run(processor, audio, size=192):
    out = audio.copy()
    for at in range(0, len(out), size):
        processor.process(out[at : at + size])
    return out


def prepared(*processors):
    chain = Chain(processors)
    chain.prepare(RATE, 192)
    return chain


def test_an_empty_chain_leaves_every_bit():
    chain = prepared()
    assert chain.latency == chain.tail == 0
    odd = np.array([[0.0, -0.0], [1e-45, np.inf], [np.nan, -3.0]], np.float32)
    assert run(chain, odd).tobytes() == odd.tobytes()


def test_latencies_and_tails_add_up():
    limiter = Limiter()
    chain = prepared(Echo(), limiter, prepared(Echo()))
    assert chain.latency == 2 * LATENCY + limiter.latency
    assert chain.tail == 2 * ECHO


def test_in_order_in_place_whatever_the_blocks():
    chain = prepared(Echo(), Echo())
    echo = NOISE[:1000] * np.float32(0.25)
    out = run(chain, np.concatenate([NOISE[:1000], np.zeros((19000, 2), np.float32)]))
    np.testing.assert_allclose(out[2 * LATENCY :][:1000], echo, atol=1e-7)
    np.testing.assert_allclose(out[2 * (LATENCY + ECHO) :][:1000], echo / 4, atol=1e-7)
    for size in (1, 64, 177):
        chain.reset()
        once = run(chain, NOISE[:4000], size)
        chain.reset()
        np.testing.assert_array_equal(once, run(chain, NOISE[:4000]))


def test_reset_forgets():
    chain = prepared(Echo())
    first = run(chain, NOISE)
    chain.reset()
    assert run(chain, NOISE).tobytes() == first.tobytes()


def test_a_full_chain():
    Chain([Echo() for _ in range(SLOTS)])
    with pytest.raises(SynthError, match="9 effects: a chain has room for 8"):
        Chain([Echo() for _ in range(SLOTS + 1)])
