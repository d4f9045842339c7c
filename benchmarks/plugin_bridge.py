"""What a plug-in in a process of its own costs: a block there and back at the real rhythm, beside none in between.

python -m benchmarks.plugin_bridge [--plugin ZamCompX2] [--blocks 3000]

Rows: frames of a block; whether an endless process runs beside it; whether render thread and child have real-time
priority (SCHED_FIFO). `machine` is a wait of 0.2 ms instead of the plug-in: what the machine itself adds.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engine.plugins.child import Child  # noqa: E402
from engine.plugins.effect import DEADLINE_S  # noqa: E402
from engine.plugins.exchange import Answer  # noqa: E402
from engine.plugins.scan import Shelf  # noqa: E402

RATE = 48000
PRIORITY = 20
WAIT_S = 0.0002


def paced(play, blocks: int, frames: int) -> np.ndarray:
    """Microseconds that `play` takes, block by block, float64 (blocks,)."""
    took = np.zeros(blocks)
    begin = time.monotonic()
    for block in range(blocks):
        time.sleep(max(begin + block * frames / RATE - time.monotonic(), 0.0))
        start = time.perf_counter_ns()
        play()
        took[block] = (time.perf_counter_ns() - start) / 1000
    return took


def bridged(place: str, frames: int, blocks: int, urgent: bool):
    """(microseconds by block, share that was not back by the deadline)"""
    child = Child(place, RATE, urgent)
    audio = np.random.default_rng(0).uniform(-0.3, 0.3, (frames, 2)).astype(np.float32)
    wet, missed = np.empty_like(audio), []
    took = paced(lambda: missed.append(child.play(audio, wet, DEADLINE_S) != Answer.PLAYED), blocks, frames)
    child.close()
    return took, np.mean(missed)


def inside(place: str, frames: int, blocks: int):
    """The plug-in in this process: no bridge."""
    from engine.plugins.vst3 import Vst3

    plugin = Vst3(place, RATE)
    audio = np.random.default_rng(0).uniform(-0.3, 0.3, (2, frames)).astype(np.float32)
    return paced(lambda: plugin.process(audio), blocks, frames), 0.0


@contextlib.contextmanager
def scheduled(urgent: bool):
    if urgent:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    yield
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


@contextlib.contextmanager
def beside(busy: bool):
    other = subprocess.Popen([sys.executable, "-c", "while True: pass"]) if busy else None
    yield
    if other is not None:
        other.kill()
        other.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--plugin", default="ZamCompX2", help="its name")
    parser.add_argument("--blocks", type=int, default=3000)
    wish = parser.parse_args()
    place = Shelf().find(wish.plugin).place
    print(f"{wish.plugin}, {wish.blocks} blocks a row, us: p50 / p99 / p99.9 / max; not back in 1 ms")
    for frames in (64, 192):
        for busy in (False, True):
            for urgent in (False, True):
                with beside(busy), scheduled(urgent):
                    rows = {
                        "bridge": bridged(place, frames, wish.blocks, urgent),
                        "inside": inside(place, frames, wish.blocks),
                        "machine": (paced(lambda: time.sleep(WAIT_S), wish.blocks, frames), 0.0),
                    }
                for name, (took, missed) in rows.items():
                    load, priority = "busy" if busy else "quiet", "FIFO" if urgent else "none"
                    numbers = " / ".join(f"{value:.0f}" for value in np.percentile(took, [50, 99, 99.9, 100]))
                    print(f"{frames:4} {load:5} {priority:4} {name:8} {numbers}; {missed:.3%}", flush=True)


if __name__ == "__main__":
    main()
