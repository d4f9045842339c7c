"""The one training loop: it knows steps, losses and files, and nothing of what is learnt.

task.draw(step) -> rows of this process -> task.loss -> gradient -> optimiser -> moving average of the weights
"""

import copy
import math
import time
from contextlib import nullcontext
from pathlib import Path

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from common.errors import ModelError
from models.training.batches import share, stream, to_device
from models.training.processes import Processes
from models.training.record import Record
from models.training.signals import stop_wish
from models.training.state import read_state
from models.training.task import Task


class Loss(nn.Module):
    """A task's loss of a batch as a module, which is what can be compiled and shared by processes."""

    def __init__(self, task: Task, model: nn.Module):
        super().__init__()
        self.task, self.model = task, model

    def forward(self, batch):
        return self.task.loss(self.model, batch)


class Trainer:
    """One run of a task in a folder; what the folder holds of the same run is gone on with.

    processes : this process and the others of the run
    compiled : with torch.compile, worth its minute in all but short runs
    parts : pieces that the rows of a process are cut into, one after the other, where all at once need too much memory
    workers : processes that draw batches ahead; 0: none
    """

    def __init__(self, task: Task, folder, processes=None, compiled=False, parts=1, workers=0):
        self.task, self.folder = task, Path(folder)
        self.processes, self.parts, self.workers = processes or Processes(), parts, workers
        torch.manual_seed(task.seed)
        self.model = task.build().to(self.processes.device)
        self.average = copy.deepcopy(self.model).requires_grad_(False)
        self.optimiser = task.optimiser(self.model.parameters())
        self.step = 0
        if self.state_path.exists():
            self.step = read_state(self.state_path, task.settings, **self.kept)
        self.loss = _prepared(Loss(task, self.model), self.processes, compiled)

    def train(self, stop_after_s=math.inf, report=print):
        """Run to the end of the schedule, for so many seconds, or until SIGINT or SIGTERM; then save.

        report : called with lines of progress
        returns : the losses of the steps taken
        Raises ModelError where the loss is no longer a number; the last saved state is kept.
        """
        record = Record(self, report) if self.processes.is_first else None
        stop_at, losses = time.monotonic() + stop_after_s, []
        with stop_wish() as stop_wished:
            for batch in stream(self.task, self.step, self.workers):
                losses.append(self._advance(batch))
                if record:
                    record.add(losses[-1])
                wish = stop_wished() or time.monotonic() >= stop_at
                if self.processes.any(wish):  # then all stop, after the same step
                    break
            if record:
                record.save()
                if not stop_wished():  # who interrupts does not want to wait
                    record.play()
        return losses

    def _advance(self, batch):
        """One step; returns its loss, the mean over all rows."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.task.learning_rate(self.step)
        self.optimiser.zero_grad()
        loss = self.processes.mean(sum(self._backward(batch, part) for part in range(self.parts)))
        if not math.isfinite(loss):
            raise ModelError(f"{self.folder}: the loss of step {self.step + 1} is {loss}; the last saved state is kept")
        if self.task.clip < math.inf:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.task.clip)
        self.optimiser.step()
        self.step += 1
        self._update_average()
        return loss

    def _backward(self, batch, part):
        """Add the gradient of one part of this process's rows; the processes exchange theirs with the last part."""
        processes, waits = self.processes, self.processes.count > 1 and part + 1 < self.parts
        rows = share(batch, processes.rank * self.parts + part, processes.count * self.parts)
        with self.loss.no_sync() if waits else nullcontext():
            with torch.autocast(processes.device.type, torch.bfloat16, enabled=processes.device.type == "cuda"):
                loss = self.loss(to_device(rows, processes.device)) / self.parts
            loss.backward()
        return loss.detach()

    @torch.no_grad()
    def _update_average(self):
        """Moving average, shorter at first. Source: TensorFlow's ExponentialMovingAverage with num_updates."""
        decay = min(self.task.average, (1 + self.step) / (10 + self.step))
        for average, current in zip(self.average.parameters(), self.model.parameters(), strict=True):
            average.lerp_(current, 1 - decay)
        for average, current in zip(self.average.buffers(), self.model.buffers(), strict=True):
            average.copy_(current)

    @property
    def state_path(self):
        """Where the run is kept."""
        return self.folder / "state.pt"

    @property
    def kept(self):
        """What a run goes on from, besides the number of the step."""
        return {"model": self.model, "average": self.average, "optimiser": self.optimiser}


def _prepared(loss, processes, compiled):
    """The loss, connected with the other processes, and compiled."""
    if processes.count > 1:
        loss = DistributedDataParallel(loss, find_unused_parameters=loss.task.partial)
    return torch.compile(loss) if compiled else loss
