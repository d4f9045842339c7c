"""The preset file: a safetensors file with the tensors corner0, corner1 ...; all else (schema/) is JSON in its header.

    8 bytes  length of the header, little-endian
    header   {"__metadata__": {"preset": "{... JSON ...}"}, "corner0": {"dtype", "shape", "data_offsets"}, ...}
    data     the tensors one after the other, nothing between or after them

Where a sound's first channels are stored coarser than the others, or only every fourth frame of them (latents.py),
the others follow in a tensor of their own, corner0.rest. The header is read by hand, so that nothing is allocated on
its word. Saving what was loaded gives the same bytes.

A factory preset has no tensors: its metadata names the files of its sounds (sounds.py), "sounds": "<name> <name> ...".
Format: https://github.com/huggingface/safetensors#format
"""

import math
import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from common.atomic import creating, replacing
from common.errors import PresetError, SynthError
from common.regular import open_regular
from presets import schema, sounds
from presets.latents import DTYPES, agree, restored, stored, unpacked_bytes
from presets.preset import Preset, Summary

SUFFIX = ".manifold"
FILE_BYTES = 64 * 2**20  # largest preset that is read or written
UNPACKED_BYTES = 96 * 2**20  # and the most that its sounds may take in memory
HEADER_BYTES = 2**20
_METADATA = "__metadata__"


