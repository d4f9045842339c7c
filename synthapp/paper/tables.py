"""The tables of the paper as they are printed: which weights there are, and what is measured on them."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from common.lines import tell
from common.pitch import key_hz
from engine.decoder.opening import open_decoder
from models import checkpoints
from models.baseline.config import BaselineConfig
from models.baseline.spectrogram import picture
from models.baseline.spectrogram import sound as sound_of
from models.checkpoints.building import build
from models.checkpoints.kinds import BASELINE
from models.data.notes import read_notes
from models.encoding.clips import decode_clips, encode_clip
from models.evaluation.tables import table1, table2
from models.evaluation.tables.labelled import Labelled, find_split, read_labelled
from models.evaluation.tables.statistics import relative_change, wilson
from models.training.baseline import REDUCED_WIDTH, BaselineTask, reduced
from models.training.processes import Processes
from models.training.trainer import Trainer
from synthapp.progress import item_bar

NOT_TRAINED = "not trained"
WEIGHTS = "weights.safetensors"


@dataclass(frozen=True)
class Measure:
    """What a table is made from.

    notes : folder with a train and a test set; runs : folder of trained models, each in the folder of its name
    train_count, test_count : notes of the sets, drawn from all; 0: all
    """

    notes: Path
    runs: Path
    train_count: int
    test_count: int

    def read(self) -> tuple[Labelled, Labelled]:
        """The two sets."""
        return (
            read_labelled(self.notes, "train", self.train_count), read_labelled(self.notes, "test", self.test_count)
        )  # fmt: skip

    def weights(self, name: str) -> Path | None:
        """Of a trained model; None where there is none."""
        path = self.runs / name / WEIGHTS
        return path if path.is_file() else None


def cell_name(model: str, size: int, told: bool) -> str:
    """The folder of a cell of table 2, such as baseline-128-unconditioned."""
    name = f"{model.lower()}-{size}" if model == "baseline" else model.lower()
    return name if told else f"{name}-unconditioned"


def train_baseline(measure: Measure, size: int, told: bool, steps: int | None, seed: int, processes: Processes) -> None:
    """Train one cell, a quarter of the paper's channels. What was begun is gone on with; Ctrl-C keeps it."""
    schedule = reduced()
    if steps:
        schedule = replace(schedule, steps=steps)
    config = BaselineConfig(width=REDUCED_WIDTH, latent=size, pitch=told)
    name = cell_name("baseline", size, told)
    task = BaselineTask(read_notes(find_split(measure.notes, "train")), config, schedule, seed)
    Trainer(task, measure.runs / name, processes).train(report=lambda line: tell(f"{name}: {line}"))


def print_table2(measure: Measure) -> None:
    """One line a row: the paper's figures, and those of the cells that are trained."""
    train, test = measure.read()
    known = int(np.isin(test.pitch, train.pitch).sum())
    print("Table 2. Pitch read from Z by a linear classifier, percent; brackets: 95 %")
    print(f"notes: {measure.notes}, trained on {len(train.pitch)}, asked about {known}\n")
    print(f"{'':22}{'not told':>10}{'told':>8}{'change':>9}   {'not told':24}{'told':24}change")
    told_of: list[str] = []
    for (model, size), paper in table2.PAPER.items():
        hits = [_hits(measure, cell_name(model, size, told), train, test, told_of) for told in table2.TOLD]
        change = 100 * (paper[1] / paper[0] - 1)
        ours = [NOT_TRAINED if each is None else _percent(each.mean(), len(each)) for each in hits]
        both = "-" if hits[0] is None or hits[1] is None else _change(*hits)
        row = f"{model} {size}"
        print(f"  {row:20}{paper[0]:10.1f}{paper[1]:8.1f}{change:+9.1f}   {ours[0]:24}{ours[1]:24}{both}")
    print()
    for line in told_of:
        print(line)


