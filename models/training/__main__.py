"""Train the default instrument: python -m models.training [--help].

Renders the notes on the first run, trains, saves its state every few minutes and goes on from it when started again.
Weights to play are written beside the state.
"""

import argparse
import sys
from pathlib import Path

import torch
from tqdm import tqdm

from errors import SynthError
from models import checkpoints
from models.config import WaveNetConfig
from models.data.crops import Crops
from models.data.notes import read_notes
from models.data.soundfont import render_notes
from models.training.loop import Schedule, Trainer

FONT = "/usr/share/sounds/sf2/FluidR3_GM.sf2"  # Debian's fluid-soundfont-gm
# Small enough for live polyphony on one core: 0.13 M multiply-adds a sample.
DEFAULT_INSTRUMENT = WaveNetConfig(
    width=32, skip_width=64, layers=16, stages=8, taps=2, latent=16, hop=512,
    encoder="spectrum", encoder_width=256, harmonics=40, mixture=3, loudness=True, emphasis=0.8,
)  # fmt: skip


def main():
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(prog="python -m models.training", description=__doc__)
    parser.add_argument("--notes", type=Path, default=Path("data/notes"), help="folder in NSynth's JSON + WAV layout")
    parser.add_argument("--font", default=FONT, help="sound font to render notes from where the folder has none")
    parser.add_argument("--out", type=Path, default=Path("runs/default"), help="folder for state and weights")
    parser.add_argument("--steps", type=int, default=Schedule.steps, help="length of the whole schedule")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so long; start again to go on")
    parser.add_argument("--threads", type=int, default=1, help="cores to train on")
    parser.add_argument("--seed", type=int, default=Schedule.seed)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    try:
        train(arguments)
    except SynthError as error:
        sys.exit(f"training: {error}")


def train(arguments):
    """Render where needed, train, write the weights."""
    if not (arguments.notes / "examples.json").exists():
        count = render_notes(arguments.font, arguments.notes, progress=lambda programs: tqdm(programs, "rendering"))
        print(f"{count} notes in {arguments.notes}")
    notes = read_notes(arguments.notes)
    crops = Crops(notes, DEFAULT_INSTRUMENT, progress=lambda rows: tqdm(rows, "analysing"))
    schedule = Schedule(steps=arguments.steps, seed=arguments.seed)
    trainer = Trainer(DEFAULT_INSTRUMENT, crops, arguments.out, schedule)
    trainer.train(stop_after_s=60 * arguments.minutes)
    weights = {name: tensor.numpy() for name, tensor in trainer.average.state_dict().items()}
    origin = f"{len(notes.audio)} notes of {len(notes.names)} instruments, step {trainer.step}, seed {arguments.seed}"
    checkpoints.write(arguments.out / "weights.safetensors", DEFAULT_INSTRUMENT, weights, origin)


if __name__ == "__main__":
    main()
