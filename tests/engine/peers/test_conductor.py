"""The tempo from clocks, from those who are asked, and from a knob."""

from engine.commands import SetTempo
from engine.events.tempo import TICKS, Source, Tick
from engine.peers.conductor import Conductor


class Given:
    source = Source.TRANSPORT

    def __init__(self, bpm=None):
        self.told, self.closed = bpm, False

    def bpm(self):
        return self.told

    def close(self):
        self.closed = True


class Stage:
    def __init__(self, *givers):
        self.now, self.played = 100.0, []
        self.conductor = Conductor(self.played.append, givers, lambda: self.now)

    def beat(self, bpm, beats, port=1):
        for _ in range(beats * TICKS):
            self.conductor.tick(Tick(port), self.now)
            self.now += 60.0 / (bpm * TICKS)


def test_a_clock_sets_the_tempo_once():
    stage = Stage()
    stage.beat(90.0, 8)
    assert len(stage.played) == 1 and abs(stage.played[0].bpm - 90.0) < 0.01
    assert stage.conductor.source == Source.CLOCK


def test_two_clocks_at_once_are_not_mixed():
    stage = Stage()
    for _ in range(200):
        stage.conductor.tick(Tick(1), stage.now)
        stage.conductor.tick(Tick(2), stage.now)
        stage.now += 60.0 / (90.0 * TICKS)
    assert len(stage.played) == 1 and abs(stage.conductor.bpm - 90.0) < 0.01


def test_who_is_asked_and_the_knob():
    giver = Given()
    stage = Stage(giver)
    stage.conductor.poll()
    stage.conductor.knob(140.0)
    giver.told = 100.0
    stage.conductor.poll()
    stage.conductor.knob(150.0)  # a stronger one was just heard
    assert stage.played == [SetTempo(140.0), SetTempo(100.0)]
    giver.told, stage.now = None, stage.now + 3.0
    stage.conductor.poll()
    stage.conductor.knob(150.0)
    assert stage.played[2:] == [SetTempo(150.0)]


def test_closed_it_lets_go():
    giver = Given()
    Stage(giver).conductor.close()
    assert giver.closed
