"""What g++ makes for these tests: the stand-in for libcuda, and kernels for it."""

import ctypes
import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.paths import ROOT

TEXTS = Path(__file__).parent / "cpp"
_KEPT = ROOT / ".pytest_cache" / "gpu"
# Where the toolkit is there, the stand-in's declarations are compared with the driver's.
_PLAIN = ("-O1", "-Wall", "-I/usr/local/cuda/include")


def shared_library(source: Path, *options: str, include: Sequence[Path] = ()) -> Path:
    """Compiled once and kept until its text, a text in the folders `include`, or options change.

    Where g++ is missing, the test that asks is skipped.
    """
    if shutil.which("g++") is None:
        pytest.skip("g++ is missing (apt install g++): it compiles what stands for a GPU")
    beside = [path for folder in include for path in sorted(folder.iterdir()) if path.suffix in (".h", ".cu")]
    texts = b"".join(path.read_bytes() for path in (source, *beside))
    library = _KEPT / f"{source.stem}-{hashlib.sha256(texts + repr(options).encode()).hexdigest()[:16]}.so"
    if not library.exists():
        _KEPT.mkdir(parents=True, exist_ok=True)
        made = library.with_suffix(f".{os.getpid()}")
        command = ["g++", "-std=c++17", "-shared", "-fPIC", "-fno-gnu-unique", *options]
        command += [f"-I{folder}" for folder in include]
        subprocess.run([*command, str(source), "-o", str(made), "-ldl"], check=True)
        made.rename(library)
    return library


def stand_in() -> Path:
    """The library that pretends to be libcuda with nine GPUs."""
    return shared_library(TEXTS / "libcuda.cpp", *_PLAIN)


def halving(blocks: int = 64, registers: int = 128, shared: int = 78_000, threads: int = 512) -> bytes:
    """What the stand-in takes for machine code: the path of a kernel."""
    sizes = {"BLOCKS": blocks, "REGISTERS": registers, "SHARED": shared, "THREADS": threads}
    library = shared_library(TEXTS / "halving.cpp", *_PLAIN, *(f"-D{name}={value}" for name, value in sizes.items()))
    return bytes(library) + b"\0"


class Halving(ctypes.Structure):
    """Arguments of that kernel."""

    _fields_ = [("source", ctypes.c_uint64), ("target", ctypes.c_uint64), ("count", ctypes.c_int)]
