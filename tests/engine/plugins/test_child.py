"""The process of a plug-in: what it imports, how it begins and ends, and what it is told."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from common.errors import PluginError
from engine.plugins.child import Child
from engine.plugins.exchange import Answer
from engine.plugins.memory import SLOTS
from tests.engine.plugins.fake_host import PROGRAM
from tests.engine.waiting import wait_until
from tests.paths import ROOT


@pytest.fixture
def child():
    child = Child("gain=0.5", 48000, program=PROGRAM)
    yield child
    child.close()


def block(value=0.5, frames=192):
    return np.full((frames, 2), value, np.float32), np.empty((frames, 2), np.float32)


def test_it_imports_nothing_heavy():
    heavy = {"numba", "torch", "PySide6", "scipy", "llvmlite"}
    code = "import sys, engine.plugins.host, engine.plugins.vst3; print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "pedalboard" in out.stdout.split() and not heavy.intersection(out.stdout.split())


def test_a_block_there_and_back(child):
    audio, wet = block()
    assert child.play(audio, wet, 5.0) == Answer.PLAYED
    assert np.array_equal(wet, 0.5 * audio)
    assert child.description.name == "Fake" and child.waited_ns > 0


def test_blocks_of_any_size(child):
    for frames in (1, 2, 3, 64, 191, 193, 1024):
        audio, wet = block(0.25, frames)
        assert child.play(audio, wet, 5.0) == Answer.PLAYED and np.array_equal(wet, 0.5 * audio)


def test_a_parameter_is_heard_from_the_next_block_on(child):
    audio, wet = block()
    child.set(0, 2.0)
    child.play(audio, wet, 5.0)
    assert np.array_equal(wet, 2.0 * audio) and child.show(0, 0.5) == "0.50"


def test_state_there_and_back(child):
    child.set(0, 0.75)
    state = child.save()
    other = Child("gain=0.5", 48000, program=PROGRAM)
    other.restore(state)
    audio, wet = block()
    other.play(audio, wet, 5.0)
    assert np.array_equal(wet, np.float32(0.75) * audio) and other.save() == state
    other.close()


def test_a_stopped_process_is_late_and_catches_up(child):
    audio, wet = block()
    os.kill(child.pid, signal.SIGSTOP)
    begin = time.monotonic()
    assert [child.play(audio, wet, 0.001) for _ in range(2)] == [Answer.LATE] * 2
    assert time.monotonic() - begin >= 0.002
    os.kill(child.pid, signal.SIGCONT)
    assert child.play(*block(0.25), 5.0) == Answer.PLAYED
    assert np.all(child.before == 0.25)  # it has played the blocks that it had missed


def test_a_bad_block_that_was_late_is_found_with_the_next():
    child = Child("fault=play late nan,at=2", 48000, program=PROGRAM)
    assert child.play(*block(), 5.0) == Answer.PLAYED
    assert child.play(*block(), 0.001) == Answer.LATE
    assert child.play(*block(), 5.0) == Answer.BAD
    assert child.play(*block(), 5.0) == Answer.PLAYED
    child.close()


def test_far_too_many_blocks_do_no_harm(child):
    os.kill(child.pid, signal.SIGSTOP)
    for _ in range(3 * SLOTS):
        child.play(*block(), 0.0)
    os.kill(child.pid, signal.SIGCONT)
    audio, wet = block(0.25)
    assert child.play(audio, wet, 5.0) == Answer.PLAYED and np.array_equal(wet, 0.5 * audio)


def test_a_killed_process_is_gone_at_once(child):
    os.kill(child.pid, signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    begin = time.monotonic()
    assert child.play(*block(), 10.0) == Answer.GONE
    assert time.monotonic() - begin < 5.0
    with pytest.raises(PluginError, match="SIGKILL"):
        child.save()


@pytest.mark.parametrize(
    ("fault", "line"), [("load crash", "it crashed .SIGSEGV."), ("load hang", "does not answer within 0.5 s")]
)
def test_crash_and_hang_at_load(fault, line):
    with pytest.raises(PluginError, match=line):
        Child(f"fault={fault}", 48000, program=PROGRAM, patience_s=0.5 if "hang" in fault else 10.0)


def test_what_is_no_plug_in_is_told(tmp_path):
    with pytest.raises(PluginError, match="nothing.vst3"):
        Child(str(tmp_path / "nothing.vst3"), 48000)


def test_it_ends_with_whoever_started_it():
    code = (
        "import os, signal; from engine.plugins.child import Child\n"
        f"child = Child('gain=1', 48000, program='{PROGRAM}')\n"
        "print(child.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    pid = int(out.stdout)
    wait_until(lambda: not _runs(pid), "the end of the child", 10.0)


def _runs(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
