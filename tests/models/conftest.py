"""Models of the small checkpoint of the original (tests/fixtures/README.md)."""

import pytest
import torch

from models import checkpoints
from models.checkpoints.source import Source

torch.set_num_threads(1)  # the networks here are so small that threads would only wait for each other


@pytest.fixture(scope="session")
def small_model(small_checkpoint):
    return checkpoints.load(small_checkpoint)


@pytest.fixture(scope="session")
def small_average(small_checkpoint):
    return checkpoints.load(Source(str(small_checkpoint), ema=True))
