"""Write files so that a reader ever sees the old one or the new one, whole."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common.errors import SynthError


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; when the block ends well, it takes the place of `path`.

    The content reaches the disk before the name does. When the block fails, nothing is left behind.
    Raises SynthError where the folder is missing, unwritable or full.
    """
    path = Path(path)
    temporary = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        _sync(temporary)
        temporary.chmod(0o666 & ~_umask())  # mkstemp gives 0600
        os.replace(temporary, path)
        _sync(path.parent)
    except OSError as error:
        raise SynthError(f"{path}: cannot be written ({error.strerror or error}); choose another place") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _sync(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask():
    """The process's mask; reading it means setting it for a moment."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
