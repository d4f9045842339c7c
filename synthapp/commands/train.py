"""Train a model: the default instrument, or the paper's, at their sizes or small.

A run saves itself every five minutes, at its end, and when it is interrupted (Ctrl-C, SIGTERM); started again with the
same settings it goes on as if it had never stopped. It writes into its folder:

\b
  weights.safetensors       to play: the moving average of the weights
  losses.csv, losses.png    the loss of every step
  samples.png               what the model plays, below the recordings
  state.pt                  to go on from

A GPU is used where there is one. Several processes share the batch of every step, and learn what one would:

\b
  torchrun --standalone --nproc-per-node 8 app.py train paper --notes data/nsynth-train --out runs/paper
"""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from common.errors import ModelError, SynthError
from models.baseline.config import BaselineConfig
from models.baseline.spectrogram import KINDS, MAGNITUDE
from models.config import WaveNetConfig
from models.data.notes import Notes, read_notes
from models.pretrained import WAVENET
from models.training import baseline as baseline_task
from models.training import harmonic as harmonic_task
from models.training import levels as levels_task
from models.training import paper as paper_task
from models.training import small as small_task
from models.training.instrument import CONFIG, InstrumentTask, Schedule
from models.training.processes import joined
from models.training.task import Task
from models.training.trainer import Trainer
from synthapp.commands.options import Weights, source_of

GPU_WORKERS = 4

NotesFolder = Annotated[Path, typer.Option("--notes", help="NSynth's notes, or of `notes render`.")]
Out = Annotated[Path, typer.Option(help="Folder of the run.")]
Steps = Annotated[int, typer.Option(help="Length of the schedule.")]
Minutes = Annotated[float, typer.Option(help="Stop after so long.")]
Seed = Annotated[int, typer.Option(help="Of the first weights and of all batches.")]
Threads = Annotated[int, typer.Option(help="Cores of each process.")]
Parts = Annotated[int, typer.Option(help="Pieces of a batch, one after the other, to save memory.")]
Workers = Annotated[
    int | None,
    typer.Option(help="Processes that draw batches ahead.", show_default=f"{GPU_WORKERS} with a GPU, else 0"),
]
Compile = Annotated[
    bool, typer.Option("--compile/--no-compile", help="With torch.compile, which needs a C++ compiler.")
]
Pitch = Annotated[bool, typer.Option("--pitch", help="The decoder is told the pitch.")]
FOREVER = float("inf")
COMPILER = shutil.which("c++") is not None

app = typer.Typer(add_completion=False, rich_markup_mode=None, help=__doc__)
_analysing = partial(tqdm, desc="analysing", disable=None)


@dataclass(frozen=True)
class Run:
    """Options that every task has."""

    notes: Path
    out: Path
    minutes: float
    threads: int
    parts: int
    workers: int | None
    compiled: bool


@app.command()
def instrument(
    notes: NotesFolder,
    out: Out,
    steps: Steps = Schedule.steps,
    embedding_steps: Annotated[int, typer.Option(help="Of these, the first: on single frames.")] = (
        Schedule.embedding_steps
    ),
    spectrum_steps: Annotated[int, typer.Option(help="Of these, the last: on the spectra.")] = Schedule.spectrum_steps,
    minutes: Minutes = FOREVER,
    seed: Seed = 0,
    threads: Threads = 1,
    parts: Parts = 1,
    workers: Workers = None,
    compiled: Compile = COMPILER,
) -> None:
    """The WaveNet instrument: small, and told the pitch.

    It learns first on single frames, then on crops.
    """
    schedule = Schedule(steps=steps, embedding_steps=embedding_steps, spectrum_steps=spectrum_steps)
    _train(
        lambda notes: InstrumentTask(notes, CONFIG, schedule, seed, _analysing),
        Run(notes, out, minutes, threads, parts, workers, compiled),
    )


