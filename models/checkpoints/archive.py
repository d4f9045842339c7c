"""A checkpoint inside a tar archive, as Magenta's `wavenet-ckpt.tar` is downloaded, read where it lies."""

import errno
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

from common.errors import ModelError
from models.checkpoints.bundle import Place

SUFFIXES = (".tar", ".tgz", ".gz")
MEMBERS = 1000  # of an archive that are looked at
INDEX = ".index"


def is_archive(path: Path) -> bool:
    """Whether a file is one by its name."""
    return path.suffix in SUFFIXES and path.is_file()


def open_archive(path: Path) -> tuple[Path, Callable[[Path], Place]]:
    """(prefix of the checkpoint in it, where its files lie), as `Bundle` wants them.

    Paths of what is inside go on behind that of the archive. Raises ModelError where there is none, or it is packed.
    """
    members = _members(path)
    prefixes = [name.removesuffix(INDEX) for name in members if name.endswith(INDEX)]
    if not prefixes:
        raise ModelError(f"{path}: an archive; there is no checkpoint in it")

    def place(inside: Path) -> Place:
        name = str(inside.relative_to(path))
        if name not in members:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(inside))
        return members[name]

    return path / prefixes[-1], place


def _members(path):
    """{name: Place} of the plain files."""
    try:
        with tarfile.open(path, "r:") as archive:
            found = [member for _, member in zip(range(MEMBERS), archive, strict=False) if member.isreg()]
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        raise ModelError(f"{path}: {_packed(path)}") from error
    size = path.stat().st_size
    return {
        os.path.normpath(member.name): Place(path, member.offset_data, member.size)
        for member in found
        if member.offset_data + member.size <= size and not member.issparse()
    }


def _packed(path):
    """What to do with an archive that cannot be read where it lies."""
    try:
        with tarfile.open(path) as archive:
            names = [member.name for _, member in zip(range(MEMBERS), archive, strict=False)]
    except (tarfile.TarError, OSError, EOFError, ValueError):
        return "an archive; it is damaged or of another kind, get it again"
    prefixes = [name.removesuffix(INDEX) for name in names if name.endswith(INDEX)]
    return f"a packed archive; unpack it and give {prefixes[-1]}" if prefixes else "there is no checkpoint in it"
