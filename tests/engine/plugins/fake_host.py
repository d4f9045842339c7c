"""A plug-in's process with a plug-in made of Python, whose faults come when they are told to.

Its place is what it is to be: "gain=0.5,latency=480,fault=play nan,at=100,once=/tmp/mark". `once` names a file: where
it is, the fault is over. A process that crashes or hangs makes it, else the test does.
"""

import os
import signal
import time
from pathlib import Path

import numpy as np
from msgspec import structs

from engine.plugins import host
from engine.plugins.messages import Description, Parameter

PROGRAM = "tests.engine.plugins.fake_host"
STATE = b"gain %f"
TURNED_OVER = b" turned over"  # after it, where it plays so: what no parameter says


class Fake:
    def __init__(self, place, rate):
        wish = dict(part.split("=") for part in place.split(",") if part)
        self.sign = 1.0
        self.first = self.gain = float(wish.get("gain", 0.5))
        self.latency = int(wish.get("latency", 0))
        self.fault, self.at = wish.get("fault", ""), int(wish.get("at", 0))
        self.once = Path(wish["once"]) if "once" in wish else None
        self.blocks = 0
        if self.due("load"):
            self.fail()
        knob = Parameter("gain", "Gain", "", 0.0, 4.0, self.first)
        self.description = Description(
            "Fake", place, wish.get("version", "1"), latency=self.latency, parameters=(knob,), category="Fx"
        )
        self.renew(rate)

    def due(self, when):
        return self.fault.startswith(when) and not (self.once and self.once.exists())

    def fail(self):
        """Crash or hang."""
        if self.once:
            self.once.touch()
        if self.fault.endswith("crash"):
            os.kill(os.getpid(), signal.SIGSEGV)
        time.sleep(1000.0)

    def renew(self, rate):
        self.past = np.zeros((2, self.latency), np.float32)

    def restore(self, state):
        if self.due("state"):
            self.fail()
        self.first = self.gain = float(state.split()[1])
        self.sign = -1.0 if state.endswith(TURNED_OVER) else 1.0
        knob = Parameter("gain", "Gain", "", 0.0, 4.0, self.first)
        self.description = structs.replace(self.description, parameters=(knob,))

    def settle(self):
        pass

    def set(self, index, value):
        self.gain = value

    def show(self, index, value):
        return f"{value:.2f}"

    def save(self):
        return STATE % self.gain + (TURNED_OVER if self.sign < 0.0 else b"")

    def process(self, audio):
        self.blocks += 1
        line = np.concatenate([self.past, audio], 1)
        self.past = line[:, line.shape[1] - self.latency :]
        played = line[:, : audio.shape[1]] * np.float32(self.sign * self.gain)
        if self.blocks >= self.at and self.due("play"):
            played = self.lie(played)
        return played

    def lie(self, played):
        kind = self.fault.removeprefix("play ")
        if kind in ("crash", "hang"):
            self.fail()
        if kind in ("slow", "tardy"):
            time.sleep(0.05 if kind == "slow" else 0.002)
        if kind.startswith("late") and self.blocks == self.at:
            time.sleep(0.006)
            played = played * np.float32(np.nan if kind == "late nan" else 1.0)
        if kind == "nan":
            played[0, 5] = np.nan
        if kind == "loud":
            played[1, 5] = 1001.0
        if kind == "denormal":
            played[:] = 1e-40
        return played[:, :-1] if kind == "size" else played


if __name__ == "__main__":
    host.main(Fake)
