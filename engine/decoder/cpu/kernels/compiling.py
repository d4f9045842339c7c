"""How the kernels are compiled: no Python, no allocation, no reordered sums; and when a cached result is stale.

Numba keeps compiled entry points on disk, one for each processor, but notices only changes of the file that the entry
point stands in. Here the name of the cache holds a hash of all kernel sources and of what they take from elsewhere.
Other constants of other rooms come in as data (layout.Network), so they cannot go stale.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

from numba import extending, njit

from engine.decoder.cpu.kernels.processor import PLAIN
from models.excitation import CENTS

_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "_nrt": False,  # without numba's runtime nothing can be allocated, and no array is reference-counted
    "fastmath": {"contract"},  # a product and a sum become one fused instruction; the order of sums stays
    "error_model": "numpy",
}

Parameters = ParamSpec("Parameters")

compiled = njit(**_OPTIONS)

# Numba's inlining, before LLVM: part of its only caller. Functions of their own are optimised again with each caller.
inline_always = njit(inline="always", **_OPTIONS)

# LLVM's inlining: for the few words around a kernel.
force_inline = njit(forceinline=True, **_OPTIONS)


def entry_point(function):
    """Compiled and cached on disk, until any of the kernels' sources changes."""
    function.__qualname__ += f"-{SOURCES}"
    return njit(cache=True, **_OPTIONS)(function)


def intrinsic(function: Callable[Concatenate[Any, Parameters], Any]) -> Callable[Parameters, Any]:
    """numba's, typed as kernels call it: without the typing context, the first parameter."""
    made: Callable[..., Any] = extending.intrinsic(function)
    return made


def _digest():
    """8 hex digits for all files of this folder, the constants of others, and the choice of the plain loops."""
    digest = hashlib.sha256(f"{CENTS} {PLAIN}".encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


SOURCES = _digest()
