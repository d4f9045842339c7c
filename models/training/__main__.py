"""Train a model: python -m models.training {instrument,levels,paper} --notes FOLDER --out RUN [--help].

A run saves itself every five minutes, at its end, and when it is interrupted (Ctrl-C, SIGTERM); started again with the
same settings it goes on as if it had never stopped. It writes into its folder:

  weights.safetensors       to play: the moving average of the weights
  losses.csv, losses.png    the loss of every step
  samples.png               what the model plays, below the recordings
  state.pt                  to go on from

A GPU is used where there is one. Several processes share the batch of every step, and learn what one would:

  torchrun --standalone --nproc-per-node 8 -m models.training paper --notes data/nsynth-train --out runs/paper
"""

import argparse
import shutil
import sys
from functools import partial
from pathlib import Path

import torch
from tqdm import tqdm

from common.errors import SynthError
from models.config import WaveNetConfig
from models.data.notes import read_notes
from models.pretrained import DEFAULT
from models.training import instrument, levels, paper
from models.training.processes import joined
from models.training.trainer import Trainer

_analysing = partial(tqdm, desc="analysing", disable=None)

SIZES = {
    "width": "channels of the decoder's residual path",
    "skip_width": "channels of its skip path",
    "layers": "dilated layers of the decoder",
    "stages": "layers after which its dilations begin again at 1",
    "latent": "channels of the embedding",
    "hop": "samples an embedding frame",
    "encoder_width": "channels of the encoder",
    "encoder_layers": "dilated layers of the encoder",
    "encoder_stages": "layers after which its dilations begin again at 1",
}


def main():
    """Parse the command line and train."""
    arguments = _parser().parse_args()
    torch.set_num_threads(arguments.threads)
    with joined() as processes:
        try:
            train(arguments, processes)
        except SynthError as error:
            sys.exit(f"training: {error}" if processes.is_first else 1)


def train(arguments, processes):
    """Train as the command line says."""
    task = arguments.task(read_notes(arguments.notes), arguments)
    trainer = Trainer(task, arguments.out, processes, arguments.compile, arguments.parts, arguments.workers)
    trainer.train(60 * arguments.minutes, report=lambda line: print(line, flush=True))
    if processes.is_first:
        rest = "" if trainer.step == task.steps else "; the same command goes on"
        print(f"step {trainer.step} of {task.steps}, weights in {arguments.out / 'weights.safetensors'}{rest}")


def _parser():
    every = argparse.ArgumentParser(add_help=False)
    every.add_argument("--notes", type=Path, required=True, help="NSynth's notes, or of `python -m models.data render`")
    every.add_argument("--out", type=Path, required=True, help="folder of the run")
    every.add_argument("--minutes", type=float, default=float("inf"), help="stop after so long")
    every.add_argument("--seed", type=int, default=0, help="of the first weights and of all batches")
    every.add_argument("--threads", type=int, default=1, help="cores of each process")
    every.add_argument("--parts", type=int, default=1, help="pieces of a batch, one after the other, to save memory")
    workers = 4 if torch.cuda.is_available() else 0
    every.add_argument("--workers", type=int, default=workers, help="processes that draw batches ahead; for a GPU")
    compiler = shutil.which("c++") is not None
    every.add_argument("--compile", action=argparse.BooleanOptionalAction, default=compiler, help="with torch.compile")
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m models.training", description=__doc__, formatter_class=layout)
    tasks = parser.add_subparsers(required=True, metavar="{instrument,levels,paper}")
    _add_instrument(tasks, every)
    _add_levels(tasks, every)
    _add_paper(tasks, every)
    return parser


def _add_instrument(tasks, every):
    text = "the default instrument: small, told the pitch, first on single frames, then on crops"
    parser = _add(tasks, "instrument", every, text)
    parser.add_argument("--steps", type=int, default=instrument.Schedule.steps, help="length of the schedule")
    default = instrument.Schedule.embedding_steps
    parser.add_argument("--embedding-steps", type=int, default=default, help="of these, the first: on single frames")
    default = instrument.Schedule.spectrum_steps
    parser.add_argument("--spectrum-steps", type=int, default=default, help="of these, the last: on the spectra")
    parser.set_defaults(task=_instrument_task)


def _add_levels(tasks, every):
    text = "the levels of trained weights anew, and nothing else of them"
    parser = _add(tasks, "levels", every, text)
    parser.add_argument("--weights", default=DEFAULT, help="the weights to begin with")
    parser.add_argument("--harmonics", type=int, default=0, help="that they are to have, as many or more; 0: as many")
    parser.add_argument("--steps", type=int, default=levels.STEPS, help="length of the schedule")
    parser.set_defaults(task=_levels_task)


def _add_paper(tasks, every):
    text = "the WaveNet autoencoder of Engel et al. 2017 and its schedule; sizes are the paper's unless given"
    parser = _add(tasks, "paper", every, text)
    parser.add_argument("--steps", type=int, default=paper.STEPS, help="length of the run")
    parser.add_argument("--batch", type=int, default=paper.BATCH, help="crops a step, over all processes")
    parser.add_argument("--crop-samples", type=int, default=paper.CROP_SAMPLES, help="length of a crop, whole hops")
    for name, text in SIZES.items():
        default = getattr(WaveNetConfig, name)
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=default, help=text)
    parser.set_defaults(task=_paper_task)


def _add(tasks, name, every, text):
    layout = argparse.ArgumentDefaultsHelpFormatter
    return tasks.add_parser(name, parents=[every], help=text, description=text, formatter_class=layout)


def _instrument_task(notes, arguments):
    parts = {name: getattr(arguments, name) for name in ("steps", "embedding_steps", "spectrum_steps")}
    schedule = instrument.Schedule(**parts)
    return instrument.InstrumentTask(notes, instrument.CONFIG, schedule, arguments.seed, _analysing)


def _levels_task(notes, arguments):
    return levels.LevelsTask(notes, arguments.weights, arguments.harmonics, arguments.steps, arguments.seed, _analysing)


def _paper_task(notes, arguments):
    config = WaveNetConfig(**{name: getattr(arguments, name) for name in SIZES}, rate=notes.rate)
    return paper.PaperTask(notes, config, arguments.steps, arguments.batch, arguments.crop_samples, arguments.seed)


if __name__ == "__main__":
    main()
