"""Scales of Scala's, heard: five octaves of each are in tune to a cent, and what is no scale is told in a line."""

import numpy as np
import pytest

from common.errors import SynthError
from engine.commands import NoteOff, NoteOn, Panic
from engine.offline.render import render_song
from engine.offline.scala import read_tuning
from engine.offline.songfile import Song
from engine.voice.sound import Sound
from tests.engine.playing import RATE, cents, frequency, make_synth, play, whole
from tests.engine.world import World
from tests.fakes import FAKE_CONFIG, FakeDecoder, fake_preset
from tests.mutants import mutate

JUST = ("16/15", "9/8", "6/5", "5/4", "4/3", "45/32", "3/2", "8/5", "5/3", "9/5", "15/8", "2/1")
TWELVE = tuple(f"{100.0 * step}" for step in range(1, 13))
NINETEEN = tuple(f"{1200 * step / 19:.9f}" for step in range(1, 20))
STRETCHED = tuple(f"{101.0 * step}" for step in range(1, 13))
C4_HZ = 440 * 2 ** (-9 / 12)


def scale_file(folder, steps):
    path = folder / "scale.scl"
    path.write_text("\n".join(["! scale.scl", "of a test", f" {len(steps)}", "!", *(f" {step}" for step in steps)]))
    return path


def keymap_file(folder, middle, reference, hz, degrees):
    path = folder / "keys.kbm"
    numbers = (len(degrees), 0, 127, middle, reference, hz, degrees[-1] + 1, *degrees)
    path.write_text("\n".join(str(number) for number in numbers))
    return path


def step_cents(step):
    if "/" not in step:
        return float(step)
    above, below = map(int, step.split("/"))
    return 1200 * np.log2(above / below)


def heard(tuning, keys):
    """Hz of each key as the synth plays it."""
    synth = make_synth(parameters={"release_ms": 5.0})
    synth.handle(tuning)
    for key in keys:
        audio = play(synth, 1.0, (0.0, NoteOn(key, 100)), (0.9, NoteOff(key)))
        yield frequency(audio[4800:43200])


@pytest.mark.parametrize("steps", [TWELVE, NINETEEN, JUST, STRETCHED], ids=["12", "19", "just", "stretched"])
def test_five_octaves_are_in_tune_to_a_cent(tmp_path, steps):
    tuning, octave = read_tuning(scale_file(tmp_path, steps)), step_cents(steps[-1])
    degrees = [0.0, *(step_cents(step) for step in steps[:-1])]
    keys = range(36, 97, 3)
    for key, hz in zip(keys, heard(tuning, keys), strict=True):
        octaves, degree = divmod(key - 60, len(steps))
        assert abs(cents(hz, C4_HZ * 2 ** ((octaves * octave + degrees[degree]) / 1200))) < 1


def test_a_keyboard_map_says_where_the_scale_lies(tmp_path):
    keymap = keymap_file(tmp_path, 62, 69, 432.0, range(12))
    tuning = read_tuning(scale_file(tmp_path, JUST), keymap)
    first, fifth = heard(tuning, (62, 69))
    assert abs(cents(fifth, 432.0)) < 1
    assert abs(cents(fifth / first, 1.5)) < 1
    assert abs(cents(next(heard(read_tuning(None, keymap), (69,))), 432.0)) < 1


def rendered(tuning, keys):
    """As `heard`, of a song."""
    notes = [
        (at + off, event) for at, key in enumerate(keys) for off, event in ((0, NoteOn(key, 100)), (0.9, NoteOff(key)))
    ]
    song = Song([(0.0, tuning), *notes], float(len(keys)), "")
    sound = Sound.from_preset(fake_preset(parameters={"release_ms": 5.0}), FAKE_CONFIG)
    return frequencies(whole(render_song(song, FakeDecoder(), sound, RATE)), len(keys))


def live(tuning, keys):
    """As `heard`, by the render thread and out of the device."""
    world = World()
    world.player.play(tuning)
    notes = [(at, NoteOn(key, 100)) for at, key in enumerate(keys)] + [(at + 0.9, Panic()) for at in range(len(keys))]
    world.run(len(keys) + 0.1, *notes)
    return frequencies(np.stack([world.audio] * 2, axis=1), len(keys))


