"""The table of measures: every row a question, its goal, and what was found for each set of notes."""

from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from models.checkpoints.building import load
from models.evaluation import findings
from models.evaluation.comparison import Comparison, compare_all
from models.evaluation.disentangling import PAPER, linear_accuracy, timbre
from models.evaluation.estimators.pitch import cents, estimate_f0, key_hz
from models.evaluation.estimators.stability import Stability, stability
from models.evaluation.estimators.strokes import Stroke, stroke
from models.evaluation.findings import Finding
from models.evaluation.identity import Classifier, log_mel
from models.evaluation.morphs import Morph, morphs
from models.threads import one_thread

SETS = ("test", "valid", "factory")
TRAINED_NOTES, ASKED_NOTES = 2000, 300  # recordings that the classifiers learn from; of each split that are asked about
HELD_S = 3.0  # of a recording


@dataclass(frozen=True)
class Row:
    """findings : by set, "" where the question is not about recordings; decisive : the set that the goal is about"""

    measure: str
    goal: str
    findings: dict[str, Finding]
    decisive: str = ""

    @property
    def met(self):
        """Whether the goal is; None where there was nothing to measure."""
        found = self.findings.get(self.decisive)
        return None if found is None else bool(found.met)


@dataclass
class Measures:
    """Everything that was measured."""

    compared: dict[str, list[Comparison]]
    morphs: list[Morph]
    holds: list[Stability]
    strokes: dict[str, list[Stroke]]
    rows: list[Row] = field(default_factory=list)


def measure(played, recordings, weights, seed=0):
    """All measures of what was played. played : PlayedNotes; recordings : Recordings; returns Measures."""
    instruments = {note.instrument for note in played.of("factory")} - {""}
    compared = {
        name: compare_all(played, recordings, played.of(name), instruments, _bar(f"measuring {name}"))
        for name in SETS
        if played.of(name)
    }
    strokes = {
        name: [stroke(note, played.sound(note), played.rate) for note in played.of(name)]
        for name in ("velocity", "pad")
    }
    holds = [stability(played.sound(note), played.rate) for note in _bar("measuring holds")(played.of("hold"))]
    measures = Measures(compared, morphs(played), holds, strokes)
    with one_thread():
        measures.rows = _rows(measures, played, recordings, load(weights), seed)
    return measures


def _rows(measures, played, recordings, model, seed):
    asked = [*recordings.draw("valid", ASKED_NOTES), *recordings.draw("test", ASKED_NOTES)]
    heard = {
        "train": listen(recordings, recordings.draw("train", TRAINED_NOTES, seed), model),
        "asked": listen(recordings, asked, model),
    }
    return [
        *_beside_recordings(measures),
        *_identity(played, recordings, heard, seed),
        *_without_recordings(measures, played),
        *_embedding(heard["train"], heard["asked"]),
    ]


def _beside_recordings(measures):
    questions = (
        ("pitch", "99 % within 5 cents", findings.pitch, "factory"),
        ("harmonics", "90 % of instruments within 3 points", findings.harmonics, "test"),
        ("noise floor", "within 6 dB", findings.noise_floor, "test"),
        ("spectrum: own recording / nearest other", "0.5", findings.spectrum, "test"),
        ("attack", "within 20 %", findings.envelope("attack_s"), "test"),
        ("decay", "within 20 %", findings.envelope("decay_db_per_s"), "test"),
        ("release", "within 20 %", findings.envelope("release_s"), "test"),
    )
    for name, goal, find, decisive in questions:
        sets = {
            group: compared
            for group, compared in measures.compared.items()
            if find is findings.pitch or any(comparison.recorded for comparison in compared)
        }
        yield Row(name, goal, {group: find(compared) for group, compared in sets.items()}, decisive)


