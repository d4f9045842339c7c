"""Tiny tasks on notes made here; run by torchrun, as a script, it trains them in two processes.

torchrun ... -m tests.models.training.tasks FOLDER: reads FOLDER/notes, writes a folder of each task into FOLDER
"""

import json
import sys
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import soundfile
import torch

from models.baseline.config import BaselineConfig
from models.config import WaveNetConfig
from models.data.notes import read_notes
from models.training import baseline, rows, task
from models.training.baseline import BaselineTask
from models.training.batches import share
from models.training.instrument import InstrumentTask, Schedule
from models.training.paper import PaperTask
from models.training.processes import joined
from models.training.small import SmallTask
from models.training.trainer import Trainer

RATE = 16000
BASELINE = BaselineConfig(width=2, latent=3)
PAPER = WaveNetConfig(
    width=8, skip_width=8, layers=4, stages=2, latent=4, hop=64, encoder_width=8, encoder_layers=2, encoder_stages=2
)
INSTRUMENT = WaveNetConfig(
    width=8, skip_width=8, layers=4, stages=2, taps=2, latent=9, hop=256, encoder="spectrum", encoder_width=16,
    harmonics=4, noise=2, motion=True, mixture=2, loudness=True, emphasis=0.8,
)  # fmt: skip


def write_notes(folder, pitches=(57, 60, 64), seconds=4.0):
    """Decaying notes of two harmonics with some noise, in NSynth's layout."""
    (folder / "audio").mkdir(parents=True)
    time, chance, examples = np.arange(int(seconds * RATE)) / RATE, np.random.default_rng(5), {}
    for pitch in pitches:
        name, turns = f"flute_acoustic_000-{pitch:03d}-100", 2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * time
        wave = np.sin(turns + 0.5) + 0.5 * np.sin(2 * turns + 2.0) + 0.02 * chance.standard_normal(len(time))
        soundfile.write(folder / "audio" / f"{name}.wav", 0.4 * wave * np.exp(-2 * time), RATE, subtype="PCM_16")
        examples[name] = {
            "note_str": name, "note": pitch, "pitch": pitch, "velocity": 100, "sample_rate": RATE, "instrument": 0,
            "instrument_str": "flute_acoustic_000", "instrument_family": 2, "instrument_family_str": "flute",
            "instrument_source": 0, "instrument_source_str": "acoustic", "qualities": [0] * 10, "qualities_str": [],
        }  # fmt: skip
    (folder / "examples.json").write_text(json.dumps(examples))
    return folder


def paper_task(notes, steps=12, **options):
    """The paper's, in small."""
    return PaperTask(notes, PAPER, steps, batch=4, crop_samples=512, **options)


def small_task(notes, steps=12, pitch=False, **options):
    """The small recipe's, smaller."""
    return SmallTask(notes, replace(PAPER, pitch=pitch), steps, batch=4, crop_samples=512, **options)


def instrument_task(notes, **options):
    """The default instrument's, in small: 6 steps on frames, 3 on crops, 3 on spectra."""
    schedule = Schedule(
        steps=12, embedding_steps=6, spectrum_steps=3, warm_up=3, frames=32, batch=4, crop_samples=640,
        spectrum_batch=4, spectrum_samples=2304, **options,
    )  # fmt: skip
    return InstrumentTask(notes, INSTRUMENT, schedule)


def baseline_task(notes, steps=12, **options):
    """The baseline's, in small."""
    return BaselineTask(notes, BASELINE, baseline.Schedule(steps, batch=2, learning_rate=1e-3, decay=0.9), **options)


TASKS = {"paper": paper_task, "small": small_task, "instrument": instrument_task}


def train_all(folder, processes=None):
    """The losses of every task, with products in float32: of bfloat16 every sum is rounded a thousand times coarser."""
    notes = read_notes(folder / "notes")
    runs = {name: make(notes) for name, make in TASKS.items()}
    with patch.object(rows, "product_type", return_value=torch.float32):
        return [Trainer(task, folder / name, processes).train(report=str) for name, task in runs.items()]


def baseline_gradients(folder, processes=None):
    """{name: gradient} of the baseline's loss of one batch, in float64: batch norm in its first steps magnifies what
    rounding does by thousands.
    """
    task = baseline_task(read_notes(folder / "notes"))
    build = task.build
    task.build = lambda: build().double()
    trainer = Trainer(task, folder / "baseline", processes)
    batch = task.draw(0)
    double = replace(batch, pictures=batch.pictures.double())
    trainer.loss(share(double, trainer.processes.rank, trainer.processes.count)).backward()
    if trainer.processes.is_first:
        torch.save({name: each.grad for name, each in trainer.model.named_parameters()}, folder / "gradients.pt")
    return torch.load(folder / "gradients.pt") if trainer.processes.is_first else {}


if __name__ == "__main__":
    torch.set_num_threads(1)
    task.SECONDS = 0.05
    with joined() as together:
        train_all(Path(sys.argv[1]), together)
        baseline_gradients(Path(sys.argv[1]), together)
