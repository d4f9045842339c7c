"""What is meant by a path that names weights nearly: one file of a checkpoint, its folder, a slip of the keys."""

import difflib
import re
from pathlib import Path

from common.errors import ModelError

SHOWN = 3  # files of a folder that are named
_PART = re.compile(r"(?P<prefix>.+)\.(index|meta|data-\d{5}-of-\d{5})")
_INDEX = ".index"


def meant(path: Path) -> Path:
    """The prefix of the checkpoint that a part of it, or its folder, stands for; of several in a folder the last.

    Any other path is what it is. Raises ModelError where a checkpoint is not whole, or a folder has none.
    """
    part = _PART.fullmatch(path.name)
    if part:
        return _prefix(path, path.with_name(part["prefix"]))
    if path.is_dir():
        return _in_folder(path)
    return path


def missing(path: Path) -> str:
    """Why there is nothing to read at a path."""
    if list(path.parent.glob(f"{_literal(path.name)}.data-*")):
        return f"{path}: {path.name}{_INDEX} is missing beside it, get that file too"
    if not path.parent.is_dir():
        return f"{path}: no such file; there is no folder {path.parent} either"
    near = difflib.get_close_matches(path.name, [there.name for there in _weights(path.parent)], 1, 0.4)
    hint = f"did you mean {path.parent / near[0]}?" if near else f"in {path.parent} there are {_files(path.parent)}"
    return f"{path}: no such file; weights are a .safetensors file or the prefix of a TensorFlow checkpoint; {hint}"


def _prefix(path, prefix):
    index = Path(f"{prefix}{_INDEX}")
    if not index.is_file():
        raise ModelError(f"{path}: {index.name} is missing beside it, get that file too")
    return prefix


def _in_folder(folder):
    found = _weights(folder) or [inner for each in sorted(folder.glob("*/")) for inner in _weights(each)]
    if not found:
        raise ModelError(f"{folder}: a folder; there is no checkpoint in it ({_files(folder)})")
    return found[-1]


def _weights(folder):
    """What may be given of a folder, checkpoints by their steps."""
    prefixes = [index.with_name(index.name.removesuffix(_INDEX)) for index in folder.glob(f"*{_INDEX}")]
    return sorted(folder.glob("*.safetensors")) + sorted(prefixes, key=_steps)


def _steps(prefix):
    """Of training, as the number at the end of the name says."""
    number = re.search(r"\d+$", prefix.name)
    return int(number[0]) if number else -1, prefix.name


def _files(folder):
    names = sorted(path.name for path in folder.iterdir())
    return f"{', '.join(names[:SHOWN])}{' ...' if len(names) > SHOWN else ''}" if names else "no files"


def _literal(name):
    """A name in which no character stands for others."""
    return re.sub(r"([*?\[])", r"[\1]", name)
