"""Paths that name no weights but nearly: each is told what is there, and the path that was meant."""

import difflib
import re
import tarfile
from pathlib import Path

from common.errors import ModelError

ARCHIVES = (".tar", ".tgz", ".gz")
MEMBERS = 1000  # of an archive that are looked at
SHOWN = 3  # files of a folder that are named
_PART = re.compile(r"(?P<prefix>.+)\.(index|meta|data-\d{5}-of-\d{5})")
_INDEX = ".index"


def check(path: Path) -> None:
    """Raises ModelError where the path is one file of a checkpoint, a folder, or an archive."""
    part = _PART.fullmatch(path.name)
    if part:
        raise ModelError(f"{path}: a checkpoint is named by its prefix; {_prefix(path.with_name(part['prefix']))}")
    if path.is_dir():
        raise ModelError(f"{path}: a folder; {_in_folder(path)}")
    if path.suffix in ARCHIVES and path.is_file():
        raise ModelError(f"{path}: an archive; {_in_archive(path)}")


def missing(path: Path) -> str:
    """Why there is nothing to read at a path."""
    if list(path.parent.glob(f"{_literal(path.name)}.data-*")):
        return f"{path}: {_prefix(path)}"
    if not path.parent.is_dir():
        return f"{path}: no such file; there is no folder {path.parent} either"
    near = difflib.get_close_matches(path.name, [there.name for there in _weights(path.parent)], 1, 0.4)
    hint = f"did you mean {path.parent / near[0]}?" if near else f"in {path.parent} there are {_files(path.parent)}"
    return f"{path}: no such file; weights are a .safetensors file or the prefix of a TensorFlow checkpoint; {hint}"


def _prefix(prefix):
    index = Path(f"{prefix}{_INDEX}")
    return f"give {prefix}" if index.is_file() else f"{index.name} is missing beside it, get that file too"


def _in_folder(folder):
    found = _weights(folder) or [inner for each in sorted(folder.glob("*/")) for inner in _weights(each)]
    return f"give {found[-1]}" if found else f"there is no checkpoint in it ({_files(folder)})"


def _in_archive(path):
    try:
        with tarfile.open(path) as archive:
            names = [member.name for _, member in zip(range(MEMBERS), archive, strict=False)]
    except (tarfile.TarError, OSError, EOFError, ValueError):
        return "it is damaged or of another kind, get it again"
    prefixes = [name.removesuffix(_INDEX) for name in names if name.endswith(_INDEX)]
    return f"unpack it and give {prefixes[-1]}" if prefixes else "there is no checkpoint in it"


def _weights(folder):
    """What may be given of a folder."""
    prefixes = [index.with_name(index.name.removesuffix(_INDEX)) for index in folder.glob(f"*{_INDEX}")]
    return sorted(prefixes) + sorted(folder.glob("*.safetensors"))


def _files(folder):
    names = sorted(path.name for path in folder.iterdir())
    return f"{', '.join(names[:SHOWN])}{' ...' if len(names) > SHOWN else ''}" if names else "no files"


def _literal(name):
    """A name in which no character stands for others."""
    return re.sub(r"([*?\[])", r"[\1]", name)
