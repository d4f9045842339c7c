"""The audio path allocates nothing: neither numba's runtime nor numpy."""

import tracemalloc

import numpy as np
import pytest
from numba.core.runtime import _nrt_python, rtsys  # type: ignore[attr-defined]

from engine.decoder.cpu.kernels.emit import exponentials, gates, waves
from engine.decoder.cpu.kernels.loops import blocks, inputs, layers, products, sampling
from tests.engine.decoder.networks import CONFIGS, cpu_decoder, played

pytestmark = [pytest.mark.slow, pytest.mark.alone]

VOICES, SAMPLES = 8, 64


@pytest.fixture
def render():
    """A call that renders one block, warmed up."""
    config = CONFIGS["instrument"]
    decoder = cpu_decoder(config, VOICES)
    arguments = (*played(config, VOICES, SAMPLES), np.zeros((VOICES, SAMPLES), np.float32))
    decoder.render(*arguments)
    return lambda: decoder.render(*arguments)


def test_no_kernel_may_allocate():
    """Without numba's runtime an array made inside a kernel does not even compile."""
    modules = (products, gates, exponentials, waves, inputs, layers, sampling, blocks)
    functions = [function for module in modules for function in vars(module).values() if hasattr(function, "py_func")]
    assert len(functions) > 20
    assert all(function.targetoptions["_nrt"] is False for function in functions)


def test_numbas_runtime_counts_no_allocation(render):
    _nrt_python.memsys_enable_stats()
    try:
        before = rtsys.get_allocation_stats()
        for _ in range(20):
            render()
        assert rtsys.get_allocation_stats() == before
    finally:
        _nrt_python.memsys_disable_stats()


def test_python_allocates_no_more_than_the_headers_of_views(render):
    tracemalloc.start()
    try:
        for _ in range(500):  # Python's pools of small objects fill up first
            render()
        start, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        for _ in range(20):
            render()
        end, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - start < VOICES * SAMPLES * 4  # less than one block of float32
    assert end - start < 512
