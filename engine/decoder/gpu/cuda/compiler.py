"""The kernel's text -> machine code for one architecture, by NVRTC or nvcc; kept in the user's cache. Needs no GPU.

NVRTC comes as a wheel (the extra `gpu`) or with the CUDA toolkit. Machine code of a newer CUDA than the driver's may
not load, so the compiler is never newer than the driver.
"""

import ctypes
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from common.atomic import replacing
from common.errors import GpuError, SynthError
from engine.decoder.gpu.device import KERNEL

Version = tuple[int, int]

_OLDEST: Version = (12, 0)
_DIGEST_BYTES = 32
_STANDARD = "--std=c++17"


class Compiler(Protocol):
    """name : for people; version : of its CUDA"""

    name: str
    version: Version

    def compile(self, source: Path, architecture: str, options: Sequence[str]) -> tuple[bytes, str]:
        """(cubin, what the compiler says). source : with its headers beside it. Raises GpuError."""


class Nvrtc:
    """NVIDIA's compiler as a library. library : name or path. Raises OSError where it is not there."""

    def __init__(self, library: str | Path):
        for part in Path(library).parent.glob("libnvrtc-builtins.so.*"):  # which some wheels do not find by themselves
            ctypes.CDLL(str(part), ctypes.RTLD_GLOBAL)
        self._library = ctypes.CDLL(str(library))
        major, minor = ctypes.c_int(), ctypes.c_int()
        self._library.nvrtcVersion(ctypes.byref(major), ctypes.byref(minor))
        self.version = major.value, minor.value
        self.name = f"NVRTC {major.value}.{minor.value}"

    def compile(self, source, architecture, options):
        """See `Compiler`."""
        program = ctypes.c_void_p()
        headers = [path for path in _texts(source) if path != source]
        names, texts = _strings(path.name for path in headers), _strings(path.read_bytes() for path in headers)
        arguments = source.read_bytes(), source.name.encode(), len(headers), texts, names
        self._call("nvrtcCreateProgram", ctypes.byref(program), *arguments)
        try:
            options = [f"--gpu-architecture={architecture}", _STANDARD, *options]
            status = self._library.nvrtcCompileProgram(program, len(options), _strings(options))
            said = self._fetch("nvrtcGetProgramLog", program).rstrip(b"\0").decode(errors="replace")
            if status:
                raise GpuError(f"{self.name} does not compile {source.name} for {architecture}: {_first_error(said)}")
            return self._fetch("nvrtcGetCUBIN", program), said
        finally:
            self._library.nvrtcDestroyProgram(ctypes.byref(program))

    def _fetch(self, name, program):
        size = ctypes.c_size_t()
        self._call(f"{name}Size", program, ctypes.byref(size))
        content = ctypes.create_string_buffer(size.value)
        self._call(name, program, content)
        return content.raw

    def _call(self, name, *arguments):
        if status := getattr(self._library, name)(*arguments):
            raise GpuError(f"{self.name} refuses {name} ({status})")


class Nvcc:
    """The CUDA toolkit's compiler. program : its path. Raises GpuError where it does not say its version."""

    def __init__(self, program: str):
        self._program = program
        said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
        found = re.search(r"release (\d+)\.(\d+)", said)
        if found is None:
            raise GpuError(f"{program} does not say its version; install NVRTC in its place")
        self.version = int(found[1]), int(found[2])
        self.name = f"nvcc {found[1]}.{found[2]}"

    def compile(self, source, architecture, options):
        """See `Compiler`."""
        number = architecture.removeprefix("sm_")
        with tempfile.TemporaryDirectory() as folder:
            cubin = Path(folder) / "kernel.cubin"
            target = f"-gencode=arch=compute_{number},code={architecture}"
            command = [self._program, "-cubin", _STANDARD, target, *options, str(source), "-o", str(cubin)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                why = _first_error(done.stderr)
                raise GpuError(f"{self.name} does not compile {source.name} for {architecture}: {why}")
            return cubin.read_bytes(), done.stderr


def find_compiler(driver: Version) -> Compiler:
    """The newest that is here and not newer than the driver. Raises GpuError saying what to install."""
    found = list(compilers())
    fitting = [compiler for compiler in found if _OLDEST <= compiler.version <= driver]
    if fitting:
        return max(fitting, key=lambda compiler: compiler.version)  # NVRTC before an nvcc of the same version
    wheel = "nvidia-cuda-nvrtc" if driver >= (13, 0) else "nvidia-cuda-nvrtc-cu12"
    mend = f'pip install "{wheel}=={driver[0]}.{driver[1]}.*"'
    here = ", ".join(compiler.name for compiler in found)
    wanted = f"no compiler for the GPU of its driver's CUDA {driver[0]}.{driver[1]} or older"
    raise GpuError(f"{wanted}{here and f' (only {here})'}; {mend}")


def compilers() -> Iterator[Compiler]:
    """Every one that is here: NVRTC of wheels and of the system, then nvcc."""
    for library in _libraries():
        try:
            yield Nvrtc(library)
        except OSError:
            continue
    program = shutil.which("nvcc") or shutil.which("nvcc", path=str(_toolkit() / "bin"))
    if program is not None:
        yield Nvcc(program)


def _libraries():
    spec = importlib.util.find_spec("nvidia")
    wheels = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    for pattern in ("cu[0-9]*/lib/libnvrtc.so.*", "cuda_nvrtc/lib/libnvrtc.so.*"):
        for wheel in wheels:
            yield from sorted(wheel.glob(pattern))
    for major in (13, 12):
        yield f"libnvrtc.so.{major}"
        yield _toolkit() / "lib64" / f"libnvrtc.so.{major}"


def _toolkit():
    return Path(os.environ.get("CUDA_HOME") or os.environ.get("CUDA_PATH") or "/usr/local/cuda")


def machine_code(
    compiler: Compiler, architecture: str, options: Sequence[str], folder: Path | None = None,
    source: Path = KERNEL / "kernel.cu",
) -> bytes:  # fmt: skip
    """Cubin of the kernel, from the cache where it is there.

    options : -D..., of the shape; folder : of the cache (default: the user's); what is wrong there never hinders
    Raises GpuError.
    """
    import platformdirs  # here: who only compiles, as benchmarks/gpu.py does on a lent machine, may not have it

    folder = folder or platformdirs.user_cache_path("manifold") / "gpu"
    path = folder / f"{_key(compiler, architecture, options, source)}.cubin"
    kept = _read(path)
    if kept is not None:
        return kept
    cubin, _ = compiler.compile(source, architecture, options)
    _write(path, cubin)
    return cubin


def _key(compiler, architecture, options, source):
    """Of all that the machine code depends on."""
    digest = hashlib.sha256(repr((compiler.name, architecture, list(options))).encode())
    for path in _texts(source):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _read(path):
    """None where it is missing or damaged: it begins with the digest of the rest."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, cubin = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    return cubin if hashlib.sha256(cubin).digest() == digest else None


def _write(path, cubin):
    """A cache: where it cannot be written, the next start compiles again."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_bytes(hashlib.sha256(cubin).digest() + cubin)
    except (OSError, SynthError):
        pass


def _texts(source):
    """The kernel's source and what lies beside it to be included."""
    return sorted(path for path in source.parent.iterdir() if path.suffix in (".cu", ".h"))


def _strings(texts: Iterable[str | bytes]):
    """char *[]"""
    encoded = [text.encode() if isinstance(text, str) else text for text in texts]
    return (ctypes.c_char_p * len(encoded))(*encoded)


def _first_error(said):
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return next((line for line in lines if "error" in line.lower()), lines[0] if lines else "it does not say why")