class _Metadata(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    preset: str
    sounds: str = ""  # names with a space between them; the tensors are left out then


class _Tensor(msgspec.Struct, forbid_unknown_fields=True):
    dtype: Literal["I8", "F16", "F32"]
    shape: tuple[int, int, int, int]
    data_offsets: tuple[int, int]


@dataclass(frozen=True)
class _Header:
    """document : of any version; sounds : names of the corners' files, or none; tensors : by name, of every corner, or
    none; start : where their bytes begin
    """

    document: schema.Document
    sounds: tuple[str, ...]
    tensors: list[dict[str, _Tensor]]
    start: int


def read_preset(path) -> Preset:
    """The preset in a file. Raises PresetError, one line that names the file and the cause."""
    with _blame(path):
        return decode(_read(path, FILE_BYTES), Path(path).parent / sounds.FOLDER)


def read_summary(path) -> Summary:
    """Name, tags and corner names, from the header alone. Raises PresetError."""
    with _blame(path):
        return _read_header(path).document.summary()


def check_whole(path) -> None:
    """Raises PresetError where a file is truncated, or a sound that it names is not beside it; reads no sound."""
    with _blame(path):
        header = _read_header(path)
        if header.tensors:
            _check_layout(header.tensors, os.stat(path).st_size - header.start)
        for name in header.sounds:
            sounds.check_there(Path(path).parent / sounds.FOLDER, name)


def shared_sounds(path) -> tuple[str, ...]:
    """Names of the files beside it that hold a preset's sounds; none where it holds them itself. Raises PresetError."""
    with _blame(path):
        return _read_header(path).sounds


def write_preset(preset: Preset, path) -> None:
    """Save atomically: afterwards the file is the old one or the new one, whole.

    Raises PresetError where the disk is full or the folder cannot be written.
    """
    data = encode(preset)
    with _blame_writing(), replacing(path) as temporary:
        temporary.write_bytes(data)


def write_new_preset(preset: Preset, path) -> None:
    """The same where no file has that name; FileExistsError where one has, which stays as it is."""
    data = encode(preset)
    with _blame_writing(), creating(path) as temporary:
        temporary.write_bytes(data)


def write_shared_preset(preset: Preset, path) -> None:
    """The same with the sounds in files of their own, which other presets of the folder may name too.

    What is saved of such a preset later holds its sounds itself again. Raises PresetError.
    """
    folder = Path(path).parent / sounds.FOLDER
    with _blame_writing():
        names = " ".join(sounds.write_sound(folder, corner.latents) for corner in preset.corners)
        header = _header(_Metadata(schema.written(preset), names), {})
        with replacing(path) as temporary:
            temporary.write_bytes(header)


def remove_unnamed_sounds(folder: Path) -> None:
    """Delete the shared sounds that no preset of the folder names any more. Raises PresetError."""
    named = {name for path in folder.glob(f"*{SUFFIX}") for name in shared_sounds(path)}
    for path in sorted((folder / sounds.FOLDER).iterdir()):
        if sounds.NAME.fullmatch(path.name) and path.name not in named:
            path.unlink()


def encode(preset: Preset) -> bytes:
    """The bytes of a preset file; the same preset gives the same bytes."""
    tensors, entries, offset = [], {}, 0
    for place, corner in enumerate(preset.corners):
        for name, (dtype, array) in zip(_tensor_names(place), stored(corner.latents), strict=False):
            entries[name] = _Tensor(dtype, array.shape, (offset, offset + array.nbytes))
            tensors.append(array.tobytes())
            offset += array.nbytes
    header = _header(_Metadata(schema.written(preset)), entries)
    if len(header) > 8 + HEADER_BYTES or len(header) + offset > FILE_BYTES:
        raise PresetError(f"preset {preset.name!r} is larger than {FILE_BYTES >> 20} MiB; use fewer or shorter sounds")
    return b"".join([header, *tensors])


def decode(data: bytes, folder: Path | None = None) -> Preset:
    """The preset in the bytes of a file. Raises ValueError, msgspec.MsgspecError, PresetError or OSError.

    folder : of the sounds that it names, if it does
    """
    header = _parse_header(data)
    _check_layout(header.tensors, len(data) - header.start)
    return header.document.preset(_shared(folder, header.sounds) if header.sounds else _own(data, header))


def _shared(folder, names):
    if folder is None:
        raise ValueError("its sounds lie in other files")
    return [sounds.read_sound(folder, name) for name in names]


def _own(data, header):
    return [restored([_array(data, header.start, tensor) for tensor in parts.values()]) for parts in header.tensors]


@contextmanager
def _blame_writing():
    """Turn whatever is wrong with a place into one PresetError."""
    try:
        yield
    except PresetError:
        raise
    except SynthError as error:
        raise PresetError(f"preset {error}") from error


@contextmanager
def _blame(path):
    """Turn whatever is wrong with a file into one PresetError that names it."""
    try:
        yield
    except OSError as error:
        raise PresetError(f"preset {path} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError, msgspec.MsgspecError, PresetError) as error:
        raise PresetError(f"preset {path} cannot be read: {str(error)[:300]}; replace or remove the file") from error


def _read(path, limit, whole=True):
    """Up to `limit` bytes of a regular file; with `whole`, a longer one is refused."""
    with open_regular(path) as file:
        data = file.read(min(limit, os.fstat(file.fileno()).st_size) + 1)  # memory for so many is set aside at once
    if whole and len(data) > limit:
        raise ValueError(f"it is larger than {limit >> 20} MiB")
    return data[:limit]


def _header(metadata, entries):
    """The bytes before the tensors."""
    text = msgspec.json.encode({_METADATA: metadata, **entries}, order="deterministic")
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def _read_header(path):
    return _parse_header(_read(path, 8 + HEADER_BYTES, whole=False))


def _parse_header(data):
    """What the header says, before any tensor is looked at."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > HEADER_BYTES:
        raise ValueError("it is not a preset")
    if len(data) < 8 + length:
        raise ValueError("it is truncated")
    header = msgspec.json.decode(data[8 : 8 + length], type=dict[str, msgspec.Raw])
    if _METADATA not in header:
        raise ValueError(f"{_METADATA} is missing")
    metadata = msgspec.json.decode(header.pop(_METADATA), type=_Metadata)
    names = tuple(metadata.sounds.split())
    document = schema.read(metadata.preset)
    count = len(document.summary().corners)
    if len(names) not in (0, count):
        raise ValueError(f"it names {len(names)} sounds, not {count}")
    wanted = [] if names else [_tensor_names(place) for place in range(count)]
    return _Header(document, names, _tensors(header, wanted), 8 + length)


def _tensor_names(place):
    """What the parts of a sound's latents are called, the second one where there are two."""
    return f"corner{place}", f"corner{place}.rest"


def _tensors(entries, wanted):
    """The entries of each corner by name. Raises ValueError where there are fewer than wanted, or others."""
    for first, _ in wanted:
        if first not in entries:
            raise ValueError(f"{first} is missing")
    extra = sorted(set(entries).difference(*wanted))
    if extra:
        raise ValueError(f"it has an unknown tensor {extra[0][:40]!r}")
    return [
        {name: msgspec.json.decode(entries[name], type=_Tensor) for name in names if name in entries}
        for names in wanted
    ]


def _check_layout(tensors, size):
    """The tensors lie one after the other and fill the data exactly; those of a corner differ in their channels."""
    offset = unpacked = 0
    for parts in tensors:
        for name, tensor in parts.items():
            count = math.prod(tensor.shape) * DTYPES[tensor.dtype].itemsize
            if min(tensor.shape) < 1 or tensor.data_offsets != (offset, offset + count):
                raise ValueError(f"{name} has shape {tensor.shape} and bytes {tensor.data_offsets}, which do not agree")
            offset += count
        if not agree([tensor.shape for tensor in parts.values()]):
            raise ValueError(f"{' and '.join(parts)} have shapes that do not agree")
        unpacked += unpacked_bytes([tensor.shape for tensor in parts.values()])
    if offset != size:
        raise ValueError(f"it has {size} bytes of tensors instead of {offset}; is it truncated?")
    if unpacked > UNPACKED_BYTES:
        raise ValueError(f"its sounds would take {unpacked >> 20} MiB of memory; {UNPACKED_BYTES >> 20} may be")


def _array(data, start, tensor):
    begin, _ = tensor.data_offsets
    return np.frombuffer(data, DTYPES[tensor.dtype], math.prod(tensor.shape), start + begin).reshape(tensor.shape)
