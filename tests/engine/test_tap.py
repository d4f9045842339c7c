"""Another process reads what the device has taken: all of it, once, in order, and nothing of the engine's waits."""

import gc
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.live.ring import Ring
from engine.tap import Tap
from tests.engine.device import drain
from tests.paths import ROOT


def ramp(start, count):
    frames = np.arange(start, start + count, dtype=np.float32)
    return np.stack([frames, -frames], axis=1)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100), st.booleans()), max_size=40))
def test_what_the_device_takes_is_read_once_and_in_order(moves):
    ring = Ring(256)
    tap, pushed, taken, seen = Tap(ring.path), 0, 0, []
    for push, take, reads in moves:
        pushed += ring.push(ramp(pushed, min(push, 128 - ring.fill)))  # a player keeps far less ahead
        took = min(take, ring.fill)
        drain(ring, took)
        taken += took
        if reads or taken - sum(map(len, seen)) > 27:
            seen.append(tap.read())
    seen.append(tap.read())
    assert np.array_equal(np.concatenate(seen), ramp(0, taken))


def test_a_reader_that_slept_gets_the_newest_alone():
    ring = Ring(256)
    tap = Tap(ring.path)
    for start in range(0, 1000, 100):
        ring.push(ramp(start, 100))
        drain(ring, 100)
    assert np.array_equal(tap.read(), ramp(1000 - 128, 128))
    assert len(tap.read()) == 0


def test_a_ring_that_is_gone_is_noticed_even_where_another_has_its_place():
    ring = Ring(256)
    tap, path = Tap(ring.path), ring.path
    assert tap.current
    del ring
    gc.collect()
    assert not tap.current
    other = Ring(256)
    assert not tap.current and (other.path != path or Tap(path).current)
    with pytest.raises((OSError, ValueError)):
        Tap(__file__)


def test_another_process_reads_it_and_imports_no_compiler():
    ring = Ring(256)
    code = (
        "import sys\nfrom engine.tap import Tap\ntap = Tap(sys.argv[1])\nprint('ready', flush=True)\ninput()\n"
        "print(tap.read()[:, 0].tolist(), 'numba' in sys.modules)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, ring.path], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout.readline() == "ready\n"
        ring.push(ramp(0, 4))
        drain(ring, 3)
        assert reader.communicate("\n")[0] == "[0.0, 1.0, 2.0] False\n"