def _without_recordings(measures, played):
    bends = [_off_cents(note, played.sound(note), played.rate) for note in played.of("scale", "bend")]
    questions = (
        ("quarter-tone scale and bends", "within 5 cents", findings.in_tune, bends),
        ("morph: level", "within 3 dB of the ends", findings.morph_level, measures.morphs),
        ("morph: pitch", "within 5 cents", findings.morph_pitch, measures.morphs),
        ("morph: identity", "between the ends", findings.morph_identity, measures.morphs),
        ("held for long", "no drift, burst, silence", findings.held, measures.holds),
        ("velocities 1 to 127", "no burst, no silence", findings.velocities, measures.strokes["velocity"]),
        ("any point of the pad", "no burst, no silence", findings.pad_points, measures.strokes["pad"]),
    )
    for name, goal, find, figures in questions:
        if figures:
            yield Row(name, goal, {"": find(figures)})


def _off_cents(note, audio, rate):
    """Past the attack and the bend's glide."""
    return cents(estimate_f0(audio[round(0.35 * rate) :], rate, note.f0_hz), note.f0_hz)


def _identity(played, recordings, heard, seed):
    """The family classifier, on held-out recordings, on what was played for them, and on one embedding's octaves."""
    rate, learnt = played.rate, heard["train"]
    classifier = Classifier(learnt.spectra, learnt.families, seed)
    found, accuracy = {}, float("nan")
    for name in SETS:
        notes = [note for note in played.of(name) if note.recording in recordings]
        if notes:
            labels = [note.family for note in notes]
            ours = _stack(log_mel(played.sound(note), rate) for note in notes)
            real = _stack(log_mel(recordings.sound(note.recording), rate) for note in notes)
            on_recordings = classifier.accuracy(real, labels)
            found[name] = findings.identity(classifier.accuracy(ours, labels), on_recordings)
            accuracy = on_recordings if name == "test" else accuracy
    yield Row("identity: family by a classifier", "95 % of its accuracy on recordings", found, "test")
    notes = [note for note in played.of("octaves") if note.family]
    if notes:
        ours = _stack(log_mel(played.sound(note), rate) for note in notes)
        finding = findings.octaves(classifier.accuracy(ours, [note.family for note in notes]), accuracy)
        yield Row("identity of one embedding over three octaves", "95 % of that on recordings", {"": finding})


def _embedding(learnt, asked):
    """A linear classifier of the pitch, on the timbre that the encoder makes of recordings, and on their spectra."""
    on_timbre = linear_accuracy(learnt.timbre, learnt.pitches, asked.timbre, asked.pitches)
    on_spectra = linear_accuracy(learnt.spectra.mean(2), learnt.pitches, asked.spectra.mean(2), asked.pitches)
    goal = f"{100 * PAPER[1]:.1f} % (the paper's; {100 * PAPER[0]:.1f} without conditioning)"
    finding = findings.pitch_in_embedding(on_timbre, on_spectra, PAPER[1])
    yield Row("pitch read from the embedding by a linear classifier", goal, {"": finding})


@dataclass(frozen=True)
class Heard:
    """Recordings as the classifiers see them.

    spectra : float32 (notes, bands, frames); timbre : float32 (notes, channels), mean over the held frames
    pitches : int64 (notes,); families : one a note
    """

    spectra: np.ndarray
    timbre: np.ndarray
    pitches: np.ndarray
    families: list[str]


def listen(recordings, examples, model):
    """Heard of these entries of examples.json."""
    config = model.config
    held = int(HELD_S * config.rate / config.hop)
    spectra, timbres = [], []
    for example in _bar("listening")(examples):
        audio = recordings.sound(example["note_str"])
        spectra.append(log_mel(audio, config.rate))
        timbres.append(timbre(model, audio, key_hz(example["pitch"]))[:held].mean(0))
    pitches = np.array([example["pitch"] for example in examples])
    return Heard(_stack(spectra), _stack(timbres), pitches, [example["instrument_family_str"] for example in examples])


def _stack(arrays):
    return np.array(list(arrays), np.float32)


def _bar(label):
    return lambda items: tqdm(items, label, disable=None, leave=False)
