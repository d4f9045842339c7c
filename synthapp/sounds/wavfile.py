"""Float32 WAV files, written block by block, so that a long one needs no memory.

libsndfile would add the time of day: equal takes are to be equal files. The bytes are those that scipy writes.
"""

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from common.errors import SynthError

_IEEE_FLOAT = 3
_HEADER = struct.Struct("<4sI4s4sIHHIIHHH4sII4sI")
LARGEST = 2**32 - 1 - (_HEADER.size - 8)  # bytes of samples; the sizes have 32 bits


@contextmanager
def writing(path: Path, rate: int, channels: int = 1) -> Iterator[Callable[[np.ndarray], None]]:
    """Give a function that takes float32 (frames,) or (frames, channels) after each other, untouched.

    path : a temporary one of `atomic`
    Raises SynthError where there is more than a WAV file can hold.
    """
    with open(path, "wb") as file:
        file.write(_header(rate, channels, 0))
        size = 0

        def write(block):
            nonlocal size
            size += block.nbytes
            check_size(path, size)
            file.write(np.ascontiguousarray(block, "<f4").data)

        yield write
        file.seek(0)
        file.write(_header(rate, channels, size))


def write_audio(path: Path, audio: np.ndarray, rate: int) -> None:
    """audio : float32 (samples,) or (frames, channels); path : a temporary one of `atomic`."""
    with writing(path, rate, audio.shape[1] if audio.ndim > 1 else 1) as write:
        write(audio)


def check_size(path: Path, size: float) -> None:
    """Raises SynthError where so many bytes of samples are more than a WAV file can hold."""
    if size > LARGEST:
        raise SynthError(f"{path}: {size / 2**30:.1f} GiB are more than a WAV file can hold; choose a lower --rate")


def _header(rate, channels, size):
    frame = 4 * channels
    shape = (_IEEE_FLOAT, channels, rate, rate * frame, frame, 32, 0)
    riff = b"RIFF", _HEADER.size - 8 + size, b"WAVE"
    return _HEADER.pack(*riff, b"fmt ", 18, *shape, b"fact", 4, size // frame, b"data", size)
