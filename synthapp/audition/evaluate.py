"""The command line: python -m models.evaluation sound [--help]."""

import argparse
import sys
from pathlib import Path

import torch

from common.errors import SynthError
from models import checkpoints
from models.evaluation.played import PlayedNotes, play
from models.evaluation.recordings import Recordings
from models.evaluation.sound import measure
from models.pretrained import DEFAULT
from synthapp.audition import pictures, report

QUICK = ["--step=12", "--heldout=8", "--sounds=3", "--points=10", "--minutes=0.5", "--holds=1"]


def main():
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m models.evaluation", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="measures")
    sound = commands.add_parser("sound", help="the table of measures of an instrument and its factory presets")
    sound.set_defaults(run=_sound)
    sound.add_argument("-o", "--output", type=Path, default=Path("listening/report"), help="folder for the report")
    sound.add_argument("--played", type=Path, help="folder of the notes; played first where it is not there")
    sound.add_argument("--weights", default=DEFAULT, help="the instrument")
    sound.add_argument("--presets", type=Path, help="folder of its presets; default the factory's")
    sound.add_argument("--notes", type=Path, default=Path("data/notes"), help="recordings: train, valid and test")
    sound.add_argument("--quick", action="store_true", help="a few notes only")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    try:
        arguments.run(arguments)
    except SynthError as error:
        sys.exit(f"evaluation: {error}")


def _sound(arguments):
    """Play where needed, measure, write, print the table."""
    recordings = Recordings(arguments.notes)
    arguments.output.mkdir(parents=True, exist_ok=True)
    played = _played(arguments)
    measures = measure(played, recordings, arguments.weights)
    about = report.provenance(played, recordings)
    print(about, report.write(arguments.output, measures, about), sep="\n\n")
    pictures.draw_all(arguments.output / "spectrograms", played, recordings)


def _played(arguments):
    folder = arguments.played or arguments.output / "played"
    if not (folder / "index.json").is_file():
        options = ["--weights", str(arguments.weights), "--notes", str(arguments.notes)]
        options += ["--presets", str(arguments.presets)] if arguments.presets else []
        play(folder, options + (QUICK if arguments.quick else []))
    played = PlayedNotes(folder)
    fingerprint = checkpoints.read(arguments.weights).fingerprint
    if played.about["weights"] != fingerprint:
        raise SynthError(f"{folder}: was played with other weights; remove it, or give --weights")
    return played


if __name__ == "__main__":
    main()
