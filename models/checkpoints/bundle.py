"""TensorFlow's V2 tensor bundle without TensorFlow: PREFIX.index and PREFIX.data-00000-of-00001.

The index is a sorted table of small protocol buffers, name -> type, shape, place and checksum; the data files hold the
tensors, little-endian. Source: tensorflow/core/util/tensor_bundle, core/protobuf/tensor_bundle.proto.
"""

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import google_crc32c
import numpy as np

from common.errors import ModelError
from models.checkpoints.table import masked, read_table
from models.protobuf import fields

MAX_INDEX = 16 << 20  # bytes; the released checkpoint's index has 64 KiB
MAX_RANK = 8
PIECE = 4 << 20  # bytes read at a time
FLOAT32 = 1  # TensorFlow's DataType


@dataclass(frozen=True)
class Entry:
    """Where one tensor lies: data file, first byte, bytes, and the masked checksum of its bytes."""

    dtype: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    checksum: int
    sliced: bool


@dataclass(frozen=True)
class Place:
    """Where the bytes of one file of a checkpoint lie: in a file of its own, or inside an archive."""

    path: Path
    start: int
    size: int


def on_disk(path: Path) -> Place:
    """A file of its own. Raises OSError."""
    return Place(path, 0, path.stat().st_size)


class Bundle:
    """One checkpoint, its index read.

    prefix : path without `.index`
    place : where a file of the checkpoint lies, by its path; raises OSError
    entries : tensor name -> Entry
    """

    def __init__(self, prefix: Path, place: Callable[[Path], Place] = on_disk):
        """Raises ModelError where the index is missing or damaged."""
        self.prefix, self._place = prefix, place
        self.index = Path(f"{prefix}.index")
        try:
            table = dict(read_table(self._read_index()))
            self.shards, little_endian = _parse_header(table.pop(b"", b""))
            self.entries = {name.decode(): _parse_entry(value) for name, value in table.items()}
        except (ValueError, IndexError) as error:
            raise ModelError(f"{self.index}: damaged checkpoint index ({error}); get the file again") from error
        if not little_endian:
            raise ModelError(f"{self.index}: a big-endian checkpoint cannot be read")

    def check(self, names: list[str]) -> None:
        """Compare the entries of these tensors with the data files, before anything is allocated.

        Raises ModelError on another type than float32, a size that is not the shape's, a place outside its file,
        or two tensors in one place.
        """
        ends: dict[int, int] = {}
        for name in sorted(names, key=lambda name: (self.entries[name].shard, self.entries[name].offset)):
            entry = self.entries[name]
            if entry.dtype != FLOAT32 or entry.sliced:
                raise ModelError(f"{self.index}: tensor {name} is not one whole float32 tensor")
            if entry.size != 4 * math.prod(entry.shape):
                raise ModelError(f"{self.index}: tensor {name} has {entry.size} bytes, but the shape {entry.shape}")
            if entry.offset < ends.get(entry.shard, 0):
                raise ModelError(f"{self.index}: tensor {name} overlaps another; the index is damaged")
            ends[entry.shard] = entry.offset + entry.size
            if ends[entry.shard] > self._shard_size(entry.shard):
                raise ModelError(f"{self._shard(entry.shard)}: ends before tensor {name}; the file is truncated")

    def read(self, name: str, into: np.ndarray) -> None:
        """Fill a contiguous float32 array with a tensor that `check` has passed.

        Raises ModelError on a wrong checksum, or where the file cannot be read.
        """
        entry = self.entries[name]
        path = self._shard(entry.shard)
        place = self._place(path)
        target = into.reshape(-1).view(np.uint8)
        checksum = position = 0
        with open(place.path, "rb", buffering=0) as file:
            while position < entry.size:
                wanted = min(PIECE, entry.size - position)
                piece = os.pread(file.fileno(), wanted, place.start + entry.offset + position)
                if not piece:
                    raise ModelError(f"{path}: ends before tensor {name}; the file is truncated")
                checksum = google_crc32c.extend(checksum, piece)
                target[position : position + len(piece)] = np.frombuffer(piece, np.uint8)
                position += len(piece)
        if masked(checksum) != entry.checksum:
            raise ModelError(f"{path}: wrong checksum of tensor {name}; the file is damaged, get it again")

    def _shard(self, number):
        if number >= self.shards:
            raise ModelError(f"{self.index}: names data file {number} of {self.shards}; the index is damaged")
        return Path(f"{self.prefix}.data-{number:05d}-of-{self.shards:05d}")

    def _shard_size(self, number):
        try:
            return self._place(self._shard(number)).size
        except OSError as error:
            raise ModelError(f"{self._shard(number)}: no such file; it belongs beside {self.index.name}") from error

    def _read_index(self):
        try:
            place = self._place(self.index)
            if place.size > MAX_INDEX:
                raise ModelError(f"{self.index}: {place.size} bytes are too many for a checkpoint index")
            with open(place.path, "rb") as file:
                file.seek(place.start)
                return file.read(place.size)
        except OSError as error:
            raise ModelError(f"{self.index}: cannot be read ({error.strerror})") from error


def _number(message, number):
    """A numeric field of dict(fields(...)); 0 where it is missing."""
    value = message.get(number, 0)
    if not isinstance(value, int):
        raise ValueError("an entry holds a message where a number belongs")
    return value


def _parse_header(message):
    """(number of data files, little-endian) of BundleHeaderProto."""
    header = dict(fields(message))
    shards = _number(header, 1)
    if not 1 <= shards <= 99999:
        raise ValueError(f"{shards} data files")
    return shards, _number(header, 2) == 0


def _parse_entry(message):
    """BundleEntryProto -> Entry."""
    entry = dict(fields(message))
    dimensions = [dict(fields(content)) for number, content in fields(entry.get(2, b"")) if number == 2]
    shape = tuple(_number(dimension, 1) for dimension in dimensions)
    if len(shape) > MAX_RANK or any(size >= 1 << 40 for size in shape):
        raise ValueError("a tensor of impossible shape")
    dtype, shard, offset, size, checksum = (_number(entry, number) for number in (1, 3, 4, 5, 6))
    return Entry(dtype, shape, shard, offset, size, checksum, sliced=7 in entry)
