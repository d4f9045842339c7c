"""A hosted plug-in under a virtual clock, its process a script of answers."""

import threading

import numpy as np
import pytest

from common.errors import PluginError
from engine.plugins.effect import DEADLINE_S, HostedPlugin
from engine.plugins.exchange import Answer
from engine.plugins.faults import PAUSES_S
from engine.plugins.messages import Description, Parameter
from presets.effects import Plugin
from tests.engine.plugins.playing import FRAMES, RATE, click_db, tone

LATENCY = 480
HELD = Plugin("VST3", "Scripted", "1")


class Scripted:
    """Plays half as loud, LATENCY frames late; answers what it is told to, in turn."""

    pid, note, waited_ns = 1, "", 1000

    def __init__(self, answers=(), log=None):
        knob = Parameter("gain", "Gain", "", 0.0, 4.0, 0.5)
        self.description = Description("Scripted", "", "1", latency=LATENCY, parameters=(knob,), category="Fx|Delay")
        self.answers, self.log = list(answers), [] if log is None else log
        self.before, self.gain, self.closed = np.zeros((2, 2), np.float32), 0.5, False
        self.renew(RATE)

    def pace(self, frames, rate):
        return 0.0

    def play(self, block, wet, patience_s, lag=0):
        self.log.append(patience_s)
        line = np.concatenate([self.past, block])
        self.past = line[len(block) :]
        answer = self.answers.pop(0) if self.answers else Answer.PLAYED
        wet[:] = self.gain * line[: len(block)] if answer == Answer.PLAYED else np.nan
        self.before[:] = self.last
        self.last = self.gain * line[len(block) - 2 : len(block)]
        return answer

    def set(self, index, value):
        assert index == 0
        self.gain = value

    def renew(self, rate):
        self.past, self.last = np.zeros((LATENCY, 2), np.float32), np.zeros((2, 2), np.float32)

    def save(self):
        return b"gain %g" % self.gain

    def close(self):
        self.closed = True


class Bench:
    """A hosted plug-in, its clock and its processes. script : for each process its answers, or an error"""

    def __init__(self, *script, live=True, parameters=None):
        self.now, self.script, self.children = 1000.0, list(script), []
        self.hosted = HostedPlugin(HELD, self.start, RATE, live, parameters, clock=lambda: self.now)
        self.hosted.prepare(RATE, FRAMES)
        self.heard = []

    def start(self, plugin, rate, values):
        answers = self.script.pop(0) if self.script else ()
        if isinstance(answers, Exception):
            raise answers
        child = Scripted(answers)
        for index, value in values.items():
            child.set(index, value)
        self.children.append(child)
        return child

    def play(self, blocks):
        """In ticks of 4 ms; the keeper's turn comes after each."""
        audio = tone(blocks * FRAMES, start=len(self.heard) * FRAMES)
        for at in range(0, len(audio), FRAMES):
            self.hosted.process(audio[at : at + FRAMES])
            self.heard.append(self.hosted.heard)
            self.now += FRAMES / RATE
            self.hosted.tend()
        return audio


def delayed(audio, frames=LATENCY):
    return np.concatenate([np.zeros((frames, 2), np.float32), audio])[: len(audio)]


def test_it_is_the_plug_in_and_its_latency_is_known():
    bench = Bench()
    audio = bench.play(50)
    assert bench.hosted.latency == LATENCY and bench.hosted.tail > 0
    assert np.array_equal(audio, 0.5 * delayed(tone(50 * FRAMES)))
    assert set(bench.children[0].log) == {DEADLINE_S}


def test_missed_blocks_play_dry_in_time_and_the_plug_in_comes_back():
    bench = Bench([Answer.PLAYED] * 150 + [Answer.LATE] * 2)
    audio = bench.play(300)
    assert [block for block, heard in enumerate(bench.heard) if not heard] == [150, 151]
    dry = delayed(tone(300 * FRAMES))
    seam = slice(150 * FRAMES + 144, 152 * FRAMES)  # the step has decayed
    assert np.array_equal(audio[seam], dry[seam])
    assert np.array_equal(audio[152 * FRAMES + 144 :], 0.5 * dry[152 * FRAMES + 144 :])
    assert click_db(audio) < -60.0
    assert len(bench.children) == 1


