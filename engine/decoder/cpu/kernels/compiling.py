"""How the kernels are compiled: no Python, no allocation, no reordered sums; and when a cached result is stale.

Numba keeps compiled entry points on disk, one for each processor, but notices only changes of the file that the entry
point stands in. Here the name of the cache holds a hash of all kernel sources and of what they take from elsewhere.
Other constants of other rooms come in as data (layout.Network), so they cannot go stale.
"""

import hashlib
from pathlib import Path
from typing import Any

from numba import njit

from engine.decoder.cpu.kernels.processor import PLAIN
from models.excitation import CENTS

_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "_nrt": False,  # without numba's runtime nothing can be allocated, and no array is reference-counted
    "fastmath": {"contract"},  # a product and a sum become one fused instruction; the order of sums stays
    "error_model": "numpy",
}

compiled = njit(**_OPTIONS)

# Part of its only caller: every function of its own is optimised once more with each of its callers.
woven = njit(inline="always", **_OPTIONS)

# For the few words around a kernel.
inlined = njit(forceinline=True, **_OPTIONS)


def entry_point(function):
    """Compiled and cached on disk, until any of the kernels' sources changes."""
    function.__qualname__ += f"-{SOURCES}"
    return njit(cache=True, **_OPTIONS)(function)


def _digest():
    """8 hex digits for all files of this folder, the constants of others, and the choice of the plain loops."""
    digest = hashlib.sha256(f"{CENTS} {PLAIN}".encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


SOURCES = _digest()
