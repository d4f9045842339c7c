"""What the processor offers, and the tiles of the matrix products that follow from it.

Kernels are written for vectors of 16 numbers; LLVM cuts them to what the processor has (one register of AVX-512, two
of AVX2, four of NEON or SSE). Only the size of a tile, and instructions that LLVM cannot find by itself, are chosen
here. `NUMBA_CPU_NAME` and `NUMBA_CPU_FEATURES` force another processor, MANIFOLD_KERNELS=plain the readable loops.
"""

import os

from numba.core.registry import cpu_target

LANES = 16  # numbers of a vector

FEATURES = frozenset(
    feature[1:] for feature in cpu_target.target_context.codegen().magic_tuple()[2].split(",") if feature[:1] == "+"
)
PLAIN = os.environ.get("MANIFOLD_KERNELS") == "plain"

# A tile's sums stay in registers: 4 x 4 of the 32 of AVX-512, 4 x 1 double ones of the 16 of AVX2.
COLUMNS = (4 if "avx512f" in FEATURES else 1) * LANES  # outputs of a tile
ROWS = 4  # voices, or moments, of a tile: a weight that was read serves all