@pytest.mark.parametrize("answers", [[Answer.LATE] * 3, [Answer.BAD], [Answer.GONE]])
def test_it_is_bypassed_and_started_again(answers):
    bench = Bench([Answer.PLAYED] * 150 + answers, parameters={"gain": 0.25})
    audio = bench.play(150 + len(answers))
    assert bench.children[0].closed and "bypassed and starts again" in bench.hosted.notice
    audio = np.concatenate([audio, bench.play(300)])
    dry = delayed(tone(len(audio)))
    back = 150 + bench.heard[150:].index(True)
    assert PAUSES_S[0] < (back - 150) * FRAMES / RATE < PAUSES_S[0] + 0.1
    assert np.array_equal(audio[150 * FRAMES + 144 : back * FRAMES], dry[150 * FRAMES + 144 : back * FRAMES])
    assert np.array_equal(audio[back * FRAMES + 144 :], 0.25 * dry[back * FRAMES + 144 :])  # its parameter, too
    assert click_db(audio) < -60.0
    assert bench.hosted.notice == ""


def test_what_fails_again_and_again_is_left_off_and_the_music_plays_on():
    bench = Bench(*[[Answer.PLAYED] * 30 + [Answer.GONE]] * 4)
    bench.play(3000)
    assert len(bench.children) == 4 and all(child.closed for child in bench.children)
    assert "left off" in bench.hosted.notice
    audio = bench.play(50)
    assert np.array_equal(audio[LATENCY:], delayed(tone(50 * FRAMES, start=3000 * FRAMES))[LATENCY:])


def test_a_start_that_fails_is_tried_three_times():
    broken = PluginError("no")
    bench = Bench([Answer.GONE], broken, broken, broken)
    bench.play(3000)
    assert len(bench.children) == 1 and not bench.script and "does not start" in bench.hosted.notice


def test_offline_it_waits_and_a_failure_is_an_error():
    bench = Bench([Answer.PLAYED] * 3 + [Answer.LATE], live=False)
    bench.play(3)
    assert min(bench.children[0].log) > 10.0
    with pytest.raises(PluginError, match="Scripted does not answer"):
        bench.play(1)


def test_reset_is_silence_bit_for_bit():
    bench = Bench(live=False)
    first = bench.play(20)
    bench.hosted.reset()
    bench.heard.clear()
    assert np.array_equal(bench.play(20), first)


def test_a_reset_in_the_render_thread_never_waits():
    bench = Bench()
    bench.play(20)
    child = bench.children[0]
    child.renew = lambda rate: pytest.fail("the render thread waited")
    render = threading.Thread(target=bench.hosted.reset)
    render.start()
    render.join()
    del child.renew
    bench.heard.clear()
    bench.play(40)
    assert not bench.heard[0] and bench.heard[-1]
    assert len(bench.children) == 1


def test_parameters_go_to_it_and_unknown_ones_are_ignored():
    bench = Bench()
    bench.hosted.set("gain", 0.125)
    bench.hosted.set("tempo_bpm", 99.0)
    assert np.array_equal(bench.play(20), 0.125 * delayed(tone(20 * FRAMES)))


def test_what_a_preset_keeps():
    bench = Bench([Answer.PLAYED] * 5 + [Answer.GONE])
    assert bench.hosted.holds(HELD)
    bench.hosted.set("gain", 2.0)
    bench.play(5)
    kept = bench.hosted.plugin()
    assert kept == Plugin("VST3", "Scripted", "1", state=b"gain 2")
    assert bench.hosted.holds(kept) and bench.hosted.holds(HELD)
    assert not bench.hosted.holds(Plugin("VST3", "Scripted", "1", state=b"gain 3"))
    bench.play(1)
    assert bench.hosted.plugin() == kept  # it is gone: what was last known


def test_closed_it_ends_its_process_and_starts_no_other():
    bench = Bench()
    bench.hosted.close()
    bench.now += 1e6
    bench.hosted.tend()
    assert [child.closed for child in bench.children] == [True]
