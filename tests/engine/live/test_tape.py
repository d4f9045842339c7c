"""What was played live is played again from the tape, bit for bit."""

import numpy as np
import pytest

from common.errors import SynthError
from engine.commands import ControlChange, NoteOff, NoteOn, PitchBend, SetEffect, SetPad, SetParameter
from engine.effects.table import inserts_of, prepare_new
from engine.offline.replay import events_of, replay
from engine.parameters import Param
from engine.performance import Limited, read_take, write_take
from engine.voice.sound import Sound
from presets.effects import Slot
from presets.movement import Lfo, Movement, Route
from tests.engine.playing import MODEL_RATE
from tests.engine.world import RATE, World
from tests.fakes import FAKE_CONFIG, FakeDecoder, fake_preset

MOVING = Movement((Route("lfo1", "pad_x", depth=0.3), Route("velocity", "pad_y")), (Lfo(rate_hz=3.0),))


def sound(name, **fields):
    return Sound.from_preset(fake_preset(name, **fields), FAKE_CONFIG)


class Stage:
    """A world whose synth's blocks are kept with their time: what came out, tick by tick."""

    def __init__(self):
        self.world = World()
        self.blocks, self._later = [], []
        self.synth = self.world.synths[0]
        advance = self.synth.advance

        def kept():
            at = self.synth.samples
            block = advance()
            self.blocks.append((at, block.copy()))
            return block

        self.synth.advance = kept
        self.world.player._load(sound("First", movement=MOVING))
        self.world.run(1.5)

    def play(self, seconds, *events):
        """Events beyond these seconds come in the next."""
        events = [*self._later, *events]
        self._later = [(time - seconds, event) for time, event in events if time >= seconds]
        self.world.run(seconds, *[(time, event) for time, event in events if time < seconds])

    def do(self, action, *arguments):
        """As a task of the chores thread."""
        action(*arguments)

    def take(self, start, end):
        return self.world.player.tape.take(start, end, "", "float32", RATE, self.synth.polyphony, 0)

    def heard(self, start, end):
        return np.concatenate([block for at, block in self.blocks if start <= at < end])


@pytest.fixture
def stage():
    return Stage()


def again(take):
    return np.concatenate([block.copy() for block in replay(take, FakeDecoder())])


def chord(*notes, velocity=100, start=0.0, length=0.5):
    for note in notes:
        yield start, NoteOn(note, velocity)
        yield start + length, NoteOff(note)


def test_a_take_from_the_middle_of_a_chord(stage):
    """Stolen voices, the mouse, a knob, controllers, another preset, another chain, fewer voices; and a second part."""
    player, synth = stage.world.player, stage.synth
    stage.play(0.4, (0.0, NoteOn(40, 127)), *chord(60, 64, 67, 71, start=0.1), (0.3, PitchBend(3000)))
    start = synth.samples
    stage.play(0.4, *chord(*range(50, 62), start=0.05), (0.1, SetPad(0.3, 0.9)), (0.2, ControlChange(1, 90)))
    stage.do(player._load, sound("Second", pad=(0.7, 0.7)))
    stage.play(0.3, (0.1, SetParameter(Param.ATTACK_MS, 30.0)), *chord(72, 75, start=0.15, length=0.1))
    slots = (Slot(1, "drive", wet=0.5, parameters={"drive_db": 20.0}),)
    inserts, _ = inserts_of(slots)
    prepare_new(inserts, (), RATE, player.max_frames)
    stage.do(player._change_effects, (inserts, slots))
    stage.play(0.3, (0.1, SetEffect(1, "drive_db", 4.0)))
    synth.polyphony = player.shedder.voices = 3
    player.tape.write(synth.samples, Limited(3))
    stage.play(0.5, *chord(80, 81, 82, 83, start=0.1, length=0.2), (0.4, NoteOff(40)))
    stage.play(3.0)
    stage.play(0.5, *chord(55, 58, start=0.2))
    end = synth.samples
    take = stage.take(start, end)
    assert len(take.parts) == 2
    assert len(take.presets) == 2
    wanted = stage.heard(start, end)
    assert np.abs(wanted).max() > 0.1
    np.testing.assert_array_equal(again(take), wanted)


def test_the_last_minute_is_kept_and_no_more(stage):
    for note in (50, 52, 55, 57, 59):
        stage.play(20.0, *chord(note, start=1.0))
    end = stage.synth.samples
    take = stage.take(end - 60 * MODEL_RATE, end)
    assert 4 <= len(take.parts) <= 5
    np.testing.assert_array_equal(again(take), stage.heard(take.start, end))
    assert stage.world.player.tape._parts[0].at > 10 * MODEL_RATE


def test_no_part_begins_while_a_take_is_recorded(stage):
    stage.play(0.5, *chord(60))
    stage.world.player.tape.since = start = stage.synth.samples
    stage.play(4.0, *chord(64, start=3.0))
    take = stage.take(start, stage.synth.samples)
    assert len(take.parts) == 1
    np.testing.assert_array_equal(again(take), stage.heard(start, stage.synth.samples))


def test_a_file_holds_all_of_it(stage, tmp_path):
    start = stage.synth.samples
    stage.play(1.0, *chord(60, 67), (0.3, ControlChange(74, 100)))
    take = stage.take(start, stage.synth.samples)
    path = tmp_path / "a.take"
    write_take(take, path)
    np.testing.assert_array_equal(again(read_take(path)), stage.heard(start, stage.synth.samples))
    played = events_of(take, MODEL_RATE)
    assert [type(event) for _, event in played] == [NoteOn, NoteOn, ControlChange, NoteOff, NoteOff]
    assert [time for time, _ in played] == pytest.approx([0, 0, 0.3, 0.5, 0.5], abs=0.03)


def test_a_silence_changes_nothing_that_is_heard(stage):
    """Where a part begins, pedals, bends, tuning and what controllers have set are as they were."""
    stage.play(0.5, (0.0, PitchBend(4000)), (0.0, ControlChange(7, 60)), (0.0, ControlChange(1, 64)))
    before = stage.synth.state(), stage.synth.pad
    stage.play(3.0)
    assert len(stage.world.player.tape._parts) > 1
    assert (stage.synth.state(), stage.synth.pad) == before


@pytest.mark.parametrize("data", [b"", b"Manifold take 1\n", b"Manifold take 1\n\x81", b"RIFF" * 100])
def test_what_is_no_take_is_one_line(tmp_path, data):
    path = tmp_path / "bad.take"
    path.write_bytes(data)
    with pytest.raises(SynthError) as caught:
        read_take(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
