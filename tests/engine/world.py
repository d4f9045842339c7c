"""A simulated world for the render thread: a clock that only naps move, and a device that drains on time."""

import numpy as np

from engine.live.player import Player
from engine.live.ring import Word
from tests.engine.device import FakeOutput, drain
from tests.engine.playing import MODEL_RATE, build_synth

RATE = 48000
HEAD_START_S = 0.01  # the ring is filled before the device starts


class World:
    """A player, its output, and simulated time.

    period : device frames a callback; cost_s : of one block; audio : what the device has played
    burst : callbacks that come at one moment, as many times `period` apart
    """

    def __init__(self, period=128, cost_s=0.0, build=None, burst=1):
        self.now = 1000.0
        self.period, self.cost_s, self.burst = period, cost_s, burst
        self.output = FakeOutput(RATE)
        self.synths = []
        self.player = Player(build or self._build, self.output, MODEL_RATE, 8, lambda: self.now, self._sleep)
        self._next = self.now + HEAD_START_S
        self._played = []

    def _build(self, rate, effects):
        synth = build_synth(rate, effects)
        advance = synth.advance

        def slow():
            self._pass(self.cost_s)
            return advance()

        synth.advance = slow
        self.synths.append(synth)
        return synth

    def _sleep(self, seconds):
        self._pass(seconds)

    def _pass(self, seconds):
        self.now += seconds
        while self._next <= self.now:
            for _ in range(self.burst):
                self._played.append(drain(self.output.ring, self.period, self._next))
            self._next += self.burst * self.period / RATE

    def run(self, seconds, *events):
        """Let time pass. events : (seconds from now, event), which arrive with their time, as from a MIDI port."""
        begin, end = self.now, self.now + seconds
        waiting = sorted(events, key=lambda event: event[0])
        while self.now < end:
            while waiting and begin + waiting[0][0] <= self.now:
                time, event = waiting.pop(0)
                self.player.play(event, begin + time)
            self.player.step()

    @property
    def audio(self):
        """Mono float32 (frames,): all that the device played since the start."""
        return np.concatenate(self._played)[:, 0]

    def delays_ms(self, starts):
        """From each key to its sound. starts : seconds since the first `run`, with silence between the notes."""
        return (onsets(self.audio) / RATE + HEAD_START_S - np.array(starts)) * 1000

    @property
    def misses(self):
        return self.output.ring.count(Word.MISSES)


def onsets(audio, gap=2400):
    """Frames at which sound begins after at least `gap` frames of silence."""
    loud = np.flatnonzero(np.abs(audio) > 1e-4)
    return loud[np.flatnonzero(np.diff(loud, prepend=-gap - 1) > gap)]
