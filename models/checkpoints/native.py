"""The project's own format: safetensors, with kind of model, config, version and origin as JSON in the header.

All of that is one entry of the header, `manifold`, so that equal weights make equal files.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from common.atomic import replacing
from common.errors import ModelError
from common.regular import open_regular
from models.checkpoints.checkpoint import Checkpoint
from models.checkpoints.kinds import KINDS, WAVENET, find_kind, kind_of
from models.checkpoints.layout import Weights, check_finite
from models.checkpoints.source import Source

VERSION = 1
_DTYPES = {"F32": np.float32, "I16": np.int16}
MAX_HEADER = 1 << 20  # bytes; a header of every allowed model is far smaller
ENTRY = "manifold"


def matches(path: Path) -> bool:
    """Every plain file is taken for this format; `read_native` says what is wrong with it."""
    return path.is_file()


def read_native(path: Path, source: Source) -> Checkpoint:
    """What one file holds. Raises ModelError, one line, where the file is not sound.

    Shapes, types and names are compared with what the config demands before any tensor is allocated.
    """
    _check_header_length(path)
    try:
        with safe_open(path, framework="numpy") as file:
            entry = _read_entry(path, file.metadata() or {})
            config, shapes, extras, types = _read_config(path, entry)
            extras = {name: shape for name, shape in extras.items() if name in file.keys()}  # noqa: SIM118
            _check_names(path, shapes | extras, file.keys())
            for name, shape in (shapes | extras).items():
                _check_tensor(path, name, shape, types.get(name, "F32"), file.get_slice(name))
            weights, more = ({name: _read_tensor(path, name, file) for name in part} for part in (shapes, extras))
            return Checkpoint(config, weights, more, str(entry.get("origin", "")))
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path}: not a sound safetensors file ({error}); get the file again") from error


def write_native(path: Path, config: Any, weights: Weights, origin: str, extras: Weights) -> None:
    """Write weights atomically. `origin` says in plain words where they come from.

    Raises ModelError where the tensors do not fit the config, SynthError where the file cannot be written.
    """
    name = kind_of(config)
    kind = KINDS[name]
    shapes, possible = kind.shapes(config), kind.extras(config)
    _check_names(path, shapes, weights)
    shapes |= {extra: possible[extra] for extra in extras}
    tensors = {tensor: np.ascontiguousarray((weights | extras)[tensor]) for tensor in shapes}
    for tensor, values in tensors.items():
        dtype = np.dtype(_DTYPES[kind.types.get(tensor, "F32")])
        if values.shape != shapes[tensor] or values.dtype != dtype:
            raise ModelError(f"{path}: tensor {tensor} is {values.dtype} {values.shape}, not {dtype} {shapes[tensor]}")
        check_finite(path, tensor, values)
    entry = {"format": VERSION, "model": name, "config": config.to_dict(), "origin": origin}
    with replacing(path) as temporary:
        try:
            save_file(tensors, temporary, {ENTRY: json.dumps(entry, sort_keys=True)})
        except SafetensorError as error:  # a full disk, for example
            raise OSError(str(error)) from error


def _check_header_length(path):
    """The first 8 bytes give the length of the JSON header; refuse a gigantic one before it is parsed."""
    try:
        with open_regular(path) as file:
            length = int.from_bytes(file.read(8), "little")
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror})") from error
    if length > MAX_HEADER:
        raise ModelError(f"{path}: not a safetensors file of this synthesizer; its header would take {length} bytes")


def _read_entry(path, metadata):
    if ENTRY not in metadata:
        raise ModelError(f"{path}: its header has no model config; was it written by `app.py import`?")
    try:
        entry = json.loads(metadata[ENTRY])
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: the model config in its header is not JSON ({error})") from error
    if not isinstance(entry, dict) or entry.get("format") != VERSION:
        version = entry.get("format") if isinstance(entry, dict) else None
        raise ModelError(f"{path}: format {version!r} is unknown, this version reads {VERSION}; update the synthesizer")
    return entry


def _read_config(path, entry):
    """(config, name -> shape of the tensors that it demands, the same of those that may be there, their types)."""
    values = entry.get("config")
    if not isinstance(values, dict):
        raise ModelError(f"{path}: the model config in its header is missing")
    try:
        kind = find_kind(entry.get("model", WAVENET))
        config = kind.config.from_dict(values)
        return config, kind.shapes(config), kind.extras(config), kind.types
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error


def _check_names(path, shapes, names):
    missing = sorted(set(shapes) - set(names))
    extra = sorted(set(names) - set(shapes))
    if missing or extra:
        what = f"tensor {missing[0]} is missing" if missing else f"tensor {extra[0][:80]} does not belong to it"
        raise ModelError(f"{path}: its tensors do not fit its config: {what}")


def _check_tensor(path, name, shape, dtype, tensor):
    found = tuple(tensor.get_shape())
    if tensor.get_dtype() != dtype or found != shape:
        raise ModelError(f"{path}: tensor {name} is {tensor.get_dtype()} {found}; its config demands {dtype} {shape}")


def _read_tensor(path, name, file):
    values = file.get_tensor(name)
    check_finite(path, name, values)
    return values
