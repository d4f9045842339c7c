"""The chain of a playing engine: made in the chores thread, heard without a click, closed when it is gone."""

import subprocess
import sys
import threading

import numpy as np
import pytest

from engine.commands import LoadPreset, NoteOn, SetEffect, SetEffects
from engine.effects.kinds import KINDS
from engine.live.effects import LiveEffects
from presets.effects import PLUGIN, Plugin, Slot
from presets.file import write_preset
from tests.engine.effects.echo import ECHO_KIND, Echo
from tests.engine.playing import click_db
from tests.engine.world import RATE, World
from tests.fakes import fake_preset
from tests.paths import ROOT

HELD = (0.0, NoteOn(45, 127))


class Watched(Echo):
    """A plug-in that remembers in which thread it was prepared."""

    def prepare(self, rate, max_frames):
        super().prepare(rate, max_frames)
        self.thread = threading.current_thread()


@pytest.fixture(autouse=True)
def echo(monkeypatch):
    monkeypatch.setitem(KINDS, "echo", ECHO_KIND)


def change(world, effects, *slots):
    """As the chores thread does it, while the world goes on."""
    thread = threading.Thread(target=effects.change, args=(slots,))
    thread.start()
    while thread.is_alive():
        world.run(0.01)
    world.run(0.3)
    return thread


def zam(id, state=b""):
    return Slot(id, PLUGIN, plugin=Plugin("VST3", "Zam", state=state))


def test_a_chain_comes_changes_and_goes_under_a_held_note_without_a_click():
    world, opened = World(), []

    def open_plugin(slot):
        opened.append(Watched(latency=0))
        return opened[-1]

    effects = LiveEffects(world.player, open_plugin)
    world.run(0.3, HELD)
    reverb, eq = Slot(1, "reverb", wet=0.5), Slot(3, "eq", parameters={"low_db": 6.0})
    assert change(world, effects, reverb, zam(2)) is opened[0].thread is not world.player._thread
    change(world, effects, zam(2, b"its own"), reverb, eq)
    change(world, effects, eq)
    assert len(opened) == 1 and not opened[0].closed
    effects.tidy()
    assert opened[0].closed and not world.player.effects.retired
    change(world, effects)
    audio = world.audio[RATE // 10 :, np.newaxis]
    audio[:4800] *= np.hanning(9600)[:4800, np.newaxis]  # not the note's attack, nor the cut
    assert click_db(audio) < -60
    assert world.player.effects.inserts == () and world.misses == 0


def test_the_latency_is_counted_and_told():
    world = World()
    effects = LiveEffects(world.player, lambda slot: Echo(960))
    before = world.player._synth.latency
    change(world, effects, zam(7), Slot(8, "eko"))
    assert world.player._synth.latency == before + 960
    zam_state, eko_state = effects.states
    assert (zam_state.slot, zam_state.latency, zam_state.problem) == (7, 960, "")
    assert eko_state.slot == 8 and "eko" in eko_state.problem


def test_after_a_fault_and_at_another_rate_the_chain_plays_on():
    world = World()
    effects = LiveEffects(world.player, lambda slot: Echo(960))
    change(world, effects, Slot(1, "echo", wet=0.5), zam(2))
    world.player._synth.advance = lambda: 1 / 0
    world.run(0.3)
    assert world.player.fault and [insert.slot.id for insert in world.player.effects.inserts] == [1, 2]
    world.player._rebuild(44100)
    assert world.player.effects.latency == 480 + 960
    change(world, effects, Slot(1, "echo", wet=0.5))
    assert [insert.slot.id for insert in world.player.effects.inserts] == [1]


PEAKS = """
import tracemalloc
import numpy as np
from engine.effects.chain import Chain
from engine.effects.kinds import KINDS
from engine.effects.table import inserts_of
from presets.effects import Slot
for kind in KINDS:
    inserts, _ = inserts_of([Slot(1, kind, wet=0.5)])
    chain, block = Chain(inserts), np.zeros((192, 2), np.float32)
    chain.prepare(48000, 193)
    def play():
        for value in (0.2, 0.4):
            chain.set(1, KINDS[kind].macro, value)
            chain.process(block)
    play()
    tracemalloc.start()
    play()
    print(kind, tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
"""


@pytest.mark.slow
def test_a_block_and_a_knob_allocate_no_arrays_but_the_block_of_pedalboard():
    """In a process of its own: here, threads of other tests may allocate meanwhile."""
    run = subprocess.run([sys.executable, "-c", PEAKS], cwd=ROOT, capture_output=True, text=True, check=True)
    peaks = dict(line.split() for line in run.stdout.splitlines())
    assert peaks.keys() == KINDS.keys() - {"echo"}
    for kind, peak in peaks.items():
        assert int(peak) < (4096 if KINDS[kind].maker.startswith("engine.effects.board") else 1024), kind


@pytest.fixture
def presets(tmp_path):
    made = {
        "Wet": fake_preset("Wet", effects=(Slot(1, "reverb"), zam(2))),
        "Dry": fake_preset("Dry"),
    }
    for name, preset in made.items():
        write_preset(preset, tmp_path / f"{name}.manifold")
    return {name: LoadPreset(str(tmp_path / f"{name}.manifold")) for name in made}


def test_a_preset_brings_its_chain_and_says_what_is_missing(serve, presets):
    engine = serve()
    engine.send(presets["Wet"])
    told = engine.until(lambda telemetry: telemetry.effects, "the chain")
    assert [state.slot for state in told.effects] == [1, 2]
    assert told.effects[1].problem in told.notice and "'Zam'" in told.notice
    engine.send(SetEffects((Slot(1, "reverb"),)), SetEffect(1, "wet", 0.25))
    told = engine.until(lambda telemetry: len(telemetry.effects) == 1, "the other chain")
    assert told.notice == ""
    engine.send(presets["Dry"])
    engine.until(lambda telemetry: telemetry.preset == "Dry" and telemetry.effects == (), "no chain")