def frequencies(audio, seconds):
    return [frequency(audio[at * RATE :][4800:43200]) for at in range(seconds)]


@pytest.mark.parametrize("way", [rendered, live])
def test_a_stretched_keyboard_map_over_five_octaves(tmp_path, way):
    """Seven white keys and five between them on a scale whose octave is 1212 cents, D its first note, A at 432 Hz."""
    keymap = keymap_file(tmp_path, 62, 69, 432.0, range(12))
    keys = (36, 55, 69, 81, 96)
    for key, hz in zip(keys, way(read_tuning(scale_file(tmp_path, STRETCHED), keymap), keys), strict=True):
        assert abs(cents(hz, 432.0 * 2 ** (101.0 * (key - 69) / 1200))) < 1


@pytest.mark.parametrize("way", [rendered, live])
@pytest.mark.parametrize("steps", [TWELVE, NINETEEN, JUST], ids=["12", "19", "just"])
def test_live_and_in_a_render(tmp_path, way, steps):
    degrees, keys = [0.0, *(step_cents(step) for step in steps[:-1])], (36, 64, 96)
    for key, hz in zip(keys, way(read_tuning(scale_file(tmp_path, steps)), keys), strict=True):
        octaves, degree = divmod(key - 60, len(steps))
        assert abs(cents(hz, C4_HZ * 2 ** (octaves + degrees[degree] / 1200))) < 1


@pytest.mark.parametrize(
    "text", ["", "! x\nfoo\n 3\n 100.\n", "\x00\x01", "! x\nname\n 99999999\n", "! x\nn\n 1\n -1/0\n"]
)
def test_what_is_no_scale_is_one_line(tmp_path, text):
    path = tmp_path / "bad.scl"
    path.write_text(text)
    with pytest.raises(SynthError) as caught:
        read_tuning(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("steps", "hz", "degrees", "match"),
    [
        (("9/8", "-5/8", "2/1"), 440.0, range(3), r"tune key \d+ to nan Hz"),
        (TWELVE, 440.0, (*range(9), 9610, 10, 11), "tune key 0 to 0.0 Hz"),
        (TWELVE, 0.0, range(12), "tune key 0 to 0.0 Hz"),
        (TWELVE, "0." + 319 * "0" + "1", range(12), r"tune key \d+ to \S+e-32\d Hz"),
    ],
    ids=["negative step", "endless degree", "reference of 0 Hz", "of next to 0 Hz"],
)
def test_what_gives_a_key_no_pitch_is_one_line(tmp_path, steps, hz, degrees, match):
    with pytest.raises(SynthError, match=match) as caught:
        read_tuning(scale_file(tmp_path, steps), keymap_file(tmp_path, 60, 69, hz, degrees))
    assert "scale.scl" in str(caught.value) and "\n" not in str(caught.value)


def test_a_missing_file_and_a_huge_one(tmp_path):
    with pytest.raises(SynthError, match=r"none.scl"):
        read_tuning(tmp_path / "none.scl")
    (tmp_path / "huge.scl").write_bytes(b"!" * (2**20 + 1))
    with pytest.raises(SynthError, match="larger"):
        read_tuning(tmp_path / "huge.scl")


@pytest.mark.parametrize("count", [500, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_mutants_are_read_or_refused(memory_folder, count):
    """R6, of scales and of keyboard maps."""
    paths = [scale_file(memory_folder, JUST), keymap_file(memory_folder, 60, 69, 440.0, range(12))]
    sound, chance, read = [path.read_bytes() for path in paths], np.random.default_rng(8), 0
    for turn in range(count):
        damaged = turn % 2
        paths[damaged].write_bytes(mutate(sound[damaged], len(sound[damaged]), chance))
        paths[1 - damaged].write_bytes(sound[1 - damaged])
        try:
            tuning = read_tuning(*paths)
        except SynthError as error:
            assert str(error).isprintable()
            continue
        read += 1
        assert np.isfinite([pitch for _, pitch in tuning.keys]).all()
    assert count / 8 < read < count
