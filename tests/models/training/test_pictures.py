"""Pictures of a run: they show what they are given."""

import sys

import numpy as np
import pytest
from matplotlib.image import imread

from models.training.pictures import _levels_db, draw_losses, draw_samples
from models.training.task import Sample
from models.training.trainer import Trainer
from tests.models.training.tasks import paper_task


@pytest.mark.parametrize("steps", [1, 1000])
def test_losses_are_drawn(steps, tmp_path):
    draw_losses(tmp_path / "losses.png", [(step, 5.0 / step, 1e-3) for step in range(1, steps + 1)])
    image = imread(tmp_path / "losses.png")
    assert image.shape == (500, 900, 4)


def test_a_sine_of_full_scale_is_0_db_in_its_band():
    levels = _levels_db(np.sin(2 * np.pi * 1000 / 16000 * np.arange(8000)))
    assert levels[64, 10] == pytest.approx(0, abs=0.1) and levels[:, 10].argmax() == 64
    assert levels[200, 10] < -80


def test_samples_are_drawn(tmp_path):
    tone = np.sin(2 * np.pi * 1000 / 16000 * np.arange(4000))
    draw_samples(tmp_path / "samples.png", [Sample("a tone", tone, 0.0 * tone, 16000)])
    image = imread(tmp_path / "samples.png")
    bright = (image[..., 1] > 0.85) & (image[..., 2] < 0.3)  # the top of the colour scale
    above, below = np.array_split(bright, 2)
    assert above.any() and not below.any()


def test_without_matplotlib_a_run_goes_on_and_says_so(notes, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    lines = []
    Trainer(paper_task(notes, steps=1), tmp_path).train(report=lines.append)
    assert [line for line in lines if "losses.png" in line] == [
        "no losses.png: matplotlib is missing; pip install matplotlib"
    ]
    assert (tmp_path / "weights.safetensors").exists()
