"""Read protocol buffers without their schema compiler: TensorFlow's checkpoints and records are made of them.

Source: protobuf.dev, Encoding.
"""

from collections.abc import Iterator

FIXED = {1: 8, 5: 4}  # wire type -> bytes


def varint(source: bytes | memoryview, at: int) -> tuple[int, int]:
    """(number, next position) of a little-endian base-128 number. Raises ValueError or IndexError."""
    value = 0
    for shift in range(0, 70, 7):
        byte = source[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("a number is too long")


def fields(message: bytes | memoryview | int) -> Iterator[tuple[int, int | bytes]]:
    """(field number, value) of a message: numbers as int, strings and messages as bytes.

    Raises ValueError or IndexError where it is damaged.
    """
    if isinstance(message, int):
        raise ValueError("a message holds a number where a message belongs")
    at = 0
    while at < len(message):
        tag, at = varint(message, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = varint(message, at)
            yield number, value
            continue
        if wire != 2 and wire not in FIXED:
            raise ValueError(f"a message holds wire type {wire}")
        length, at = varint(message, at) if wire == 2 else (FIXED[wire], at)
        if at + length > len(message):
            raise ValueError("a message is cut off")
        content = bytes(message[at : at + length])
        yield number, content if wire == 2 else int.from_bytes(content, "little")
        at += length
