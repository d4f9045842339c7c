"""The preset file: a safetensors file with the tensors corner0 ... corner3; all else (schema/) is JSON in its header.

    8 bytes  length of the header, little-endian
    header   {"__metadata__": {"preset": "{... JSON ...}"}, "corner0": {"dtype", "shape", "data_offsets"}, ...}
    data     the tensors one after the other, nothing between or after them

Where a sound's first channels are stored coarser than the others, or only every fourth frame of them (latents.py),
the others follow in a tensor of their own, corner0.rest. The header is read by hand, so that nothing is allocated on
its word. Saving what was loaded gives the same bytes.
Format: https://github.com/huggingface/safetensors#format
"""

import math
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from common.atomic import replacing
from common.errors import PresetError, SynthError
from presets import schema
from presets.latents import DTYPES, restored, stored, stored_frames
from presets.pad import CORNERS
from presets.preset import Preset, Summary

SUFFIX = ".manifold"
FILE_BYTES = 64 * 2**20  # largest preset that is read or written
HEADER_BYTES = 2**20
TENSORS = tuple((f"corner{index}", f"corner{index}.rest") for index in range(CORNERS))
_METADATA = "__metadata__"


class _Metadata(msgspec.Struct, forbid_unknown_fields=True):
    preset: str


class _Tensor(msgspec.Struct, forbid_unknown_fields=True):
    dtype: Literal["I8", "F16", "F32"]
    shape: tuple[int, int, int, int]
    data_offsets: tuple[int, int]


def read_preset(path) -> Preset:
    """The preset in a file. Raises PresetError, one line that names the file and the cause."""
    with _blame(path):
        return decode(_read(path, FILE_BYTES))


def read_summary(path) -> Summary:
    """Name, tags and corner names, from the header alone. Raises PresetError."""
    with _blame(path):
        document, _, _ = _parse_header(_read(path, 8 + HEADER_BYTES, whole=False))
        return document.summary()


def write_preset(preset: Preset, path) -> None:
    """Save atomically: afterwards the file is the old one or the new one, whole.

    Raises PresetError where the disk is full or the folder cannot be written.
    """
    data = encode(preset)
    try:
        with replacing(path) as temporary:
            temporary.write_bytes(data)
    except SynthError as error:
        raise PresetError(f"preset {error}") from error


def encode(preset: Preset) -> bytes:
    """The bytes of a preset file; the same preset gives the same bytes."""
    tensors, entries, offset = [], {}, 0
    for names, corner in zip(TENSORS, preset.corners, strict=True):
        for name, (dtype, array) in zip(names, stored(corner.latents), strict=False):
            entries[name] = _Tensor(dtype, array.shape, (offset, offset + array.nbytes))
            tensors.append(array.tobytes())
            offset += array.nbytes
    header = msgspec.json.encode({_METADATA: {"preset": schema.written(preset)}, **entries}, order="deterministic")
    header += b" " * (-len(header) % 8)
    if len(header) > HEADER_BYTES or 8 + len(header) + offset > FILE_BYTES:
        raise PresetError(f"preset {preset.name!r} is larger than {FILE_BYTES >> 20} MiB; use fewer or shorter sounds")
    return b"".join([len(header).to_bytes(8, "little"), header, *tensors])


def decode(data: bytes) -> Preset:
    """The preset in the bytes of a file. Raises ValueError, msgspec.MsgspecError or PresetError."""
    document, tensors, start = _parse_header(data)
    _check_layout(tensors, len(data) - start)
    return document.preset([restored([_array(data, start, tensor) for tensor in parts.values()]) for parts in tensors])


@contextmanager
def _blame(path):
    """Turn whatever is wrong with a file into one PresetError that names it."""
    try:
        yield
    except OSError as error:
        raise PresetError(f"preset {path} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError, msgspec.MsgspecError, PresetError) as error:
        cause = "".join(letter if letter.isprintable() else "?" for letter in str(error)[:300])
        raise PresetError(f"preset {path} cannot be read: {cause}; replace or remove the file") from error


def _read(path, limit, whole=True):
    """Up to `limit` bytes of a regular file; with `whole`, a longer one is refused."""
    if Path(path).exists() and not Path(path).is_file():
        raise ValueError("it is not a file")
    with open(path, "rb") as file:
        data = file.read(limit + 1)
    if whole and len(data) > limit:
        raise ValueError(f"it is larger than {limit >> 20} MiB")
    return data[:limit]


def _parse_header(data):
    """Document, the tensor entries of each corner by name, and where the tensors start."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > HEADER_BYTES:
        raise ValueError("it is not a preset")
    if len(data) < 8 + length:
        raise ValueError("it is truncated")
    header = msgspec.json.decode(data[8 : 8 + length], type=dict[str, msgspec.Raw])
    for name in (_METADATA, *(first for first, _ in TENSORS)):
        if name not in header:
            raise ValueError(f"{name} is missing")
    extra = sorted(set(header) - {_METADATA}.union(*TENSORS))
    if extra:
        raise ValueError(f"it has an unknown tensor {extra[0][:40]!r}")
    document = schema.read(msgspec.json.decode(header[_METADATA], type=_Metadata).preset)
    tensors = [
        {name: msgspec.json.decode(header[name], type=_Tensor) for name in names if name in header} for names in TENSORS
    ]
    return document, tensors, 8 + length


def _check_layout(tensors, size):
    """The tensors lie one after the other and fill the data exactly; those of a corner differ in their channels."""
    offset = 0
    for parts in tensors:
        for name, tensor in parts.items():
            count = math.prod(tensor.shape) * DTYPES[tensor.dtype].itemsize
            if min(tensor.shape) < 1 or tensor.data_offsets != (offset, offset + count):
                raise ValueError(f"{name} has shape {tensor.shape} and bytes {tensor.data_offsets}, which do not agree")
            offset += count
        if len({_whole_shape(tensor, list(parts.values())[-1]) for tensor in parts.values()}) > 1:
            raise ValueError(f"{' and '.join(parts)} have shapes that do not agree")
    if offset != size:
        raise ValueError(f"it has {size} bytes of tensors instead of {offset}")


def _whole_shape(tensor, last):
    """(pitches, velocities, frames); one that has only the knots of its corner's last tensor stands for all."""
    pitches, velocities, frames, _ = tensor.shape
    return pitches, velocities, last.shape[2] if frames == stored_frames(last.shape[2]) else frames


def _array(data, start, tensor):
    begin, _ = tensor.data_offsets
    return np.frombuffer(data, DTYPES[tensor.dtype], math.prod(tensor.shape), start + begin).reshape(tensor.shape)
