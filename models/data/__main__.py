"""Notes to train on: python -m models.data render|check [--help]."""

import argparse
import sys
import textwrap
from collections import Counter
from pathlib import Path

from tqdm import tqdm

from common.errors import ModelError, SynthError
from models.data.nsynth import find_sets, read_examples
from models.data.programs import PROGRAMS, find_program
from models.data.soundfont import FONT, STEP, VELOCITIES, render_notes

FIELDS = ("instrument_str", "family", "source", "pitch", "velocity")  # of Example, counted by check


def main():
    """Parse the command line and do it."""
    parser = argparse.ArgumentParser(prog="python -m models.data", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    _add_render(commands)
    _add_check(commands)
    arguments = parser.parse_args()
    try:
        sys.exit(arguments.run(arguments))
    except SynthError as error:
        sys.exit(f"data: {error}")


def _add_render(commands):
    parser = commands.add_parser("render", help="notes of a sound font, in NSynth's JSON + WAV layout")
    parser.set_defaults(run=_render)
    parser.add_argument("font", nargs="?", default=FONT, help="an SF2 file; default %(default)s")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="FOLDER", help="gets train, valid and test")
    parser.add_argument("--programs", nargs="+", metavar="NAME", help="names or numbers; default all")
    parser.add_argument("--step", type=int, default=STEP, help="semitones between notes; default %(default)s")
    parser.add_argument("--velocities", type=int, nargs="+", default=VELOCITIES, metavar="V", help="default 45 85 125")


def _render(arguments):
    """Render; started again after an interruption, go on."""
    if arguments.step < 1:
        raise ModelError(f"--step {arguments.step}: at least 1 semitone")
    if unplayable := [velocity for velocity in arguments.velocities if not 1 <= velocity <= 127]:
        raise ModelError(f"--velocities {unplayable[0]}: from 1 to 127")
    programs = tuple(dict.fromkeys(map(find_program, arguments.programs))) if arguments.programs else PROGRAMS
    try:
        counts = render_notes(
            arguments.font, arguments.out, programs, arguments.step, sorted(set(arguments.velocities)),
            progress=lambda parts: tqdm(parts, "rendering", unit="part", disable=None),
        )  # fmt: skip
    except KeyboardInterrupt:
        sys.exit("data: interrupted; the same command goes on from here")
    print(", ".join(f"{count} notes in {arguments.out / split}" for split, count in counts.items()))


def _add_check(commands):
    parser = commands.add_parser("check", help="count the notes of a data set and name the corrupt ones")
    parser.set_defaults(run=_check)
    parser.add_argument("path", type=Path, help="a folder with examples.json, a .tfrecord file, or a folder of such")


def _check(arguments):
    """Returns 1 where a note is corrupt."""
    sets = find_sets(arguments.path)
    return int(sum(_check_set(path) for path in sets) > 0)


def _check_set(path):
    """Print what one set holds. Returns the number of corrupt notes."""
    corrupt, counts = [], {field: Counter() for field in FIELDS}
    for example in tqdm(read_examples(path, corrupt.append), path.name, unit="note", leave=False, disable=None):
        for field, count in counts.items():
            count[getattr(example, field)] += 1
    instruments = counts.pop("instrument_str")
    print(f"{path}: {instruments.total()} notes, {len(instruments)} instruments, {len(corrupt)} corrupt")
    for field, count in counts.items():
        text = ", ".join(f"{value}: {notes}" for value, notes in sorted(count.items()))
        print(textwrap.fill(text, 120, initial_indent=f"  {field:9}", subsequent_indent=" " * 11))
    for line in corrupt:
        print(f"  {line}")
    return len(corrupt)


if __name__ == "__main__":
    main()
