"""A slot's plug-in where it is absent, of another version, or dies of its own state."""

import pytest

from common.errors import PluginError
from engine.plugins.messages import Description
from engine.plugins.rack import Rack
from presets.effects import PLUGIN, Plugin, Slot
from tests.engine.plugins.fake_host import PROGRAM
from tests.engine.plugins.playing import FRAMES, RATE, tone

STATE = b"gain 0.250000"


class OneShelf:
    """Holds one plug-in, the fake one."""

    def __init__(self, place="version=2"):
        self.place = place

    def find(self, name):
        if name != "Fake":
            raise PluginError(f"plug-in {name}: there is none of this name")
        return Description("Fake", self.place, "2", effect=self.place != "instrument")


def opened(plugin, parameters=None, place="version=2"):
    rack = Rack(OneShelf(place), live=False, program=PROGRAM)
    return rack, rack.open(Slot(1, PLUGIN, plugin=plugin, parameters=parameters or {}))


def gain(hosted):
    hosted.prepare(RATE, FRAMES)
    block = tone(FRAMES)
    hosted.process(block)
    return round(float(block[50, 0] / tone(FRAMES)[50, 0]), 6)


@pytest.mark.parametrize(
    ("plugin", "parameters", "expected", "note"),
    [
        (Plugin("VST3", "Fake", "2"), {}, 0.5, ""),
        (Plugin("VST3", "Fake", "2", state=STATE), {}, 0.25, ""),
        (Plugin("VST3", "Fake", "", state=STATE), {}, 0.25, ""),
        (Plugin("VST3", "Fake", "2", state=STATE), {"gain": 0.75, "gone": 3.0}, 0.75, ""),
        (Plugin("VST3", "Fake", "1", state=STATE), {"gain": 0.75}, 0.75, "saved with version 1, here is 2"),
        (Plugin("VST3", "Fake", "1", state=STATE), {}, 0.5, "saved with version 1"),
        (Plugin("VST3", "Fake", "2", state=b"no number"), {"gain": 0.75}, 0.75, "its saved state cannot be used"),
    ],
)
def test_state_then_parameters(plugin, parameters, expected, note):
    rack, hosted = opened(plugin, parameters)
    assert note in hosted.notice and bool(note) == bool(hosted.notice)
    assert hosted.holds(plugin)  # what was saved is kept as it is until somebody saves anew
    assert gain(hosted) == expected
    rack.close()


def test_a_crash_at_state_leaves_the_parameters():
    rack, hosted = opened(Plugin("VST3", "Fake", "2", state=STATE), {"gain": 0.75}, "version=2,fault=state crash")
    assert "its saved state cannot be used" in hosted.notice and gain(hosted) == 0.75
    rack.close()


@pytest.mark.parametrize(
    ("plugin", "place", "line"),
    [
        (Plugin("VST3", "Nix"), "version=2", "there is none of this name"),
        (Plugin("CLAP", "Fake"), "version=2", "CLAP is not hosted"),
        (Plugin("VST3", "Fake"), "instrument", "it is an instrument"),
        (Plugin("VST3", "Fake"), "fault=load crash", "SIGSEGV"),
    ],
)
def test_what_cannot_be_opened_is_told(plugin, place, line):
    with pytest.raises(PluginError, match=line):
        opened(plugin, place=place)


def test_live_a_keeper_starts_it_again(tmp_path):
    rack = Rack(OneShelf(f"version=2,fault=play crash,at=2,once={tmp_path / 'mark'}"), program=PROGRAM)
    hosted = rack.open(Slot(1, PLUGIN, plugin=Plugin("VST3", "Fake")))
    hosted.prepare(RATE, FRAMES)
    from tests.engine.waiting import wait_until

    def comes_back():
        hosted.process(tone(FRAMES))
        return hosted.starts == 2 and hosted.heard

    wait_until(comes_back, "the plug-in")
    rack.close()
