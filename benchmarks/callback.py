"""How long the audio callback takes, called through its C pointer as PortAudio does: what share of its period is that?

python -m benchmarks.callback [--frames 128] [--calls 20000]
"""

import argparse
import ctypes
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engine.live.ring import Ring  # noqa: E402
from engine.live.stream import _callback  # noqa: E402

RATE = 48000


def measure(frames: int, calls: int) -> np.ndarray:
    """Microseconds of every call, float64 (calls,); the ring is full enough each time."""
    ring, output, times = Ring(65536), np.zeros((frames, 2), np.float32), np.zeros(3)
    to_output = output.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
    to_times = times.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
    taken, block = np.zeros(calls), np.zeros((frames, 2), np.float32)
    for call in range(calls):
        ring.push(block)
        times[1] = call * frames / RATE
        begin = time.perf_counter_ns()
        _callback.ctypes(None, to_output, frames, to_times, 0, ring.address)
        taken[call] = (time.perf_counter_ns() - begin) / 1000
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--frames", type=int, nargs="+", default=[16, 128, 1024], help="of a callback")
    parser.add_argument("--calls", type=int, default=20000)
    wish = parser.parse_args()
    for frames in wish.frames:
        middle, late = np.percentile(measure(frames, wish.calls), [50, 99.9])
        share = late * RATE / frames / 1e6
        print(f"{frames} frames: median {middle:.1f} us, p99.9 {late:.1f} us, {share:.1%} of the period at {RATE} Hz")


if __name__ == "__main__":
    main()