def _hits(measure, name, train, test, told_of):
    path = measure.weights(name)
    if path is None:
        return None
    checkpoint = checkpoints.read(path)
    told_of.append(f"{name}: {checkpoint.origin}")
    return table2.pitch_hits(build(checkpoint), train, test)


def _percent(share, count):
    low, high = wilson(share, count)
    return f"{100 * share:.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def _change(before, after):
    change, low, high = relative_change(before, after)
    return f"{100 * change:+.1f} [{100 * low:+.1f}, {100 * high:+.1f}]"


def print_table1(
    measure: Measure, baseline: Path | None, wavenet: Path | None, steps: int, seeds: tuple[int, ...], width: int,
    iterations: int,
) -> None:  # fmt: skip
    """The classifier's accuracy on recordings and on what the models make of them.

    baseline, wavenet : weights; None: not trained; iterations : of Griffin and Lim's
    """
    train, test = measure.read()
    sounds = {"original audio": [test.sound(note) for note in range(len(test.pitch))]}
    told_of = []
    for row, path in (("WaveNet reconstruction", wavenet), ("baseline reconstruction", baseline)):
        if path is not None:
            checkpoint = checkpoints.read(path)
            told_of.append(f"{row}: {checkpoint.origin}")
            sounds[row] = _reconstructed(checkpoint, test, iterations, item_bar(row))
    found: dict[str, list[table1.Accuracy]] = {row: [] for row in sounds}
    for seed in seeds:
        model = table1.train_classifier(train, steps, width, seed, item_bar(f"classifier {seed}"))
        for row, heard in sounds.items():
            found[row].append(table1.accuracy(model, heard, test))
    _print_rows(found, train, test, seeds, steps, width)
    for line in [*told_of, *train.describe()]:
        print(line)


def _print_rows(found, train, test, seeds, steps, width):
    count, judged = len(test.pitch), int(test.judged.sum())
    print("Table 1. Told by a classifier, percent; brackets: 95 %, of the notes")
    named = ", ".join(map(str, seeds))
    print(f"trained on {len(train.pitch)} notes, {steps} steps, width {width}, seeds {named}; asked about {count}\n")
    print(f"{'':28}{'pitch':>8}{'quality':>9}   {'pitch':24}quality")
    for row, (pitch, quality) in table1.PAPER.items():
        ours = [NOT_TRAINED, ""]
        if row in found:
            means = [np.mean([getattr(each, what) for each in found[row]]) for what in ("pitch", "quality")]
            ours = [_percent(means[0], count), _percent(means[1], count)]
        print(f"  {row:26}{pitch:8.1f}{quality:9.1f}   {ours[0]:24}{ours[1]}")
    least = table1.chance(train, test)
    print(f"  {'always the most frequent':26}{'':17}   {100 * least.pitch:<24.1f}{100 * least.quality:.1f}")
    print(f"\nqualities: the mean over {judged}\n")


def _reconstructed(checkpoint, notes: Labelled, iterations, progress) -> list[np.ndarray]:
    """float32 (samples,) each: what a model makes of the notes."""
    model, sounds = build(checkpoint), [notes.sound(note) for note in range(len(notes.pitch))]
    if checkpoint.kind == BASELINE:
        kind, made = model.config.picture, []
        for heard, pitch in progress(list(zip(sounds, notes.pitch, strict=True))):
            shown = model.decode(model.encode(picture(heard, kind)[None]), [pitch])[0]
            made.append(sound_of(shown, kind, iterations)[: len(heard)])
        return made
    f0_hz = key_hz(notes.pitch)
    embeddings = np.stack([encode_clip(model, *each) for each in zip(sounds, f0_hz, strict=True)])
    decoder = open_decoder(checkpoint, len(sounds), tell=lambda _: None)
    return list(decode_clips(decoder, embeddings, f0_hz, 0.0 if model.config.mixture else 1.0, 0, progress))
