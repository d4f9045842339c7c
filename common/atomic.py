"""Write files so that a reader ever sees the old one or the new one, whole."""

import errno
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from common.errors import SynthError

_PART = ".part"  # ends the stem of a file that is being written
_PARTS = re.compile(rf"\..*-[a-z0-9_]{{8}}\{_PART}(\.[^.]*)?")  # as mkstemp names them
_STALE_S = 600.0  # no save takes so long: whoever wrote it was killed
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)  # what file systems without hard links say


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; when the block ends well, it takes the place of `path`.

    The content reaches the disk before the name does. When the block fails, nothing is left behind.
    Raises SynthError where the folder is missing, unwritable or full.
    """
    with _placing(Path(path), os.replace) as temporary:
        yield temporary


@contextmanager
def creating(path: str | Path) -> Iterator[Path]:
    """The same for a name that no file has: of several who create one name at once, one succeeds.

    Raises FileExistsError where a file has the name when the block ends.
    """
    with _placing(Path(path), _give_new_name) as temporary:
        yield temporary


def remove_stale(folder: Path) -> None:
    """Delete what saves left half-written in a folder because they were killed. A folder that is not there is empty."""
    for path in folder.glob(".*"):
        if _PARTS.fullmatch(path.name) and time.time() - path.stat().st_mtime > _STALE_S:
            path.unlink(missing_ok=True)


@contextmanager
def _placing(path, place: Callable):
    temporary = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=f"{_PART}{path.suffix}", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        _sync(temporary)
        temporary.chmod(0o666 & ~_umask())  # mkstemp gives 0600
        place(temporary, path)
        _sync(path.parent)
    except FileExistsError:
        raise
    except OSError as error:
        raise SynthError(f"{path}: cannot be written ({error.strerror or error}); choose another place") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _give_new_name(temporary, path):
    """A link refuses a name that is taken, in one step. Without links an empty file takes the name first."""
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
        os.replace(temporary, path)


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
