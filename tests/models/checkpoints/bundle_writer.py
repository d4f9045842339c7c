"""Write TensorFlow V2 tensor bundles, sound ones and hostile ones. For tests; the product only reads them."""

from pathlib import Path

import google_crc32c
import numpy as np

from models.checkpoints.magenta import AVERAGE, SCOPES
from models.checkpoints.table import MAGIC, masked

BLOCK_BYTES = 4096  # a data block is closed once it is larger


def varint(number):
    parts = []
    while number >= 0x80:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def entry(shape, offset, size, checksum, dtype=1, shard=0, extra=b""):
    """BundleEntryProto of one tensor; `checksum` is the masked one."""
    dimensions = b"".join(_message(2, _number(1, size)) for size in shape)
    fixed = b"\x35" + checksum.to_bytes(4, "little")
    place = _number(3, shard) + _number(4, offset) + _number(5, size)
    return _number(1, dtype) + _message(2, dimensions) + place + fixed + extra


def header(shards=1, big_endian=0):
    """BundleHeaderProto."""
    return _number(1, shards) + _number(2, big_endian) + _message(3, _number(1, 1))


def _number(field, value):
    return varint(field << 3) + varint(value)


def _message(field, content):
    return varint(field << 3 | 2) + varint(len(content)) + content


def block(entries):
    """A table block of (key, value) pairs with one restart point, and its trailer."""
    content = b"".join(varint(0) + varint(len(key)) + varint(len(value)) + key + value for key, value in entries)
    return sealed(content + bytes(4) + (1).to_bytes(4, "little"))


def sealed(content, compression=0):
    """The content of a block with compression byte and checksum."""
    content += bytes([compression])
    return content + masked(google_crc32c.value(content)).to_bytes(4, "little")


def table(entries):
    """The bytes of an index: (key, value) pairs in order of the keys."""
    blocks, pending = [], []
    for key, value in entries:
        pending.append((key, value))
        if sum(len(key) + len(value) for key, value in pending) > BLOCK_BYTES:
            blocks.append(pending)
            pending = []
    return assemble([*blocks, pending] if pending else blocks)


def assemble(blocks, handles=None):
    """Blocks of entries, index block and footer. handles : (offset, size) of each block, to lie about them."""
    parts, places, at = [], [], 0
    for entries in blocks:
        parts.append(block(entries))
        places.append((at, len(parts[-1]) - 5))
        at += len(parts[-1])
    names = [entries[-1][0] for entries in blocks]
    handles = places if handles is None else handles
    index = block([(name, varint(offset) + varint(size)) for name, (offset, size) in zip(names, handles, strict=False)])
    footer = varint(0) + varint(0) + varint(at) + varint(len(index) - 5)
    return b"".join([*parts, index, footer.ljust(40, b"\0"), MAGIC])


def write_bundle(prefix, tensors):
    """Write PREFIX.index and PREFIX.data-00000-of-00001. tensors : (name, float32 array) pairs, one at a time.

    returns : {name: Entry bytes}, so that a test can change some and write the index anew
    """
    entries, offset = {}, 0
    with open(f"{prefix}.data-00000-of-00001", "wb") as data:
        for name, values in tensors:
            content = np.ascontiguousarray(values, "<f4").tobytes()
            data.write(content)
            entries[name] = entry(values.shape, offset, len(content), masked(google_crc32c.value(content)))
            offset += len(content)
    write_index(prefix, entries)
    return entries


def write_index(prefix, entries, head=None):
    """entries : {name: bytes}"""
    pairs = [(name.encode(), value) for name, value in sorted(entries.items())]
    Path(f"{prefix}.index").write_bytes(table([(b"", header() if head is None else head), *pairs]))


def magenta_tensors(shapes, draw, average=False):
    """(Magenta's name, draw(shape)) of every tensor of an autoencoder. shapes : models.checkpoints.layout's."""
    suffix = AVERAGE if average else ""
    for scope, ours in SCOPES.items():
        for theirs, part in (("W", "weight"), ("biases", "bias")):
            shape = shapes[f"{ours}.{part}"]
            layered = "{}" in scope
            one = shape[1:] if layered else shape
            for layer in range(shape[0]) if layered else (0,):
                yield f"{scope.format(layer + 1)}/{theirs}{suffix}", draw((1, *one) if theirs == "W" else one)
