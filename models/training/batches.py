"""Batches: dataclasses of tensors, each with the rows of the batch along its first axis; they may hold one another."""

from dataclasses import fields, is_dataclass, replace

import torch
from torch.utils.data import DataLoader, Dataset

from common.errors import ModelError


class Batches(Dataset):
    """The batches of a task, by step."""

    def __init__(self, task):
        self.task = task

    def __getitem__(self, step):
        return self.task.draw(step)


def stream(task, first, workers):
    """Iterate over the batches from step `first` on. workers : processes that draw ahead; 0: none."""
    return iter(DataLoader(Batches(task), batch_size=None, sampler=range(first, task.steps), num_workers=workers))


def share(batch, part, parts):
    """Rows of one of `parts` equal shares. Raises ModelError where the rows cannot be cut up evenly."""

    def rows(tensor):
        if len(tensor) % parts:
            raise ModelError(f"a batch of {len(tensor)} rows cannot be cut into {parts} equal parts; try 1, 2 or 4")
        count = len(tensor) // parts
        return tensor[part * count : (part + 1) * count]

    return _each(batch, rows)


def to_device(batch, device):
    """The batch on another device."""
    return _each(batch, lambda tensor: tensor.to(device, non_blocking=True))


def _each(value, function):
    """Apply `function` to every tensor."""
    if isinstance(value, torch.Tensor):
        return function(value)
    if is_dataclass(value):
        return replace(value, **{field.name: _each(getattr(value, field.name), function) for field in fields(value)})
    return value