@app.command()
def harmonic(
    notes: NotesFolder,
    out: Out,
    encoder: Annotated[str, typer.Option(help="Weights of the WaveNet instrument, whose encoder is kept.")] = str(
        WAVENET
    ),
    every: Annotated[int, typer.Option(help="Learn from every so many notes alone.")] = 1,
    steps: Steps = harmonic_task.STEPS,
    minutes: Minutes = FOREVER,
    seed: Seed = 0,
    threads: Threads = 1,
    parts: Parts = 1,
    workers: Workers = None,
    compiled: Compile = COMPILER,
) -> None:
    """The default instrument: levels of harmonics and noise, at 32 kHz."""
    _train(
        lambda notes: harmonic_task.HarmonicTask(notes.every(every), encoder, None, steps, seed, _analysing),
        Run(notes, out, minutes, threads, parts, workers, compiled),
    )


@app.command()
def levels(
    notes: NotesFolder,
    out: Out,
    weights: Weights = None,
    harmonics: Annotated[
        int, typer.Option(help="That the weights are to have, as many or more; 0: as many as they have.")
    ] = 0,
    steps: Steps = levels_task.STEPS,
    minutes: Minutes = FOREVER,
    seed: Seed = 0,
    threads: Threads = 1,
    parts: Parts = 1,
    workers: Workers = None,
    compiled: Compile = COMPILER,
) -> None:
    """The levels of trained weights anew, and nothing else."""
    source = source_of(weights)
    _train(
        lambda notes: levels_task.LevelsTask(notes, source, harmonics, steps, seed, _analysing),
        Run(notes, out, minutes, threads, parts, workers, compiled),
    )


@app.command()
def paper(
    notes: NotesFolder,
    out: Out,
    steps: Annotated[int, typer.Option(help="Length of the run.")] = paper_task.STEPS,
    batch: Annotated[int, typer.Option(help="Crops a step, over all processes.")] = paper_task.BATCH,
    crop_samples: Annotated[int, typer.Option(help="Length of a crop, whole hops.")] = paper_task.CROP_SAMPLES,
    width: Annotated[int, typer.Option(help="Channels of the decoder's residual path.")] = WaveNetConfig.width,
    skip_width: Annotated[int, typer.Option(help="Channels of its skip path.")] = WaveNetConfig.skip_width,
    layers: Annotated[int, typer.Option(help="Dilated layers of the decoder.")] = WaveNetConfig.layers,
    stages: Annotated[int, typer.Option(help="Layers after which its dilations begin again at 1.")] = (
        WaveNetConfig.stages
    ),
    latent: Annotated[int, typer.Option(help="Channels of the embedding.")] = WaveNetConfig.latent,
    hop: Annotated[int, typer.Option(help="Samples an embedding frame.")] = WaveNetConfig.hop,
    encoder_width: Annotated[int, typer.Option(help="Channels of the encoder.")] = WaveNetConfig.encoder_width,
    encoder_layers: Annotated[int, typer.Option(help="Dilated layers of the encoder.")] = WaveNetConfig.encoder_layers,
    encoder_stages: Annotated[int, typer.Option(help="Layers after which its dilations begin again at 1.")] = (
        WaveNetConfig.encoder_stages
    ),
    pitch: Pitch = False,
    minutes: Minutes = FOREVER,
    seed: Seed = 0,
    threads: Threads = 1,
    parts: Parts = 1,
    workers: Workers = None,
    compiled: Compile = COMPILER,
) -> None:
    """The paper's WaveNet autoencoder and its schedule.

    Engel et al. 2017. Sizes are the paper's unless given.
    """

    def task(notes: Notes) -> Task:
        config = WaveNetConfig(
            width=width, skip_width=skip_width, layers=layers, stages=stages, latent=latent, hop=hop, rate=notes.rate,
            encoder_width=encoder_width, encoder_layers=encoder_layers, encoder_stages=encoder_stages, pitch=pitch,
        )  # fmt: skip
        return paper_task.PaperTask(notes, config, steps, batch, crop_samples, seed)

    _train(task, Run(notes, out, minutes, threads, parts, workers, compiled))


