"""Models of the small checkpoint of the original (tests/fixtures/README.md)."""

import pytest
import torch

from models.checkpoints.building import load
from models.checkpoints.source import Source

torch.set_num_threads(1)  # the networks here are so small that threads would only wait for each other


@pytest.fixture(scope="session")
def small_model(small_checkpoint):
    return load(small_checkpoint)


@pytest.fixture(scope="session")
def small_average(small_checkpoint):
    return load(Source(str(small_checkpoint), ema=True))
