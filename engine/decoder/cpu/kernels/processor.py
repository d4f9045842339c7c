"""What the processor offers, and the shapes of the matrix products that follow from it.

Kernels are written for vectors of 16 numbers; LLVM cuts them to what the processor has (one register of AVX-512, two
of AVX2, four of NEON or SSE). Only the size of a tile, and instructions that LLVM cannot find by itself, are chosen
here. MANIFOLD_PROCESSOR=avx2 or generic forces a lesser processor; plain, with NUMBA_DISABLE_JIT=1, runs the readable
loops, which numba does not compile without its runtime.
"""

import os

from numba import config
from numba.core.registry import cpu_target

from common.errors import SynthError

LANES = 16  # numbers of a vector

_LESSER = {
    "avx2": ("haswell", "+avx,+avx2,+bmi,+bmi2,+f16c,+fma,+lzcnt,+popcnt,+sse4.2"),
    "generic": ("generic", ""),
}
_FORCED = os.environ.get("MANIFOLD_PROCESSOR", "")
if _FORCED not in ("", "plain", *_LESSER):
    raise SynthError(f"MANIFOLD_PROCESSOR is {_FORCED!r}; known are {', '.join(_LESSER)} and plain")
if _FORCED == "plain" and not vars(config)["DISABLE_JIT"]:
    raise SynthError("MANIFOLD_PROCESSOR=plain runs loops that are not compiled; set NUMBA_DISABLE_JIT=1, too")
if _FORCED in _LESSER:
    vars(config).update(zip(("CPU_NAME", "CPU_FEATURES"), _LESSER[_FORCED], strict=True))

FEATURES = frozenset(
    feature[1:] for feature in cpu_target.target_context.codegen().magic_tuple()[2].split(",") if feature[:1] == "+"
)
PLAIN = _FORCED == "plain"
AVX512 = "avx512f" in FEATURES
VNNI = "avx512vnni" in FEATURES  # multiplies and adds four bytes at once; elsewhere, pairs of 16-bit numbers

# A tile of sums, rows by vectors, stays in registers: 16 of the 32 of AVX-512; 4 double ones of the 16 of AVX2.
# A weight that was read serves all rows. Tiles with gates need vectors in pairs. The plain loops take any width.
TILES = {4: (4, 2, 1), 2: (8, 4, 1), 1: (4, 1)} if AVX512 else {2: (2, 1), 1: (4, 1)}
TILE_WIDTHS = (4, 2, 1) if AVX512 and not PLAIN else (1,)
GATE_TILE_WIDTHS = (1,) if PLAIN else (4, 2) if AVX512 else (2,)
