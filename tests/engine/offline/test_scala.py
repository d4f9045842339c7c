"""Scales of Scala's, heard: five octaves of each are in tune to a cent, and what is no scale is told in a line."""

import numpy as np
import pytest

from common.errors import SynthError
from engine.commands import NoteOff, NoteOn
from engine.offline.scala import read_tuning
from tests.engine.playing import cents, frequency, make_synth, play

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


def test_a_missing_file_and_a_huge_one(tmp_path):
    with pytest.raises(SynthError, match=r"none.scl"):
        read_tuning(tmp_path / "none.scl")
    (tmp_path / "huge.scl").write_bytes(b"!" * (2**20 + 1))
    with pytest.raises(SynthError, match="larger"):
        read_tuning(tmp_path / "huge.scl")
