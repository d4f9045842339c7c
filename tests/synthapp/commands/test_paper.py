"""The commands `paper table1` and `table2`, on a few notes and a tiny network of chance."""

import pytest

from models import checkpoints
from models.baseline.config import BaselineConfig
from models.baseline.network import Baseline
from tests.models.training.tasks import write_notes

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """notes/, and runs/ with both baselines of 64."""
    folder = tmp_path_factory.mktemp("paper")
    for split in ("train", "test"):
        write_notes(folder / "notes" / split)
    for name, told in (("baseline-64", True), ("baseline-64-unconditioned", False)):
        config = BaselineConfig(width=2, latent=64, pitch=told)
        weights = {key: values.numpy() for key, values in Baseline(config).state_dict().items()}
        (folder / "runs" / name).mkdir(parents=True)
        checkpoints.write(folder / "runs" / name / "weights.safetensors", config, weights, "chance, seed 0")
    return folder


@pytest.fixture
def paper(manifold, folder):
    def call(table, *more):
        return manifold("paper", table, "--notes", folder / "notes", "--runs", folder / "runs", *more)

    return call


def rows(outcome):
    return {line[:22].strip(): line for line in outcome.out.splitlines() if line.startswith("  ") and line[2] != " "}


def test_table2_stands_beside_the_papers(paper):
    outcome = paper("table2")
    assert outcome.status == 0, outcome.err
    found = rows(outcome)
    assert len(found) == 7 and "63.2    21.8    -65.5" in found["baseline 512"]
    assert found["baseline 512"].count("not trained") == 2 and found["baseline 512"].endswith("-")
    assert "100.0 [43.9, 100.0]" in found["baseline 64"]  # the notes it has learnt
    assert "asked about 3" in outcome.out and "baseline-64: chance, seed 0" in outcome.out


def test_table1_stands_beside_the_papers(paper, folder):
    weights = folder / "runs/baseline-64/weights.safetensors"
    few = ("--steps", 2, "--width", 2, "--seeds", "4", "--iterations", 2, "--weights", weights)
    outcome = paper("table1", *few)
    assert outcome.status == 0, outcome.err
    found = rows(outcome)
    assert "79.6     88.9   not trained" in found["WaveNet reconstructi"]
    assert "46.9     85.2" in found["baseline reconstruct"] and found["baseline reconstruct"].count("[") == 2
    assert "multiphonic: -" in outcome.out and "fast_decay: at 2.9 s" in outcome.out


def test_cells_are_trained_on_request_and_gone_on_with(paper, monkeypatch, folder):
    trained = []
    monkeypatch.setattr(
        "synthapp.paper.tables.Trainer", lambda task, out, processes: trained.append((task, out)) or Quick()
    )
    outcome = paper("table2", "--train", "128", "--steps", 7)
    assert outcome.status == 0, outcome.err
    assert [out.name for _, out in trained] == ["baseline-128", "baseline-128-unconditioned"]
    assert [(task.config.width, task.config.latent, task.steps) for task, _ in trained] == [(32, 128, 7)] * 2


class Quick:
    def train(self, report):
        report("done")


@pytest.mark.parametrize(
    ("words", "told"), [(("--train", "100"), "the table has 1984"), (("--notes", "nowhere"), "nowhere: has no train")]
)
def test_what_is_not_there_is_one_line(words, told, paper):
    outcome = paper("table2", *words)
    assert outcome.status == 1 and told in outcome.err and outcome.err.count("\n") == 1
