"""The own window of the plug-in made of Python, at which a hand does what it is told to.

The place of the plug-in has it, as "hand=turn": to 1.0 bit by bit; "answer": to 3.0 once others have set 2.0; "secret":
what no parameter says; "leave": both of it, and the window is closed at once; "crash", "hang", "none": there is none.
"""

import time

import numpy as np

from engine.plugins import editor_host
from tests.engine.plugins.fake_host import Fake

EDITOR_PROGRAM = "tests.engine.plugins.fake_editor"
_RANGE = 4.0  # of its parameter


class WithWindow(Fake):
    def __init__(self, place, rate):
        super().__init__(place, rate)
        self.hand = dict(part.split("=") for part in place.split(","))["hand"]

    def edit(self, event):
        if self.hand == "none":
            raise RuntimeError("it has no window")
        getattr(self, f"hand_{self.hand}")(event)

    def hand_turn(self, event):
        self.wait(event, 5)
        for self.gain in np.linspace(0.5, 1.0, 21)[1:]:
            self.wait(event, 1)
        self.wait(event, 1e9)

    def hand_answer(self, event):
        while self.gain != 2.0:
            self.wait(event, 1)
        self.gain = 3.0
        self.wait(event, 1e9)

    def hand_secret(self, event):
        self.sign = -1.0
        self.wait(event, 1e9)

    def hand_leave(self, event):
        self.sign, self.gain = -1.0, 1.0

    def hand_crash(self, event):
        self.wait(event, 10)
        self.fault = "crash"
        self.fail()

    def hand_hang(self, event):
        self.wait(event, 10)
        self.fail()

    def wait(self, event, turns):
        """As long as an event loop asks so often."""
        while turns > 0 and not event.is_set():
            time.sleep(0.01)
            turns -= 1

    def positions(self):
        return np.array([self.gain / _RANGE])

    def place(self, index, position):
        self.gain = position * _RANGE

    def value(self, index, position):
        return position * _RANGE


if __name__ == "__main__":
    editor_host.main(WithWindow)
