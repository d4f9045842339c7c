"""A hosted plug-in played at the real rhythm, and what a listener and a stopwatch make of it."""

import contextlib
import os
import threading
import time
from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, sosfilt

from engine.plugins.child import Child
from engine.plugins.effect import HostedPlugin
from presets.effects import Plugin
from tests.engine.plugins.fake_editor import EDITOR_PROGRAM
from tests.engine.plugins.fake_host import PROGRAM

RATE, FRAMES = 48000, 192
TONE_HZ, TONE_PEAK = 220.0, 0.25  # -12 dBFS
_SETTLED_S = 0.5
_CLICK_HZ = 8000.0


def tone(frames, start=0):
    """float32 (frames, 2)"""
    at = np.arange(start, start + frames) / RATE
    one = TONE_PEAK * np.sin(2 * np.pi * TONE_HZ * at)
    return np.stack([one, one], 1).astype(np.float32)


def fake(place, live=True, parameters=None, slow=False, max_frames=FRAMES + 1, **options):
    """A HostedPlugin of the fake child, prepared. slow : however long it takes"""

    def start(plugin, rate, values):
        child = Child(place, rate, program=PROGRAM, **options)
        for index, value in values.items():
            child.set(index, value)
        return child

    hosted = HostedPlugin(Plugin("VST3", "Fake"), start, RATE, live, parameters, editor_program=EDITOR_PROGRAM)
    hosted._slow = slow
    hosted.prepare(RATE, max_frames)
    return hosted


@contextlib.contextmanager
def urgent():
    """The calling thread as the render thread is scheduled, where the system allows it."""
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(20))
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


@dataclass
class Played:
    """audio : float32 (frames, 2)

    took_ms, waited_ms : float64 (blocks,), of `process`, and in it for the plug-in
    wet : whether the plug-in was heard, by block
    """

    audio: np.ndarray
    took_ms: np.ndarray
    waited_ms: np.ndarray
    wet: list


def play(hosted, blocks, at=None, action=None, until=None, frames=FRAMES):
    """Play a tone. A thread tends the plug-in meanwhile.

    action : done before block `at`, and again before the next until it returns True; until : ends it early
    """
    done, waiting = threading.Event(), action is not None
    keeper = threading.Thread(target=_tend, args=(hosted, done), daemon=True)
    keeper.start()
    audio, took, waited, wet = tone(blocks * frames), np.zeros(blocks), np.zeros(blocks), []
    period = frames / RATE
    try:
        with urgent():
            begin = time.monotonic()
            for block in range(blocks):
                if waiting and block >= at:
                    waiting = not action()
                time.sleep(max(begin + block * period - time.monotonic(), 0.0))
                start = time.monotonic()
                hosted.process(audio[block * frames : (block + 1) * frames])
                took[block], waited[block] = 1e3 * (time.monotonic() - start), 1e-6 * hosted.waited_ns
                wet.append(hosted.heard)
                if until is not None and block > (at or 0) and until():
                    break
    finally:
        done.set()
        keeper.join()
    count = len(wet)
    return Played(audio[: count * frames], took[:count], waited[:count], wet)


def _tend(hosted, done):
    while not done.wait(0.02):
        hosted.tend()


def click_db(audio):
    """The loudest of what lies far above the tone, in dBFS, after the filter has settled."""
    high = sosfilt(butter(8, _CLICK_HZ, "highpass", fs=RATE, output="sos"), audio.astype(np.float64), axis=0)
    settled = round(_SETTLED_S * RATE) if len(high) > _SETTLED_S * RATE * 1.2 else len(high) // 4
    return 20 * np.log10(np.abs(high[settled:]).max() + 1e-12)


def control_ms(blocks):
    """How long a wait of 1 ms takes in the same rhythm without any plug-in: the machine's own hiccups."""
    took = np.zeros(blocks)
    with urgent():
        begin = time.monotonic()
        for block in range(blocks):
            time.sleep(max(begin + block * FRAMES / RATE - time.monotonic(), 0.0))
            start = time.monotonic()
            time.sleep(0.001)
            took[block] = 1e3 * (time.monotonic() - start)
    return took
