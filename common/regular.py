"""Open only what is a file: a pipe would keep the reader waiting for ever, a device has no end."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


def open_regular(path: str | Path) -> BinaryIO:
    """The file, to be read. Raises OSError, also where it is a folder, a pipe or a device."""
    return open(path, "rb", opener=_opened)


def _opened(path, flags):
    descriptor = os.open(path, flags | os.O_NONBLOCK)  # a pipe that nobody writes to opens at once, and is refused
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, "it is not a file", str(path))
