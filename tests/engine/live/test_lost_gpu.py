"""A decoder whose GPU fails in the middle of playing: it fades, says so, and the processor goes on."""

import numpy as np
import pytest

from common.errors import GpuError, ModelError
from engine.commands import ControlChange, LoadPreset, NoteOn
from engine.events.controllers import SUSTAIN
from engine.live.chores import Opened
from engine.synth import Synth
from engine.voice.sound import Sound
from presets.file import write_preset
from tests.engine.live.test_change import change, held
from tests.engine.playing import cents, frequency
from tests.engine.world import RATE, World
from tests.fakes import FAKE_CONFIG, FakeDecoder, fake_preset

LOST = "the GPU's thread blocks waited in vain for each other"


class FailingDecoder(FakeDecoder):
    """Of a GPU that fails once it is told to, and ever after."""

    failed = closed = False

    def render(self, *arguments):
        if self.failed:
            raise GpuError(LOST)
        super().render(*arguments)

    def close(self):
        self.closed = True


SOUND = Sound.from_preset(fake_preset(), FAKE_CONFIG)


def with_failing():
    """A world whose synth plays a decoder that can fail, and that decoder."""
    failing = FailingDecoder()
    world = World(build=lambda rate, chain: Synth(failing, rate, 8, effects=chain))
    world.player._load(SOUND)
    return world, failing


def test_it_fades_is_silent_and_goes_on_with_another_decoder():
    world, failing = with_failing()
    world.run(0.3, (0.0, ControlChange(SUSTAIN, 127)), (0.1, NoteOn(60, 127)))
    before = world.audio.size
    failing.failed = True
    world.run(0.3)
    fading = world.audio[before:]
    assert np.abs(np.diff(fading)).max() < 1.5 * np.abs(np.diff(world.audio[before - 4800 : before])).max(), "a click"
    assert np.abs(fading[:100]).max() > 0.01 and not fading[RATE // 50 :].any()
    assert world.player.lost == LOST and world.misses == 0
    world.player._restart((lambda rate, chain: Synth(FakeDecoder(), rate, 8, effects=chain), 8))
    world.run(0.5, (0.0, NoteOn(69, 127)))
    assert world.player.lost == ""
    assert abs(cents(frequency(world.audio[-RATE // 4 :, np.newaxis], RATE), 440.0)) < 5
    assert any(event == ControlChange(SUSTAIN, 127) for event in world.player._synth.memory()), "the pedal was lifted"


def test_other_weights_are_taken_meanwhile():
    world, failing = with_failing()
    failing.failed = True
    world.run(0.1, (0.0, NoteOn(60, 127)))
    assert world.player.lost
    assert change(world, 0.1) and world.player.lost == ""
    world.run(0.2, (0.0, NoteOn(69, 127)))
    assert held(world) == [(69, True)]


class Machine:
    """Opens a decoder that fails, then whatever `processor` makes; remembers for which backend."""

    def __init__(self, processor=FakeDecoder):
        self.gpu, self.asked, self._processor = FailingDecoder(), [], processor

    def __call__(self, source, options, tell):
        self.asked.append(options.decoder.backend)
        return Opened(self.gpu if options.decoder.backend == "auto" else self._processor(), "sines")


@pytest.fixture
def sines(tmp_path):
    path = tmp_path / "Sines.manifold"
    write_preset(fake_preset("Sines", model="sines"), path)
    return LoadPreset(str(path))


def test_the_engine_says_so_and_plays_on_with_the_processor(serve, sines):
    machine = Machine()
    engine = serve(machine)
    engine.send(sines)
    engine.until(lambda telemetry: telemetry.preset, "the preset")
    engine.send(NoteOn(60, 100))
    engine.until(lambda telemetry: telemetry.voices and max(telemetry.peak) > 0.01, "a note on the GPU")
    machine.gpu.failed = True
    told = f"the GPU failed ({LOST}); the processor plays in its place"
    telemetry = engine.until(lambda telemetry: told in telemetry.notice and not telemetry.voices, "the line")
    assert (telemetry.preset, telemetry.model) == ("Sines", "sines")
    engine.send(NoteOn(62, 100))
    telemetry = engine.until(lambda telemetry: telemetry.voices and max(telemetry.peak) > 0.01, "a note after it")
    assert [voice.note for voice in telemetry.voices] == [62] and told in telemetry.notice
    assert machine.asked == ["auto", "cpu"] and machine.gpu.closed


def test_where_the_processor_cannot_go_on_that_is_told_once(serve, sines):
    def refuse():
        raise ModelError("tiny.safetensors: damaged")

    machine = Machine(refuse)
    engine = serve(machine)
    engine.send(sines)
    engine.until(lambda telemetry: telemetry.preset, "the preset")
    engine.send(NoteOn(60, 100))
    engine.until(lambda telemetry: telemetry.voices, "a note on the GPU")
    machine.gpu.failed = True
    engine.until(
        lambda telemetry: "the processor cannot go on: tiny.safetensors: damaged" in telemetry.notice, "a line"
    )
    for _ in range(20):
        engine.poll()
    assert machine.asked == ["auto", "cpu"]


def test_what_stays_of_opening_is_told(serve):
    engine = serve(lambda source, options, tell: Opened(FakeDecoder(), notice="the processor plays: there is no GPU"))
    engine.until(lambda telemetry: telemetry.notice == "the processor plays: there is no GPU", "the line")
