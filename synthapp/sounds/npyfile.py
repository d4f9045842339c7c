"""Embeddings in NPY files. The header is read by hand: numpy's reader evaluates it, and may raise anything.

Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

import math
import os
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from common.errors import ModelError
from common.regular import open_regular

SUFFIX = ".npy"
GREATEST = 1e6  # value of an embedding, in any unit; far beyond all that an encoder makes
_HEADER_BYTES = 4096
_LENGTH_BYTES = {1: 2, 2: 4, 3: 4}  # by version
_HEADER = re.compile(
    rb"\{'descr': ?'([<|=>]?[a-zA-Z][0-9]{0,3})', ?'fortran_order': ?(False|True), ?"
    rb"'shape': ?\(((?:[0-9]{1,18}, ?)*(?:[0-9]{1,18})?)\),? ?\}\s*"
)


def read_embedding(path: str | Path, latent: int) -> np.ndarray:
    """float32 (frames, latent) of an NPY file. Raises ModelError, one line, where it is anything else."""
    try:
        with open_regular(path) as file:
            stored = _mapped(path, file, latent)
    except FileNotFoundError as error:
        raise ModelError(f"{path}: no such file") from error
    except (ValueError, TypeError, OSError) as error:
        raise ModelError(f"{path}: not an NPY file; write one with `encode`") from error
    if not np.isfinite(stored).all():
        raise ModelError(f"{path}: holds values that are not finite; encode the audio again")
    greatest = max(abs(float(stored.max())), abs(float(stored.min())))
    if greatest > GREATEST:
        raise ModelError(f"{path}: holds values up to {greatest:.3g}; {GREATEST:.0f} may be; encode the audio again")
    return np.array(stored, np.float32)


def write_embedding(path: Path, embedding: np.ndarray) -> None:
    """NPY file. path : a temporary one, see `atomic`."""
    write_pieces(path, [embedding], embedding.shape)


def write_pieces(path: Path, pieces: Iterable[np.ndarray], shape: tuple[int, ...]) -> None:
    """The same of an embedding that comes in pieces, of which none is kept.

    pieces : float32 (frames, latent) after each other; shape : of them all
    """
    with open(path, "wb") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        for piece in pieces:
            file.write(np.asarray(piece, "<f4").tobytes())


def _mapped(path, file, latent):
    """(frames, latent) on the disk: nothing is allocated on its word. Raises ValueError, TypeError; ModelError."""
    version = file.read(8)
    if version[:6] != b"\x93NUMPY" or version[6] not in _LENGTH_BYTES:
        raise ValueError("another format")
    length = int.from_bytes(file.read(_LENGTH_BYTES[version[6]]), "little")
    header = _HEADER.fullmatch(file.read(min(length, _HEADER_BYTES)))
    if header is None:
        raise ValueError("another header")
    dtype, shape = np.dtype(header[1].decode()), tuple(int(size) for size in header[3].split(b",") if size.strip())
    if len(shape) == 3 and shape[0] == 1:  # as Magenta's nsynth_save_embeddings writes one
        shape = shape[1:]
    if dtype.hasobject or math.prod(shape) * dtype.itemsize > os.fstat(file.fileno()).st_size - file.tell():
        raise ValueError("the values are not in it")
    if len(shape) != 2 or shape[1] != latent or not shape[0]:
        raise ModelError(f"{path}: holds {shape}; this model needs an embedding of (frames, {latent})")
    if dtype.kind != "f":
        raise ModelError(f"{path}: holds {dtype} numbers; an embedding is float32")
    return np.memmap(file, dtype, "r", file.tell(), shape, "F" if header[2] == b"True" else "C")
