"""Sounds in files of their own, which the presets of a folder share: `sounds/<name>` beside them, each one once.

    first line  JSON of the parts of the latents (latents.py): [{"dtype": "I8", "shape": [17, 2, 51, 48]}, ...]
    data        zlib: of one part after the other how it differs from frame to frame, in whole numbers that wrap;
                channel by channel, and all low bytes before all high bytes, as like beside like takes the least room

The name is the SHA-256 of the first line and the parts as they are, not of the packing: an unchanged sound keeps its
name whatever packed it, and a damaged one is known by it.
"""

import hashlib
import math
import re
import zlib
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from common.atomic import replacing
from common.errors import PresetError
from presets.latents import DTYPES, agree, restored, stored, unpacked_bytes

FOLDER = "sounds"
NAME = re.compile("[0-9a-f]{64}")
SOUND_BYTES = 16 * 2**20  # largest sound, packed or not: a fourth of the largest preset
UNPACKED_BYTES = 24 * 2**20  # and the most that it may take in memory
LINE_BYTES = 256


class _Part(msgspec.Struct, forbid_unknown_fields=True):
    dtype: Literal["I8", "F16", "F32"]
    shape: tuple[int, int, int, int]

    @property
    def bytes(self):
        return math.prod(self.shape) * DTYPES[self.dtype].itemsize


def read_sound(folder: Path, name: str) -> np.ndarray:
    """float32 (pitches, velocities, frames, latent) of the sound of that name. Raises PresetError, OSError."""
    check_there(folder, name)
    try:
        if (folder / name).stat().st_size > SOUND_BYTES:
            raise ValueError(f"it is larger than {SOUND_BYTES >> 20} MiB")
        return unpack((folder / name).read_bytes(), name)
    except (ValueError, zlib.error, msgspec.MsgspecError) as error:
        raise PresetError(f"its sound {name[:12]} in {folder} is damaged ({error})") from error


def check_there(folder: Path, name: str) -> None:
    """Raises PresetError where the folder has no sound of that name."""
    if not NAME.fullmatch(name):
        raise PresetError(f"{name[:64]!r} names no sound")
    if not (folder / name).is_file():
        raise PresetError(f"its sound {name[:12]} is missing from {folder} (a factory preset is copied by saving it)")


def write_sound(folder: Path, latents: np.ndarray) -> str:
    """Write the sound where it is not there yet, and tell its name; the folder is made. Raises SynthError."""
    name, data = pack(latents)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PresetError(f"folder {folder} cannot be made: {error.strerror}; make it or free it") from error
    if not (folder / name).exists():
        with replacing(folder / name) as temporary:
            temporary.write_bytes(data)
    return name


def pack(latents: np.ndarray) -> tuple[str, bytes]:
    """(name, bytes of the file). latents : float32 (pitches, velocities, frames, latent)"""
    parts = [(_Part(dtype, array.shape), array) for dtype, array in stored(latents)]
    if sum(part.bytes for part, _ in parts) > SOUND_BYTES:
        raise PresetError(f"a sound is larger than {SOUND_BYTES >> 20} MiB; use fewer or shorter notes")
    line = msgspec.json.encode([part for part, _ in parts]) + b"\n"
    packer = zlib.compressobj(level=9, strategy=zlib.Z_FILTERED)  # made for small numbers that are hardly alike
    packed = [packer.compress(_steps(array)) for _, array in parts]
    return _name(line, [array for _, array in parts]), b"".join([line, *packed, packer.flush()])


def unpack(data: bytes, name: str) -> np.ndarray:
    """The latents in a file of that name. Raises ValueError, zlib.error or msgspec.MsgspecError.

    Nothing is allocated on the word of the file: what it declares is bounded, and it is not unpacked beyond that.
    """
    line = data[:LINE_BYTES].partition(b"\n")[0] + b"\n"
    parts = msgspec.json.decode(line, type=list[_Part])
    _check(parts)
    plain, arrays = _inflated(data[len(line) :], sum(part.bytes for part in parts)), []
    for part in parts:
        arrays.append(_summed(plain[: part.bytes], part))
        plain = plain[part.bytes :]
    if _name(line, arrays) != name:
        raise ValueError("it is another than its name says")
    return restored(arrays)


def _check(parts):
    """Raises ValueError where there are no such sounds, or none so large."""
    shapes = [part.shape for part in parts]
    if not 1 <= len(parts) <= 2 or min(map(min, shapes)) < 1 or not agree(shapes):
        raise ValueError(f"it has parts of shapes {shapes[:2]}")
    if sum(part.bytes for part in parts) > SOUND_BYTES:
        raise ValueError(f"it says that it is larger than {SOUND_BYTES >> 20} MiB")
    if unpacked_bytes(shapes) > UNPACKED_BYTES:
        raise ValueError(f"it would take {unpacked_bytes(shapes) >> 20} MiB of memory")


def _name(line, arrays):
    content = hashlib.sha256(line)
    for array in arrays:
        content.update(array.tobytes())
    return content.hexdigest()


def _steps(array):
    """bytes of (low to high byte, channels, pitches, velocities, frames): from each frame to the next."""
    whole = np.moveaxis(array.view(_whole(array.dtype)), -1, 0)
    steps = np.diff(whole, prepend=np.zeros_like(whole[..., :1]))
    return np.moveaxis(steps[..., None].view(np.uint8), -1, 0).tobytes()


def _summed(steps, part):
    """The array of whose `_steps` these are the bytes."""
    dtype, (pitches, velocities, frames, channels) = DTYPES[part.dtype], part.shape
    shape = dtype.itemsize, channels, pitches, velocities, frames
    planes = np.moveaxis(np.frombuffer(steps, np.uint8).reshape(shape), 0, -1)
    steps = np.ascontiguousarray(planes).view(_whole(dtype))[..., 0]
    whole = np.cumsum(steps, axis=-1, dtype=steps.dtype)
    return np.ascontiguousarray(np.moveaxis(whole, 0, -1)).view(dtype)


def _whole(dtype):
    """Unsigned whole numbers of the same bytes."""
    return np.dtype(f"<u{dtype.itemsize}")


def _inflated(packed, size):
    """Exactly so many bytes; more are never made."""
    unpacker = zlib.decompressobj()
    plain = unpacker.decompress(packed, size + 1)
    if len(plain) != size or not unpacker.eof or unpacker.unused_data:
        raise ValueError(f"it does not unpack to {size} bytes")
    return plain