@app.command()
def baseline(
    notes: NotesFolder,
    out: Out,
    latent: Annotated[int, typer.Option(help="Channels of the embedding Z, one vector a note.")] = (
        BaselineConfig.latent
    ),
    pitch: Annotated[bool, typer.Option("--pitch/--no-pitch", help="The decoder is told the pitch.")] = True,
    picture: Annotated[str, typer.Option(help=f"What it sees of a note: {', '.join(KINDS)}.")] = MAGNITUDE,
    reduced: Annotated[
        bool, typer.Option("--reduced", help="A quarter of the channels, and a schedule of minutes on two cores.")
    ] = False,
    steps: Annotated[int | None, typer.Option(help="Length of the run.", show_default="the schedule's")] = None,
    batch: Annotated[int, typer.Option(help="Notes a step, over all processes.")] = baseline_task.Schedule.batch,
    minutes: Minutes = FOREVER,
    seed: Seed = 0,
    threads: Threads = 1,
    workers: Workers = None,
    compiled: Annotated[bool, typer.Option("--compile/--no-compile", help="With torch.compile.")] = False,
) -> None:
    """The paper's baseline: an autoencoder of spectra.

    Engel et al. 2017. Sizes and schedule are the paper's unless given, or --reduced.
    """
    schedule, width = baseline_task.Schedule(), BaselineConfig.width
    if reduced:
        schedule, width = baseline_task.reduced(), baseline_task.REDUCED_WIDTH
    schedule = replace(schedule, steps=steps or schedule.steps, batch=batch)
    config = BaselineConfig(width=width, latent=latent, pitch=pitch, picture=picture)
    _train(
        lambda notes: baseline_task.BaselineTask(notes, config, schedule, seed),
        Run(notes, out, minutes, threads, 1, workers, compiled),
    )


@app.command()
def small(
    notes: NotesFolder,
    out: Out,
    pitch: Pitch = False,
    harmonics: Annotated[
        int, typer.Option(min=0, help="Whose phases the decoder is told; 0: the paper's inputs alone.")
    ] = 0,
    steps: Steps = small_task.STEPS,
    minutes: Minutes = FOREVER,
    seed: Seed = 0,
    threads: Threads = 1,
    parts: Parts = 1,
    workers: Workers = None,
    compiled: Compile = False,
) -> None:
    """The paper's autoencoder with 32 channels, on a laptop.

    It can be played live on one. With harmonics it is in tune.
    """

    def task(notes: Notes) -> Task:
        if harmonics:
            return small_task.driven_task(notes, harmonics, steps, seed, _analysing)
        return small_task.SmallTask(notes, small_task.small_config(pitch, notes.rate), steps, seed=seed)

    if pitch and harmonics:
        raise ModelError("--pitch and --harmonics: give one of them; with harmonics the decoder knows the pitch")
    _train(task, Run(notes, out, minutes, threads, parts, workers, compiled))


def _train(task: Callable[[Notes], Task], run: Run):
    """Train, alone or together with the other processes that torchrun started. Of these the first alone complains."""
    with joined(run.threads) as processes:
        try:
            _go(task(read_notes(run.notes)), run, processes)
        except SynthError:
            if processes.is_first:
                raise
            sys.exit(1)


def _go(task, run, processes):
    workers = run.workers if run.workers is not None else GPU_WORKERS * (processes.device.type == "cuda")
    trainer = Trainer(task, run.out, processes, run.compiled, run.parts, workers)
    trainer.train(60 * run.minutes, report=lambda line: print(line, flush=True))
    if processes.is_first:
        rest = "" if trainer.step == task.steps else "; the same command goes on"
        print(f"step {trainer.step} of {task.steps}, weights in {run.out / 'weights.safetensors'}{rest}")
