"""The same tests for processors that this machine is not, forced in a process of its own; and the loops as read."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.decoder.cpu import decoder as cpu
from engine.decoder.cpu import shares
from engine.decoder.cpu.decoder import CpuDecoder
from engine.decoder.cpu.kernels.loops import blocks
from tests.engine.decoder.networks import CONFIGS, played, random_weights, render
from tests.paths import ROOT

pytestmark = pytest.mark.slow


def run(*arguments, **environment):
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True)
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]


@pytest.mark.parametrize("processor", ["avx2", "generic"])
def test_parity_and_blocks_hold_on_other_processors(processor):
    files = ("test_parity.py", "cpu/test_blocks.py", "test_magenta.py", "cpu/test_int8.py")
    chosen = "scores_equal_the_oracles or greedy or fiftieth or (paper and (block_size or not_hear))"
    run("-m", "pytest", "-q", "-k", chosen, *(str(Path(__file__).parents[1] / name) for name in files),
        MANIFOLD_PROCESSOR=processor)  # fmt: skip


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_the_readable_loops_give_the_same_audio_uncompiled(precision, tmp_path):
    uncompiled = "import sys; from tests.engine.decoder.cpu import test_processors as t; t.save(*sys.argv[1:])"
    run("-c", uncompiled, precision, str(tmp_path / "a.npy"), MANIFOLD_PROCESSOR="plain", NUMBA_DISABLE_JIT="1")
    np.testing.assert_allclose(np.load(tmp_path / "a.npy"), audio(precision), rtol=0, atol=1e-5)


def save(precision, path):
    """In a process that does not compile, and needs no structs in memory."""
    blocks.copy_to_stack = lambda fields: fields
    shares.struct_of = lambda fields: np.zeros(1, np.uint8)
    cpu.block_renderer = lambda *tuples: lambda *arguments: blocks.render_block(*tuples, *arguments[len(tuples) :])
    np.save(path, audio(precision))


def audio(precision):
    """A few samples of two voices."""
    config = CONFIGS["everything"]
    ranges = np.full(config.layers, 3, np.float32)
    decoder = CpuDecoder(config, random_weights(config), 2, precision=precision, ranges=ranges)
    return render(decoder, *played(config, 2, 3))
