"""A preset's chain with a hosted plug-in: rendered, played live, and where the plug-in is not as it was."""

import os
import signal
from dataclasses import replace

import numpy as np
import pytest

from common.errors import PluginError
from engine.commands import LoadPreset, NoteOff, NoteOn, SetEffect, SetEffects, ShowEditor
from engine.effects.table import chain_of
from engine.plugins import effect
from engine.plugins.messages import Description
from engine.plugins.rack import Rack
from engine.synth import Synth
from engine.voice.sound import Sound
from presets.effects import PLUGIN, Plugin, Slot
from presets.file import encode, read_preset, write_preset
from tests.engine.live.conftest import serve  # noqa: F401
from tests.engine.plugins.fake_editor import EDITOR_PROGRAM
from tests.engine.plugins.fake_host import PROGRAM
from tests.fakes import FAKE_CONFIG, FakeDecoder, fake_preset


@pytest.fixture(autouse=True)
def none_is_slow(monkeypatch):
    """Also on a machine that is busy with something else."""
    monkeypatch.setattr(effect, "SLOW_S", 60.0)


SLOTS = (
    Slot(1, PLUGIN, plugin=Plugin("VST3", "Fake", "1", state=b"gain 0.25"), parameters={"gain": 0.25}),
    Slot(2, "eq", parameters={"mid_db": 6.0}),
)
PRESET = fake_preset(effects=SLOTS)


class OneShelf:
    """Holds the fake plug-in in one version, or none."""

    def __init__(self, version, latency=100):
        self.version, self.latency = version, latency

    def find(self, name):
        if self.version is None:
            raise PluginError(f"plug-in {name}: there is none of this name")
        return Description(name, f"version={self.version},latency={self.latency},hand=turn", self.version)


def rack(version="1", live=False):
    return Rack(OneShelf(version), live, PROGRAM, EDITOR_PROGRAM)


