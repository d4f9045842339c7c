"""What a new effect needs: its file and its line in the table. Here it is an echo, played in a song."""

import sys

import mido
import numpy as np
import pytest

from common.errors import SynthError
from engine.commands import SetEffect, SetTempo
from engine.effects import table
from engine.effects.insert import Missing
from engine.effects.kinds import KINDS
from engine.offline.render import render_song
from engine.offline.songfile import read_song
from engine.synth import Synth
from engine.voice.sound import Sound
from presets.effects import PLUGIN, Plugin, Slot
from tests.engine.effects.echo import ECHO, ECHO_KIND, LATENCY, Echo
from tests.engine.playing import RATE, level_db, note, play, whole
from tests.fakes import FAKE_CONFIG, FakeDecoder, fake_preset

SOUND = Sound.from_preset(fake_preset(parameters={"release_ms": 50.0}), FAKE_CONFIG)


@pytest.fixture(autouse=True)
def echo(monkeypatch):
    monkeypatch.setitem(KINDS, "echo", ECHO_KIND)


@pytest.fixture
def song(tmp_path):
    messages = [mido.Message("note_on", note=69, velocity=100, time=120), mido.Message("note_off", note=69, time=480)]
    file = mido.MidiFile()
    file.tracks.append(mido.MidiTrack(messages))
    file.save(tmp_path / "song.mid")
    return tmp_path / "song.mid"


def chain(*kinds):
    return table.chain_of([Slot(id, kind) for id, kind in enumerate(kinds, 1)])[0]


def rendered(song, *kinds):
    return whole(render_song(read_song(song), FakeDecoder(), SOUND, RATE, effects=chain(*kinds)))


def synth_with(*kinds):
    synth = Synth(FakeDecoder(), RATE, effects=chain(*kinds))
    synth.load(SOUND)
    return synth


def test_it_is_heard_at_its_time_and_to_its_end(song):
    dry = rendered(song)
    wet = rendered(song, "echo")
    expected = np.zeros_like(wet)
    expected[: len(dry)] += 0.5 * dry
    expected[ECHO : ECHO + len(dry)] += 0.25 * dry[: len(wet) - ECHO]
    assert len(wet) >= len(dry) + ECHO
    np.testing.assert_allclose(wet, expected, atol=1e-6)
    assert level_db(dry[-ECHO:]) > -60  # so the echo sounds in the tail
    assert level_db(wet[len(dry) :]) > -80


def test_no_effects_are_no_effect(song):
    dry = whole(render_song(read_song(song), FakeDecoder(), SOUND, RATE))
    assert rendered(song).tobytes() == dry.tobytes()


def test_the_synth_counts_latency_and_tail():
    synth = synth_with("echo")
    assert synth.latency == synth_with().latency + LATENCY
    play(synth, 0.2, *note(0, 0.1))
    assert not synth.sounding()
    assert not synth.idle
    play(synth, ECHO / RATE)
    assert synth.idle


def test_reset_and_replay_is_the_same():
    synth = synth_with("echo", "echo")
    first = play(synth, 0.3, *note(0, 0.1))
    synth.reset()
    assert synth.idle
    assert play(synth, 0.3, *note(0, 0.1)).tobytes() == first.tobytes()


def test_a_parameter_and_the_tempo_come_as_events():
    effect = Echo()
    synth = Synth(FakeDecoder(), RATE, effects=table.Chain([table.Insert(Slot(3, "echo"), effect)]))
    for event in (SetEffect(3, "level", 0.25), SetEffect(3, "level", float("nan")), SetEffect(9, "level", 1.0)):
        synth.handle(event)
    synth.handle(SetTempo(90.0))
    synth.handle(SetTempo(float("inf")))
    play(synth, 0.01)
    assert effect.told == {"level": 0.25, "tempo_bpm": 90.0}


def test_what_cannot_be_had_plays_dry_and_is_told():
    slots = [Slot(1, "eko"), Slot(2, "echo"), Slot(3, PLUGIN, plugin=Plugin("VST3", "Zam"))]
    inserts, missing = table.inserts_of(slots)
    assert "effect 'eko' is not known here" in missing[1] and "plug-in 'Zam'" in missing[3] and len(missing) == 2
    effects = table.Chain([inserts[0], inserts[2]])
    effects.prepare(RATE, 192)
    noise = np.random.default_rng(1).uniform(-1, 1, (192, 2)).astype(np.float32)
    out = noise.copy()
    effects.process(out)
    assert out.tobytes() == noise.tobytes()


def test_without_pedalboard_its_effects_play_dry_and_say_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "pedalboard", None)
    inserts, missing = table.inserts_of([Slot(1, "reverb"), Slot(2, "drive"), Slot(3, "filter")])
    assert missing.keys() == {1, 3} and "effect 'reverb' needs pedalboard" in missing[1]
    assert all(isinstance(each._effect, Missing) for each in (inserts[0], inserts[2]))


def test_only_what_is_another_is_made_anew():
    opened = []

    def open_plugin(slot):
        opened.append(slot.plugin.name)
        return Echo()

    def zam(state):
        return Slot(2, PLUGIN, plugin=Plugin("VST3", "Zam", state=state))

    before, _ = table.inserts_of([Slot(1, "echo"), zam(b"its own")], open_plugin)
    after, _ = table.inserts_of([zam(b"its own"), Slot(1, "echo", wet=0.2), Slot(3, "echo")], open_plugin, before)
    assert after[:2] == (before[1], before[0]) and after[2] not in before
    table.inserts_of([zam(b"another")], open_plugin, before)
    assert opened == ["Zam", "Zam"]


def test_a_plug_in_that_cannot_be_opened_is_told():
    def open_plugin(slot):
        raise SynthError("Zam is not here; install zam-plugins")

    _, missing = table.inserts_of([Slot(4, PLUGIN, plugin=Plugin("VST3", "Zam"))], open_plugin)
    assert missing == {4: "Zam is not here; install zam-plugins"}


def test_after_warming_up_nothing_is_compiled(monkeypatch):
    table.warm_up()
    monkeypatch.setattr("numba.core.dispatcher._FunctionCompiler.compile", None)
    effects = chain("reverb", "delay", "drive", "filter", "eq", "compressor", "width", "chorus")
    effects.prepare(RATE, 193)
    effects.change(effects.inserts[:1], (Slot(1, "reverb", on=False),))
    for _ in range(100):
        effects.process(np.zeros((192, 2), np.float32))
    assert len(effects.inserts) == 1
