"""Other weights while it plays: what sounded is released under what follows, and nothing waits."""

import threading

import numpy as np
import pytest

from common.errors import ModelError
from engine.commands import ControlChange, LoadPreset, NoteOff, NoteOn, PitchBend
from engine.effects.chain import Chain
from engine.events.controllers import SUSTAIN, VOLUME
from engine.mix.limiter import CEILING
from engine.synth import Synth
from engine.voice.sound import Sound
from models.checkpoints.source import DEFAULT_SOURCE, Source
from models.config import WaveNetConfig
from presets.file import write_preset
from tests.engine.playing import cents, frequency
from tests.engine.world import RATE, World
from tests.fakes import FakeDecoder, fake_preset

# Another kind of sines: faster, with more channels.
OTHER = WaveNetConfig(width=4, skip_width=4, layers=2, stages=2, taps=2, latent=5, harmonics=4, rate=24000)
SOUND = Sound.from_preset(fake_preset("Other", OTHER), OTHER)


def build(rate, effects):
    return Synth(FakeDecoder(OTHER), rate, 8, effects=effects)


def change(world, seconds=1.0, build=build):
    """Change to the other weights while the world goes on. returns : whether the synth before has left"""
    left = []
    thread = threading.Thread(target=lambda: left.append(world.player.change(build, OTHER.rate, 8, SOUND, Chain())))
    thread.start()
    while not world.player._tasks.qsize():
        pass
    world.run(seconds)
    thread.join()
    return left[0]


def held(world):
    world.player.snapshot()
    world.run(0.02)
    return [(voice.note, voice.held) for voice in world.player.snapshot().voices]


