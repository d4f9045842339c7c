"""The original's small checkpoint and what the original graphs made of it (tests/fixtures/README.md)."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models import checkpoints

torch.set_num_threads(1)  # the networks here are so small that threads would only wait for each other
SMALL = Path(__file__).parent.parent / "fixtures" / "magenta-small"


@pytest.fixture(scope="session")
def small_prefix():
    return SMALL / "model.ckpt-1234"


@pytest.fixture(scope="session")
def reference():
    with np.load(SMALL / "reference.npz") as file:
        return {name: file[name] for name in file.files}


@pytest.fixture(scope="session")
def small_model(small_prefix):
    return checkpoints.load(small_prefix)


@pytest.fixture(scope="session")
def small_average(small_prefix):
    return checkpoints.load(small_prefix, ema=True)
