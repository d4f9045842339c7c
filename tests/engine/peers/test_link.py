"""A Link session with a second member."""

import asyncio

import pytest

from engine.peers.link import Link, _joined
from tests.engine.waiting import wait_until

aalink = pytest.importorskip("aalink")


def test_the_tempo_of_the_session_is_followed():
    link = Link(120.0)
    assert link.bpm() is None or isinstance(link.bpm(), float)  # somebody else may be in the network
    other = asyncio.run(_joined(aalink, 120.0))
    try:
        wait_until(lambda: link.bpm() is not None and other.num_peers, "the peer", 20.0)
        other.tempo = 133.0
        wait_until(lambda: abs((link.bpm() or 0.0) - 133.0) < 0.01, "its tempo", 20.0)
    finally:
        other.enabled = False
        link.close()
