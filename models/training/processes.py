"""The processes that train one model together, and the device of each.

torchrun starts them and tells each its rank in the environment; a process started without it is alone.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import distributed


@dataclass(frozen=True)
class Processes:
    """This process among `count`. The first, rank 0, keeps the files and talks to the user."""

    rank: int = 0
    count: int = 1
    device: torch.device = torch.device("cpu")

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    def mean(self, value: torch.Tensor) -> float:
        """Mean of a number over all processes, the same for each. Waits for the device and for the others."""
        total = value.double()  # a copy
        if self.count > 1:
            distributed.all_reduce(total)
        return total.item() / self.count

    def any(self, wish: bool) -> bool:
        """Whether one of the processes wishes it."""
        return wish if self.count == 1 else self.mean(torch.tensor(float(wish), device=self.device)) > 0


@contextmanager
def joined(threads: int = 1) -> Iterator[Processes]:
    """This process, connected with the others that torchrun started, on a GPU of its own where there is one.

    threads : cores that torch may use in each process
    """
    torch.set_num_threads(threads)
    rank, count = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    local_rank = int(os.environ.get("LOCAL_RANK", 0))
    device = torch.device("cuda", local_rank) if torch.cuda.is_available() else torch.device("cpu")
    if device.type == "cuda":
        torch.cuda.set_device(device)
        torch.set_float32_matmul_precision("high")  # what stays in float32 may use TF32
    if count == 1:
        yield Processes(device=device)
        return
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Processes(rank, count, device)
    finally:
        distributed.destroy_process_group()
