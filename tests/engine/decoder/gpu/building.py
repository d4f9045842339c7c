"""What g++ makes for these tests: the stand-in for libcuda, and kernels for it."""

import ctypes
import hashlib
import os
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
_KEPT = Path(tempfile.gettempdir()) / f"manifold-gpu-tests-{os.getuid()}"
_TOOLKIT = "/usr/local/cuda/include"  # where it is there, the stand-in's declarations are compared with the driver's


def shared_library(source: Path, *options: str) -> Path:
    """Compiled once and kept until source or options change."""
    key = hashlib.sha256(source.read_bytes() + repr(options).encode()).hexdigest()[:16]
    library = _KEPT / f"{source.stem}-{key}.so"
    if not library.exists():
        _KEPT.mkdir(mode=0o700, exist_ok=True)
        made = library.with_suffix(f".{os.getpid()}")
        command = ["g++", "-std=c++17", "-O1", "-Wall", "-shared", "-fPIC", "-fno-gnu-unique", f"-I{_TOOLKIT}"]
        subprocess.run([*command, *options, str(source), "-o", str(made), "-ldl"], check=True)
        made.rename(library)
    return library


def stand_in() -> Path:
    """The library that pretends to be libcuda with nine GPUs."""
    return shared_library(HERE / "libcuda.cpp")


def halving(blocks: int = 64, registers: int = 128, shared: int = 78_000, threads: int = 512) -> bytes:
    """What the stand-in takes for machine code: the path of a kernel."""
    sizes = {"BLOCKS": blocks, "REGISTERS": registers, "SHARED": shared, "THREADS": threads}
    library = shared_library(HERE / "halving.cpp", *(f"-D{name}={value}" for name, value in sizes.items()))
    return bytes(library) + b"\0"


class Halving(ctypes.Structure):
    """Arguments of that kernel."""

    _fields_ = [("source", ctypes.c_uint64), ("target", ctypes.c_uint64), ("count", ctypes.c_int)]
