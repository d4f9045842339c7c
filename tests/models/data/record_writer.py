"""Write TFRecords of tf.Examples byte by byte, sound ones and hostile ones. For tests; the product only reads them."""

import struct

import google_crc32c
import numpy as np

from models.data.nsynth import FAMILIES, SOURCES

MASK = 0xA282EAD8


def checksum(content):
    """Masked CRC-32C: rotated right by 15 bits, plus a constant."""
    value = google_crc32c.value(content)
    return ((value >> 15 | value << 17 & 0xFFFFFFFF) + MASK & 0xFFFFFFFF).to_bytes(4, "little")


def record(content):
    length = len(content).to_bytes(8, "little")
    return length + checksum(length) + content + checksum(content)


def varint(number):
    number &= (1 << 64) - 1
    parts = []
    while number >= 0x80:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def message(field, content):
    return varint(field << 3 | 2) + varint(len(content)) + content


def texts(*values):
    return message(1, b"".join(message(1, value.encode()) for value in values))


def floats(values):
    return message(2, message(1, np.asarray(values, "<f4").tobytes()))


def unpacked_floats(values):
    return message(2, b"".join(b"\x0d" + struct.pack("<f", value) for value in values))


def integers(*values):
    return message(3, message(1, b"".join(map(varint, values))))


def unpacked_integers(*values):
    return message(3, b"".join(b"\x08" + varint(value) for value in values))


def example(features):
    """tf.Example. features : {key: bytes of a Feature}"""
    entries = (message(1, key.encode()) + message(2, feature) for key, feature in features.items())
    return message(1, b"".join(message(1, entry) for entry in entries))


def note_features(note_str, audio):
    """The keys that NSynth's own reader uses."""
    instrument_str, pitch, velocity = note_str.rsplit("-", 2)
    family, source, _ = instrument_str.rsplit("_", 2)
    return {
        "note_str": texts(note_str),
        "pitch": integers(int(pitch)),
        "velocity": integers(int(velocity)),
        "instrument_family": integers(FAMILIES.index(family)),
        "instrument_source": integers(SOURCES.index(source)),
        "qualities": integers(0, 1, 0, 0, 0, 0, 0, 0, 1, 0),
        "audio": floats(audio),
    }
