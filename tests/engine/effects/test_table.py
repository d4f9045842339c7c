"""What a new effect needs: its file and its line in the table. Here it is an echo, played in a song."""

import mido
import numpy as np
import pytest

from common.errors import SynthError
from engine.effects import table
from engine.offline.render import render_song
from engine.offline.songfile import read_song
from engine.synth import Synth
from engine.voice.sound import Sound
from tests.engine.effects.echo import ECHO, LATENCY, Echo
from tests.engine.playing import RATE, level_db, note, play, whole
from tests.fakes import FAKE_CONFIG, FakeDecoder, fake_preset

SOUND = Sound.from_preset(fake_preset(parameters={"release_ms": 50.0}), FAKE_CONFIG)


@pytest.fixture(autouse=True)
def echo(monkeypatch):
    monkeypatch.setitem(table.EFFECTS, "echo", Echo)


@pytest.fixture
def song(tmp_path):
    messages = [mido.Message("note_on", note=69, velocity=100, time=120), mido.Message("note_off", note=69, time=480)]
    file = mido.MidiFile()
    file.tracks.append(mido.MidiTrack(messages))
    file.save(tmp_path / "song.mid")
    return tmp_path / "song.mid"


def rendered(song, *names):
    return whole(render_song(read_song(song), FakeDecoder(), SOUND, RATE, effects=table.chain_of(names)))


def synth_with(*names):
    synth = Synth(FakeDecoder(), RATE, effects=table.chain_of(names))
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


def test_an_unknown_effect():
    with pytest.raises(SynthError, match="effect 'eko': there is none of this name; choose from echo"):
        table.chain_of(["echo", "eko"])