def played(opener, slots=SLOTS, ticks=100):
    """(audio, lines) of a note through a chain."""
    chain, lines = chain_of(slots, opener.open)
    synth = Synth(FakeDecoder(), effects=chain)
    synth.load(Sound.from_preset(PRESET, FAKE_CONFIG))
    synth.handle(NoteOn(60, 100))
    synth.handle(NoteOff(60), synth.model_rate // 10)
    audio = np.concatenate([synth.advance().copy() for _ in range(ticks)])
    problems = [insert.hosted.notice for insert in chain.inserts if insert.hosted and insert.hosted.notice]
    opener.close()
    return audio, [*lines.values(), *problems]


def test_live_and_rendered_are_the_same_bit_for_bit():
    rendered, lines = played(rack())
    again, _ = played(rack())
    assert not lines and rendered.any() and np.array_equal(rendered, again)
    for _ in range(5):  # a busy machine may miss a block, and then plays it dry
        live, _ = played(rack(live=True))
        if np.array_equal(live, rendered):
            return
    pytest.fail("live differs from rendered five times")


def test_a_plug_in_that_is_absent_is_told_and_kept():
    audio, lines = played(rack(None))
    dry, _ = played(rack(None), SLOTS[1:])
    assert np.array_equal(audio, dry) and len(lines) == 1 and "none of this name" in lines[0]


def test_another_version_gets_the_parameters_and_it_is_told():
    audio, lines = played(rack("2"))
    same, nothing = played(rack("1"))
    assert np.array_equal(audio, same) and not nothing
    assert "saved with version 1, here is 2" in lines[0]


def test_a_parameter_that_is_not_named_any_more_goes_back_to_the_state():
    plugins = rack()
    slot = Slot(1, PLUGIN, plugin=Plugin("VST3", "Fake", "1", state=b"gain 0.25"))
    chain, _ = chain_of([replace(slot, parameters={"gain": 2.0})], plugins.open)
    chain.prepare(48000, 192)
    (insert,) = chain.inserts
    for parameters, expected in (({"gain": 2.0}, 2.0), ({}, 0.25), ({"gain": 0.5}, 0.5)):
        insert.follow(replace(slot, parameters=parameters))
        block = np.full((192, 2), 0.125, np.float32)
        chain.process(block)
        assert np.all(block[-1] == np.float32(0.125 * expected))
    plugins.close()


def test_half_wet_is_in_time_to_a_frame():
    plugins = Rack(OneShelf("1", latency=480), False, PROGRAM)
    slot = Slot(1, PLUGIN, wet=0.5, plugin=Plugin("VST3", "Fake"), parameters={"gain": 1.0})
    chain, _ = chain_of([slot], plugins.open)
    chain.prepare(48000, 192)
    audio = np.zeros((1920, 2), np.float32)
    audio[100] = 0.5
    for at in range(0, len(audio), 192):
        chain.process(audio[at : at + 192])
    assert chain.latency == 480 and np.flatnonzero(audio[:, 0]).tolist() == [580]
    plugins.close()


def test_saved_again_it_is_as_it_was(tmp_path):
    path = tmp_path / "one.manifold"
    write_preset(PRESET, path)
    assert read_preset(path).effects == SLOTS
    assert encode(read_preset(path)) == path.read_bytes()


def test_live_a_killed_plug_in_is_told_and_comes_back(serve, tmp_path):  # noqa: F811
    path = tmp_path / "one.manifold"
    write_preset(PRESET, path)
    opened = []

    def open_plugin(slot):
        opened.append(plugins.open(slot))
        return opened[-1]

    plugins = rack(live=True)
    engine = serve(open_plugin=open_plugin)
    engine.send(LoadPreset(str(path)))
    told = engine.until(lambda telemetry: telemetry.plugins, "the plug-in's state")
    assert told.plugins == ((1, Plugin("VST3", "Fake", "1", state=b"gain 0.250000")),)
    told = engine.until(lambda telemetry: telemetry.preset == "Fake" and telemetry.effects, "the preset")
    assert [(state.slot, state.latency, state.problem) for state in told.effects] == [(1, 100, ""), (2, 0, "")]
    engine.until(lambda telemetry: telemetry.samples > told.samples + 4000, "the new chain, faded in")
    engine.send(SetEffect(1, "gain", 0.5), NoteOn(60, 100))
    engine.until(lambda telemetry: max(telemetry.peak) > 0.01, "the note")
    os.kill(opened[0].pid, signal.SIGKILL)
    told = engine.until(lambda telemetry: telemetry.effects[0].problem, "the notice")
    assert "Fake has crashed" in told.notice and max(told.peak) > 0.01
    engine.until(lambda telemetry: not telemetry.effects[0].problem and opened[0].heard, "the plug-in")
    assert opened[0].plugin().state == b"gain 0.500000"
    plugins.close()


def test_live_what_is_turned_in_its_own_window_is_told_and_that_closes_with_the_slot(serve, tmp_path):  # noqa: F811
    path = tmp_path / "one.manifold"
    write_preset(PRESET, path)
    plugins, edited = rack(live=True), []
    engine = serve(open_plugin=plugins.open)

    def until(condition, what):
        return engine.until(lambda now: edited.extend(now.edited) or condition(now), what)

    engine.send(LoadPreset(str(path)), ShowEditor(2, True))
    until(lambda now: "has no editor" in now.notice, "the line about an effect that has none")
    engine.send(ShowEditor(1, True))
    until(lambda now: edited and edited[-1].values == {"gain": 1.0}, "the turn")
    assert {(each.slot, each.gesture) for each in edited} == {(1, 1)}
    engine.send(SetEffect(1, "on", 0.0))
    until(lambda now: not now.effects[0].editing, "its end, bypassed")
    engine.send(SetEffect(1, "on", 1.0), ShowEditor(1, True))
    until(lambda now: now.effects[0].editing, "the window")
    engine.send(SetEffects(SLOTS[1:]))
    told = until(lambda now: len(now.effects) == 1, "the shorter chain")
    assert not told.effects[0].editing
    plugins.close()
