"""The project's own format: safetensors, with the config, a version and the origin as JSON in the header.

All of that is one entry of the header, `manifold`, so that equal weights make equal files.
"""

import json
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from common.atomic import replacing
from common.errors import ModelError
from models.checkpoints.layout import Weights, check_finite, weight_shapes
from models.config import WaveNetConfig

VERSION = 1
MAX_HEADER = 1 << 20  # bytes; a header of every allowed model is far smaller
ENTRY = "manifold"


def matches(path: Path) -> bool:
    """Every plain file is taken for this format; `read_native` says what is wrong with it."""
    return path.is_file()


def read_native(path: Path) -> tuple[WaveNetConfig, Weights]:
    """Config and weights of one file. Raises ModelError, one line, where the file is not sound.

    Shapes, types and names are compared with what the config demands before any tensor is allocated.
    """
    _check_header_length(path)
    try:
        with safe_open(path, framework="numpy") as file:
            config, shapes = _read_config(path, file.metadata() or {})
            _check_names(path, shapes, file.keys())
            for name, shape in shapes.items():
                _check_tensor(path, name, shape, file.get_slice(name))
            return config, {name: _read_tensor(path, name, file) for name in shapes}
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path}: not a sound safetensors file ({error}); get the file again") from error


def write_native(path: Path, config: WaveNetConfig, weights: Weights, origin: str = "") -> None:
    """Write weights atomically. `origin` says in plain words where they come from.

    Raises ModelError where the weights do not fit the config, SynthError where the file cannot be written.
    """
    shapes = weight_shapes(config)
    _check_names(path, shapes, weights)
    for name, shape in shapes.items():
        if weights[name].shape != shape or weights[name].dtype != np.float32:
            raise ModelError(
                f"{path}: tensor {name} is {weights[name].dtype} {weights[name].shape}, not float32 {shape}"
            )
        check_finite(path, name, weights[name])
    entry = {"format": VERSION, "config": config.to_dict(), "origin": origin}
    tensors = {name: np.ascontiguousarray(weights[name]) for name in shapes}
    with replacing(path) as temporary:
        try:
            save_file(tensors, temporary, {ENTRY: json.dumps(entry, sort_keys=True)})
        except SafetensorError as error:  # a full disk, for example
            raise OSError(str(error)) from error


def read_origin(path: Path) -> str:
    """Where the weights of a native file come from, in plain words."""
    _check_header_length(path)
    try:
        with safe_open(path, framework="numpy") as file:
            return str(_read_entry(path, file.metadata() or {}).get("origin", ""))
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path}: not a sound safetensors file ({error}); get the file again") from error


def _check_header_length(path):
    """The first 8 bytes give the length of the JSON header; refuse a gigantic one before it is parsed."""
    try:
        with open(path, "rb") as file:
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


def _read_config(path, metadata):
    """(config, name -> shape of the tensors that it demands)."""
    values = _read_entry(path, metadata).get("config")
    if not isinstance(values, dict):
        raise ModelError(f"{path}: the model config in its header is missing")
    try:
        config = WaveNetConfig.from_dict(values)
        return config, weight_shapes(config)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error


def _check_names(path, shapes, names):
    missing = sorted(set(shapes) - set(names))
    extra = sorted(set(names) - set(shapes))
    if missing or extra:
        what = f"tensor {missing[0]} is missing" if missing else f"tensor {extra[0][:80]} does not belong to it"
        raise ModelError(f"{path}: its tensors do not fit its config: {what}")


def _check_tensor(path, name, shape, tensor):
    found = tuple(tensor.get_shape())
    if tensor.get_dtype() != "F32" or found != shape:
        raise ModelError(f"{path}: tensor {name} is {tensor.get_dtype()} {found}; its config demands F32 {shape}")


def _read_tensor(path, name, file):
    values = file.get_tensor(name)
    check_finite(path, name, values)
    return values
