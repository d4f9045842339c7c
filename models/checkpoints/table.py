"""LevelDB's sorted table, as TensorFlow writes the index of a checkpoint.

data blocks | empty metadata index | index block | 48-byte footer. Every block is followed by one byte of compression
and a masked CRC-32C. Keys are prefix-compressed; the index block's values say where the data blocks lie.
Source: LevelDB's doc/table_format.md; tensorflow/core/lib/io/format.
"""

from collections.abc import Iterator

import google_crc32c

from models.protobuf import varint

FOOTER = 48
MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")
TRAILER = 5  # compression byte and checksum behind each block
MAX_KEY = 512


def masked(checksum: int) -> int:
    """A CRC-32C as LevelDB and TensorFlow store it, so that no file holds its own checksum."""
    return ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF


def read_table(table: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """(key, value) of a table, in order of the keys. Raises ValueError or IndexError where it is damaged.

    Blocks and keys must come in order, so a table that leads back into itself is refused.
    """
    if len(table) < FOOTER or table[-8:] != MAGIC:
        raise ValueError("it does not end as one")
    footer = table[-FOOTER:]
    _, _, at = _block_handle(footer, 0)  # of the metadata index
    index_offset, index_size, _ = _block_handle(footer, at)
    last_key, end = None, 0
    for _, value in _entries(_block(table, index_offset, index_size)):
        offset, size, _ = _block_handle(value, 0)
        if offset < end:
            raise ValueError("its blocks are not in order")
        end = offset + size
        for key, content in _entries(_block(table, offset, size)):
            if last_key is not None and key <= last_key:
                raise ValueError("its names are not in order")
            last_key = key
            yield key, content


def _block(table, offset, size):
    """memoryview of one block without its trailer; the checksum is verified."""
    end = offset + size + TRAILER
    if end > len(table) - FOOTER:
        raise ValueError("a block lies outside it")
    content = table[offset : offset + size + 1]
    if masked(google_crc32c.value(content)) != int.from_bytes(table[offset + size + 1 : end], "little"):
        raise ValueError("wrong checksum")
    if content[-1] != 0:
        raise ValueError("compressed blocks are not supported")
    return memoryview(content)[:-1]


def _block_handle(source, at):
    """(offset, size, next position)."""
    offset, at = varint(source, at)
    size, at = varint(source, at)
    return offset, size, at


def _entries(block):
    """(key, value) of one block. An entry: shared and own length of the key, length of the value, own part, value."""
    restarts = int.from_bytes(block[-4:], "little")
    end = len(block) - 4 * (restarts + 1)
    if end < 0:
        raise ValueError("a block is shorter than its restart points")
    at, key = 0, b""
    while at < end:
        shared, at = varint(block, at)
        own, at = varint(block, at)
        length, at = varint(block, at)
        if shared > len(key) or shared + own > MAX_KEY or at + own + length > end:
            raise ValueError("an entry does not fit its block")
        key = key[:shared] + bytes(block[at : at + own])
        yield key, block[at + own : at + own + length]
        at += own + length
