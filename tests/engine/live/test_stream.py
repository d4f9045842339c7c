"""The compiled callback, the choice of a device, and playing into nothing."""

import sys

import numpy as np
import pytest

from common.errors import DeviceError
from engine.live import stream
from engine.live.ring import Ring, Word
from engine.live.stream import NullStream, choose, labels
from tests.engine.device import drain

UNDERFLOW = 4


def test_the_callback_beats_once_a_call():
    ring = Ring(256)
    for _ in range(3):
        drain(ring, 32)
    assert ring.count(Word.BEATS) == 3


def test_the_callback_keeps_the_longest_time_between_two_calls():
    ring = Ring(256)
    for now_s in (10.0, 10.003, 10.010, 10.012):
        drain(ring, 32, now_s)
    assert ring.count(Word.LONGEST_US) == pytest.approx(7000, abs=1)


def test_the_callback_counts_what_the_device_flags():
    ring = Ring(256)
    drain(ring, 32)
    drain(ring, 32, flags=UNDERFLOW)
    drain(ring, 32, flags=1)
    assert ring.count(Word.FLAGGED) == 1


class FakePortAudio:
    """A sounddevice module with these devices: (name, api, outputs)."""

    def __init__(self, *devices, default=-1):
        self._apis = ["ALSA", "JACK Audio Connection Kit"]
        self._devices = devices
        self._default = default

    def query_hostapis(self, index=None):
        apis = [{"name": name, "default_output_device": self._default} for name in self._apis]
        return apis if index is None else apis[index]

    def query_devices(self):
        return [
            {"name": name, "hostapi": self._apis.index(api), "max_output_channels": outputs}
            for name, api, outputs in self._devices
        ]


CARD = ("Card: Analog (hw:0,0)", "ALSA", 2)
SECOND = ("Second card", "ALSA", 8)
MICROPHONE = ("Microphone", "ALSA", 0)
JACK = ("system", "JACK Audio Connection Kit", 2)


@pytest.fixture
def portaudio(monkeypatch):
    def install(*devices, default=-1):
        monkeypatch.setitem(sys.modules, "sounddevice", FakePortAudio(*devices, default=default))

    return install


def test_only_what_can_play_is_listed_and_jack_comes_first(portaudio):
    portaudio(CARD, MICROPHONE, JACK)
    assert labels() == ("system (JACK)", "Card: Analog (hw:0,0) (ALSA)")


def test_a_running_jack_server_is_the_default(portaudio):
    portaudio(CARD, JACK, default=0)
    assert choose() == (1, "system (JACK)")


def test_without_jack_the_default_is_the_systems(portaudio):
    portaudio(CARD, SECOND, default=1)
    assert choose()[0] == 1


def test_without_any_default_the_first_device_plays(portaudio):
    portaudio(MICROPHONE, SECOND)
    assert choose()[0] == 1


@pytest.mark.parametrize(("part", "index"), [("second", 1), ("ALSA", 0), ("jack", 2), ("Second card (ALSA)", 1)])
def test_a_part_of_the_name_chooses(portaudio, part, index):
    portaudio(CARD, SECOND, JACK)
    assert choose(part)[0] == index


def test_an_exact_name_wins_over_a_longer_one(portaudio):
    portaudio(("Card (ALSA) front", "ALSA", 2), ("Card", "ALSA", 2))
    assert choose("Card (ALSA)")[0] == 1


def test_an_unknown_name_is_refused_with_those_there_are(portaudio):
    portaudio(CARD, JACK)
    with pytest.raises(DeviceError, match="'nothing'.*system.*Card"):
        choose("nothing")


def test_without_devices_it_says_so(portaudio):
    portaudio(MICROPHONE)
    assert labels() == ()
    with pytest.raises(DeviceError, match="no audio device"):
        choose()


def test_without_portaudio_it_names_the_package(monkeypatch):
    class Finder:
        """An import that fails like sounddevice's without its library."""

        def find_spec(self, name, path, target=None):
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    with pytest.raises(DeviceError, match="apt install libportaudio2"):
        stream.refresh()
    assert labels() == ()


def test_nothing_plays_at_the_pace_of_the_clock():
    now = 100.0
    output = NullStream(48000, clock=lambda: now)
    output.ring.push(np.zeros((4800, 2), np.float32))
    now += 0.05
    output.tick()
    assert output.ring.fill == pytest.approx(2400, abs=1)
    now += 10.0
    output.tick()
    assert output.ring.fill == 0
    assert output.ring.count(Word.MISSES) == 0
