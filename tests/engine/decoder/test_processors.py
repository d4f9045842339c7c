"""The same tests for processors that this machine is not, forced in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
AVX2 = "+avx,+avx2,+bmi,+bmi2,+f16c,+fma,+lzcnt,+popcnt,+sse4.2"
PROCESSORS = {
    "AVX2": {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": AVX2},
    "generic": {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""},
    "plain loops": {"MANIFOLD_KERNELS": "plain"},
}


@pytest.mark.parametrize("processor", PROCESSORS)
def test_parity_and_blocks_hold_on_other_processors(processor):
    tests = [str(Path(__file__).parent / name) for name in ("test_parity.py", "test_blocks.py", "test_magenta.py")]
    chosen = "scores_equal_the_oracles or greedy or (paper and (block_size or not_hear))"
    command = [sys.executable, "-m", "pytest", "-q", "-k", chosen, *tests]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **PROCESSORS[processor]}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-2000:]