def test_held_notes_fade_without_a_click_and_what_follows_plays_at_once():
    world = World()
    world.run(0.5, (0.1, NoteOn(60, 127)), (0.1, NoteOn(64, 127)))
    before = world.audio.size
    assert change(world, 0.6)
    fading = world.audio[before:]
    assert np.abs(np.diff(fading)).max() < 1.5 * np.abs(np.diff(world.audio[before - 4800 : before])).max(), "a click"
    assert np.abs(fading[: RATE // 100]).max() > 0.01 and not fading[-RATE // 20 :].any()
    assert world.misses == 0 and held(world) == []
    world.run(0.5, (0.0, NoteOn(69, 127)))
    assert abs(cents(frequency(world.audio[-RATE // 4 :, np.newaxis], RATE), 440.0)) < 5
    assert held(world) == [(69, True)]


def test_controllers_pedals_and_waiting_events_go_on():
    world = World()
    world.run(0.3, (0.0, ControlChange(SUSTAIN, 127)), (0.0, PitchBend(8191)))
    world.player.play(NoteOn(69, 127), world.now + 0.001)  # waits for its sample
    world.player._deliver(world.now)
    assert change(world)
    world.run(0.3, (0.0, NoteOff(69)))
    assert held(world) == [(69, True)]  # by the pedal
    assert abs(cents(frequency(world.audio[-RATE // 4 :, np.newaxis], RATE), 440.0 * 2 ** (2 / 12))) < 5


def test_the_sum_stays_below_the_ceiling():
    world = World()
    world.run(0.3, *((0.0, NoteOn(key, 127)) for key in range(48, 56)))
    before = world.audio.size
    world.player.play(ControlChange(VOLUME, 127))
    for key in range(48, 56):
        world.player.play(NoteOn(key, 127), world.now + 0.01)
    world.player._deliver(world.now)  # they wait, so that they sound with the other weights while the first fade
    assert change(world)
    assert 0.9 * CEILING < np.abs(world.audio[before:]).max() <= CEILING + 1e-6


def test_a_fault_while_it_leaves_lets_it_go():
    world = World()
    world.run(0.3, (0.0, NoteOn(60, 127)))
    world.synths[-1].render = lambda block: 1 / 0
    assert change(world, 0.3)
    assert "ZeroDivisionError" in world.player.fault
    world.run(0.5, (0.0, NoteOn(69, 127)))
    assert np.abs(world.audio[-RATE // 4 :]).max() > 0.01


def test_what_leaves_makes_room_before_a_new_note_has_to():
    world = World(cost_s=0.003)

    def costly(rate, effects):
        synth = build(rate, effects)
        advance = synth.advance

        def slow():
            world._pass(0.0015)
            return advance()

        synth.advance = slow
        return synth

    world.run(0.3, (0.0, NoteOn(60, 127)))
    for key in range(48, 56):
        world.player.play(NoteOn(key, 127), world.now + 0.01)
    world.player._deliver(world.now)  # they wait, so that the other weights play them
    assert change(world, 0.1, costly)  # the two together take 4.5 ms of 4
    assert world.player.shedder.voices == 8
    assert [key for key, _ in held(world)] == list(range(48, 56))


class Sines:
    """Opens sines for the default source, other ones for the player's file; remembers what was closed."""

    def __init__(self):
        self.opened, self.closed = [], []

    def __call__(self, source, options, tell):
        from engine.live.chores import Opened

        decoder = FakeDecoder() if source == DEFAULT_SOURCE else FakeDecoder(OTHER)
        decoder.close = lambda: self.closed.append(source)
        self.opened.append(source)
        tell("tuning")
        return Opened(decoder, "sines" if source == DEFAULT_SOURCE else "others")


@pytest.fixture
def known(monkeypatch):
    """The fingerprint "others" is that of a file."""
    places = {"others": Source("others.safetensors"), "sines": DEFAULT_SOURCE}
    monkeypatch.setattr("engine.live.chores.KnownWeights.find", lambda self, fingerprint: places.get(fingerprint))
    return places


@pytest.fixture
def presets(tmp_path):
    made = fake_preset("Sines", model="sines"), fake_preset("Others", OTHER, model="others")
    lost = fake_preset("Lost", OTHER, model="lost"), fake_preset("Wrong", model="others")
    for preset in (*made, *lost):
        write_preset(preset, tmp_path / f"{preset.name}.manifold")
    return {preset.name: LoadPreset(str(tmp_path / f"{preset.name}.manifold")) for preset in (*made, *lost)}


def playing(name, model):
    return lambda telemetry: (telemetry.preset, telemetry.model) == (name, model)


def test_a_preset_brings_its_weights_to_and_fro(serve, known, presets):
    sines = Sines()
    engine = serve(sines)
    engine.send(presets["Sines"])
    engine.until(playing("Sines", "sines"), "the first preset")
    for turn in range(3):
        engine.send(NoteOn(60, 100))
        engine.until(lambda telemetry: telemetry.voices, "a note")
        engine.send(presets["Others"])
        telemetry = engine.until(playing("Others", "others"), "the other preset")
        engine.send(NoteOn(62, 100))
        telemetry = engine.until(lambda telemetry: telemetry.voices, "a note of the other weights")
        assert [voice.note for voice in telemetry.voices] == [62] and telemetry.notice == ""
        engine.send(presets["Sines"])
        engine.until(playing("Sines", "sines"), "the first preset again")
        assert len(sines.closed) == 2 * turn + 2
    assert sines.opened == [DEFAULT_SOURCE, *(known["others"], DEFAULT_SOURCE) * 3]


def test_progress_is_told_and_notes_play_on_meanwhile(serve, known, presets):
    go_on = threading.Event()
    sines = Sines()

    def slowly(source, options, tell):
        if source != DEFAULT_SOURCE:
            tell("compiling")
            assert go_on.wait(30)
        return sines(source, options, tell)

    engine = serve(slowly)
    engine.send(presets["Sines"])
    engine.until(playing("Sines", "sines"), "the first preset")
    engine.send(presets["Others"])
    engine.until(lambda telemetry: telemetry.notice == "compiling", "progress")
    engine.send(NoteOn(60, 100))
    telemetry = engine.until(lambda telemetry: telemetry.voices and max(telemetry.peak) > 0.01, "a note meanwhile")
    assert telemetry.preset == "Sines"
    go_on.set()
    engine.until(playing("Others", "others"), "the other preset")


@pytest.mark.parametrize(
    ("name", "told"), [("Lost", "other weights, which are not here"), ("Wrong", "the model has 5")]
)
def test_what_cannot_be_played_changes_nothing(serve, known, presets, name, told):
    sines = Sines()
    engine = serve(sines)
    engine.send(presets["Sines"], presets[name])
    telemetry = engine.until(lambda telemetry: told in telemetry.notice, "the refusal")
    assert (telemetry.preset, telemetry.model) == ("Sines", "sines")
    assert len(sines.opened) == len(sines.closed) + 1  # nothing is left open
    engine.send(NoteOn(60, 100))
    engine.until(lambda telemetry: telemetry.voices, "a note")


def test_weights_that_cannot_be_opened_change_nothing(serve, known, presets):
    def refuse(source, options, tell):
        if source != DEFAULT_SOURCE:
            raise ModelError("others.safetensors: damaged; fetch it again")
        return Sines()(source, options, tell)

    engine = serve(refuse)
    engine.send(presets["Sines"], presets["Others"])
    telemetry = engine.until(lambda telemetry: "damaged" in telemetry.notice, "the refusal")
    assert telemetry.preset == "Sines"
