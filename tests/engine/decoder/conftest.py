"""One torch thread: the oracle's tensors are small, and a second thread costs more than it gives."""

import pytest
import torch


@pytest.fixture(scope="session", autouse=True)
def one_torch_thread():
    torch.set_num_threads(1)
