"""Devices that are missing, come, refuse and fall silent."""

import pytest

from common.errors import DeviceError
from engine.live import audio_out
from engine.live.audio_out import AudioOut
from engine.live.player import Player
from engine.live.ring import Word
from engine.live.stream import NullStream
from tests.engine.device import FakeOutput, drain
from tests.engine.playing import MODEL_RATE, build_synth


class Sockets:
    """Where the test plugs devices in. `opened` are the streams, in order; a device in `refusing` does not start."""

    def __init__(self):
        self.plugged: list[str] = []
        self.refusing: set[str] = set()
        self.opened: list[FakeOutput] = []

    def open(self, part=None, rate=None, block=0):
        matches = [label for label in self.plugged if part is None or part in label]
        if not matches:
            raise DeviceError(f"no audio device: {part}")
        output = FakeOutput(rate or 48000)
        output.label = matches[0]
        output.start = lambda: self._start(output.label)
        self.opened.append(output)
        return output

    def _start(self, label):
        if label in self.refusing:
            raise DeviceError(f"{label} cannot be started")


@pytest.fixture
def sockets(monkeypatch):
    sockets = Sockets()
    monkeypatch.setattr(audio_out, "DeviceStream", sockets.open)
    monkeypatch.setattr(audio_out.stream, "refresh", lambda: None)
    monkeypatch.setattr(audio_out.stream, "labels", lambda: tuple(sockets.plugged))
    return sockets


@pytest.fixture
def audio():
    player = Player(build_synth, NullStream(), MODEL_RATE, 8)
    player.start()
    yield AudioOut(player)
    player.stop()


def test_nothing_is_opened_before_it_is_asked_for(sockets, audio):
    sockets.plugged = ["Card"]
    audio.retry()
    assert audio.device == ""


def test_a_device_that_appears_is_taken(sockets, audio):
    audio.open(None, None, 0)
    assert (audio.device, audio.notice) == ("", "no audio device: None")
    sockets.plugged = ["Card"]
    audio.retry()
    assert (audio.device, audio.notice, audio.devices) == ("Card", "", ("Card",))


def test_the_wished_device_is_waited_for_and_no_other_taken(sockets, audio):
    sockets.plugged = ["Card"]
    audio.open("Interface", None, 0)
    audio.retry()
    assert audio.device == ""
    sockets.plugged = ["Card", "Interface"]
    audio.retry()
    assert audio.device == "Interface"


def test_changing_closes_the_old_device_and_takes_the_new_rate(sockets, audio):
    sockets.plugged = ["Card", "Interface"]
    audio.open("Card", None, 0)
    audio.open("Interface", 44100, 256)
    assert sockets.opened[0].closed
    assert (audio.device, sockets.opened[1].rate) == ("Interface", 44100)


def test_a_device_that_does_not_start_is_closed_and_tried_again(sockets, audio):
    sockets.plugged, sockets.refusing = ["Card"], {"Card"}
    audio.open(None, None, 0)
    assert (audio.device, audio.notice) == ("", "Card cannot be started")
    assert sockets.opened[0].closed
    sockets.refusing = set()
    audio.retry()
    assert audio.device == "Card"


def test_an_open_device_is_left_alone(sockets, audio):
    sockets.plugged = ["Card"]
    audio.open(None, None, 0)
    audio.retry()
    assert len(sockets.opened) == 1


def test_a_device_whose_heart_stands_still_is_noticed(sockets, audio, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(audio_out.time, "monotonic", lambda: now[0])
    sockets.plugged = ["Card"]
    audio.open(None, None, 0)
    for _ in range(10):
        now[0] += 1.0
        drain(sockets.opened[0].ring, 64)
        assert not audio.stalled()
    now[0] += 2.0
    assert audio.stalled()


def test_a_heart_that_beats_slowly_is_not_still(sockets, audio, monkeypatch):
    """16384 frames at 8 kHz take two seconds."""
    now = [100.0]
    monkeypatch.setattr(audio_out.time, "monotonic", lambda: now[0])
    sockets.plugged = ["Card"]
    audio.open(None, 8000, 16384)
    assert not audio.stalled()
    for _ in range(5):
        for _ in range(20):
            now[0] += 0.1024
            assert not audio.stalled()
        drain(sockets.opened[0].ring, 16384)
    assert not audio.stalled()
    now[0] += 6.0
    assert audio.stalled()


def test_without_a_device_nothing_can_stall(audio, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(audio_out.time, "monotonic", lambda: now[0])
    for _ in range(3):
        assert not audio.stalled()
        now[0] += 10.0


def test_xruns_are_those_of_the_ring_and_of_the_device(sockets, audio):
    sockets.plugged = ["Card"]
    audio.open(None, None, 0)
    ring = sockets.opened[0].ring
    before = audio.xruns
    drain(ring, 64, flags=4)
    ring.words[Word.MISSES] += 2
    assert audio.xruns == before + 3
