"""A plug-in's own window beside its playing process: what is turned there is heard, and what befalls it is not."""

import contextlib
import os
import shutil

import numpy as np
import pytest

from engine.plugins import editor
from engine.plugins.child import Child
from engine.plugins.effect import HostedPlugin
from presets.effects import Plugin
from tests.engine.plugins.playing import FRAMES, RATE, fake, play, tone
from tests.engine.plugins.screen import close_window, do, new_screen
from tests.engine.plugins.test_faults_real import GAIN, LATENCY, check_sound
from tests.engine.plugins.test_vst3 import PLACES
from tests.engine.waiting import wait_until


class Heard:
    """Listens to an editor and, as the chain does, sets what was turned."""

    def __init__(self, hosted):
        self.hosted, self.values, self.gestures, self.plugins, self.lines = hosted, [], set(), [], []
        hosted.open_editor(self.tell, self.lines.append)

    def tell(self, gesture, values, plugin):
        for name, value in values.items():
            self.hosted.set(name, value)
            self.values.append((name, value))
            self.gestures.add(gesture)
        self.plugins += [plugin] if plugin else []


@contextlib.contextmanager
def opened(hand):
    hosted = fake(f"gain={GAIN},latency={LATENCY},hand={hand}")
    try:
        yield Heard(hosted)
    finally:
        hosted.close()


def test_what_is_turned_is_told_and_heard_and_its_echo_turns_nothing_back():
    with opened("turn") as heard:
        wait_until(lambda: heard.values and heard.values[-1] == ("gain", 1.0), "the end of the turn")
        played = play(heard.hosted, 100)
        assert heard.hosted.editing and heard.values[-1] == ("gain", 1.0) and heard.gestures == {1}
        assert [value for _, value in heard.values] == sorted(value for _, value in heard.values)
        assert np.array_equal(played.audio[-FRAMES:], late_tone(played))
        assert not heard.plugins and not heard.lines
        heard.hosted.close_editor()
        assert not heard.hosted.editing


def test_it_follows_what_others_set_and_the_hand_goes_on_from_there():
    with opened("answer") as heard:
        heard.hosted.set("gain", 2.0)
        wait_until(lambda: heard.values, "the answer")
        assert heard.values == [("gain", 3.0)]


@pytest.mark.parametrize("hand", ["secret", pytest.param("leave", marks=pytest.mark.long)])
def test_what_is_no_parameter_is_told_as_a_state_and_heard(hand):
    with opened(hand) as heard:
        before = heard.hosted.plugin()
        wait_until(lambda: heard.plugins, "the state")
        gain, after = 1.0 if hand == "leave" else GAIN, heard.plugins[0]
        assert after.state == b"gain %f turned over" % gain and heard.hosted.holds(after)
        assert not heard.hosted.holds(before)
        played = play(heard.hosted, 400, until=lambda: played_over(heard.hosted))
        assert np.array_equal(played.audio[-FRAMES:], -gain * late_tone(played))
        assert heard.hosted.starts == 1 and heard.lines == ([""] if hand == "leave" else [])


def late_tone(played):
    """What came in as the last block came out."""
    return tone(len(played.audio) - LATENCY)[-FRAMES:]


def played_over(hosted):
    """It plays another state, and the step to that has gone."""
    return hosted.heard and hosted._handed is None and hosted._unheard < -5 * FRAMES


@pytest.mark.alone
@pytest.mark.parametrize(("hand", "line"), [
    ("crash", "the editor of Fake has crashed; its sound goes on"),
    ("hang", "the editor of Fake does not answer: it was closed; its sound goes on"),
    ("none", "the editor of Fake cannot be shown: it has no window; its sound goes on"),
])  # fmt: skip
def test_a_window_that_fails_is_told_and_nothing_is_heard_of_it(hand, line, monkeypatch):
    if hand == "hang":
        monkeypatch.setattr(editor, "PATIENCE_S", 1.0)
    with opened(hand) as heard:
        pid = heard.hosted.pid
        played = play(heard.hosted, 1500, until=lambda: heard.lines)
        assert heard.lines == [line] and not heard.hosted.editing
        assert heard.hosted.pid == pid and heard.hosted.starts == 1 and not heard.hosted.notice
        check_sound(played)


def test_it_closes_with_the_process_that_plays():
    with opened("turn") as heard:
        window = heard.hosted._editor.pid
        os.kill(heard.hosted.pid, 9)
        play(heard.hosted, 300, until=lambda: not heard.hosted.editing)
        wait_until(lambda: not alive(window), "its end")
        assert not heard.lines and "Fake has crashed" in heard.hosted.notice


def alive(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


@pytest.fixture
def screen():
    with new_screen():
        yield


@contextlib.contextmanager
def shown(name):
    """A real plug-in with its window, and what finds that in X: it comes twice, and the first goes."""
    hosted = HostedPlugin(Plugin("VST3", name), lambda plugin, rate, values: Child(PLACES[name], rate), RATE)
    hosted.prepare(RATE, FRAMES)
    try:
        heard = Heard(hosted)
        yield heard, lambda: wait_until(lambda: heard.lines or do("search", "--name", "^Pedalboard$"), "the window")[0]
    finally:
        hosted.close()


needs_screen = pytest.mark.skipif(
    not PLACES or not all(map(shutil.which, ("Xvfb", "xdotool"))), reason="needs zam-plugins, Xvfb, xdotool"
)


@needs_screen
def test_a_knob_is_dragged_in_a_real_window(screen):
    with shown("ZamCompX2") as (heard, window):
        upwards = ["mousemove_relative", "--sync", "--", 0, -4, "sleep", 0.03]
        drag = [45, 65, "mousedown", 1, *10 * upwards, "mouseup", 1]
        wait_until(lambda: do("mousemove", "--window", window(), *drag) or heard.values, "the turned knob")
        played = play(heard.hosted, 200)
        assert {name for name, _ in heard.values} == {"attack"} and heard.gestures == {1} and not heard.plugins
        assert heard.values[-1][1] > heard.values[0][1] > heard.hosted.defaults["attack"]
        assert np.abs(played.audio).max() > 0.1
        close_window(int(window()))
        wait_until(lambda: not heard.hosted.editing, "its end")
        assert heard.lines == [""]


@needs_screen
@pytest.mark.long
@pytest.mark.alone
@pytest.mark.parametrize("name", PLACES)
def test_every_real_window_opens_and_sees_nobody_turn_anything(name, screen):
    with shown(name) as (heard, window):
        played = play(heard.hosted, 1000)
        assert heard.hosted.editing and not heard.values and not heard.plugins and not heard.hosted.notice
        assert np.isfinite(played.audio).all()
        close_window(int(window()))
        wait_until(lambda: not heard.hosted.editing, "its end")
        assert heard.lines == [""]


@pytest.mark.skipif(not PLACES, reason="apt install zam-plugins")
def test_without_a_screen_it_is_one_line(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    hosted = HostedPlugin(Plugin("VST3", "ZamEQ2"), lambda plugin, rate, values: Child(PLACES["ZamEQ2"], rate), RATE)
    heard = Heard(hosted)
    wait_until(lambda: heard.lines, "the line")
    assert heard.lines[0].startswith("the editor of ZamEQ2 cannot be shown: ") and "\n" not in heard.lines[0]
    hosted.close()
