"""TFRecord files of tf.Examples, read without TensorFlow.

A record is: length (8 bytes), masked CRC-32C of the length (4), content, masked CRC-32C of the content (4); all
little-endian. Source: tensorflow/core/lib/io/record_writer.h; core/example/{example,feature}.proto.
"""

import os
import struct
from dataclasses import dataclass

import google_crc32c
import numpy as np

from models.checkpoints.table import masked
from models.protobuf import fields, varint

HEADER = struct.Struct("<QI")
MAX_RECORD = 16 << 20  # bytes; a note has a quarter of a million
LISTS = ("qualities", "audio")  # features that are lists even where they hold one value


@dataclass(frozen=True)
class Record:
    """The bytes of one record, the checksum that the file gives for them, and where in the file it begins."""

    stored: bytes
    checksum: int
    start: int

    def content(self) -> bytes:
        """The bytes, verified. Raises ValueError."""
        if masked(google_crc32c.value(self.stored)) != self.checksum:
            raise ValueError("wrong checksum")
        return self.stored


def read_records(path, start=0):
    """Every Record of a file, one in memory at a time. start : of the first one, in bytes

    Raises ValueError where a length cannot be believed: what follows cannot be found.
    """
    with open(path, "rb") as file:
        file.seek(start)
        left = os.fstat(file.fileno()).st_size - start
        number = 0
        while left:
            header = file.read(HEADER.size)
            length = _length(header, number)
            left -= HEADER.size + length + 4
            if left < 0:
                raise ValueError(f"record {number} is cut off")
            yield Record(file.read(length), int.from_bytes(file.read(4), "little"), start)
            start += HEADER.size + length + 4
            number += 1


def _length(header, number):
    if len(header) < HEADER.size:
        raise ValueError(f"record {number} is cut off")
    length, checksum = HEADER.unpack(header)
    if masked(google_crc32c.value(header[:8])) != checksum:
        raise ValueError(f"record {number} has a length of wrong checksum")
    if length > MAX_RECORD:
        raise ValueError(f"record {number} has {length} bytes, far more than a note")
    return length


def parse_example(content):
    """tf.Example -> {feature: str, int, list of them or, for floats, float32 array}.

    Single values stand for themselves but in LISTS. Raises ValueError where it is damaged.
    """
    try:
        features = [feature for group in _members(content) for feature in _members(group)]
        pairs = [(_text(feature[1]), feature[2]) for feature in map(dict, map(fields, features))]
        return {key: _values(feature, single=key not in LISTS) for key, feature in pairs}
    except (LookupError, OverflowError) as error:
        raise ValueError("not a tf.Example") from error


def _members(message):
    """The values of field 1: the features of an example, the entries of a map, the values of a list."""
    return [value for number, value in fields(message) if number == 1]


def _values(feature, single):
    """The values of a Feature: of its bytes_list, float_list or int64_list, whichever is last."""
    values = []
    for kind, content in fields(feature):
        values = LIST_READERS[kind](_members(content))
    return values[0] if single and len(values) == 1 else values


def _texts(pieces):
    return [_text(piece) for piece in pieces]


def _text(piece):
    if isinstance(piece, int):
        raise ValueError("a number where text belongs")
    return piece.decode()


def _floats(pieces):
    """Packed: one piece of many floats; unpacked: many pieces of one."""
    content = b"".join(piece.to_bytes(4, "little") if isinstance(piece, int) else piece for piece in pieces)
    return np.frombuffer(content, "<f4").astype(np.float32)


def _integers(pieces):
    """Packed: one piece of many varints; unpacked: many pieces of one."""
    values = []
    for piece in pieces:
        values += [piece] if isinstance(piece, int) else _varints(piece)
    return [value - (1 << 64) if value >> 63 else value for value in values]


def _varints(content):
    values, at = [], 0
    while at < len(content):
        value, at = varint(content, at)
        values.append(value)
    return values


LIST_READERS = {1: _texts, 2: _floats, 3: _integers}
