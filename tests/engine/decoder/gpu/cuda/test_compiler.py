"""Machine code without a GPU: who makes it, from what, and when it is made anew."""

import subprocess

import pytest

from common.errors import GpuError
from engine.decoder.gpu.cuda import compiler
from engine.decoder.gpu.cuda.compiler import Nvcc, Nvrtc, compilers, find_compiler, machine_code

KERNEL = """
#include "device.h"
extern "C" __global__ void render(float* x) { x[threadIdx.x] *= FACTOR; }
"""


@pytest.fixture
def source(tmp_path):
    (tmp_path / "kernel.cu").write_text(KERNEL)
    (tmp_path / "device.h").write_text("#define FACTOR WANTED\n")
    return tmp_path / "kernel.cu"


@pytest.fixture(scope="module")
def nvrtc():
    return next(found for found in compilers() if isinstance(found, Nvrtc))


@pytest.mark.parametrize("architecture", ["sm_80", "sm_86", "sm_89", "sm_90a", "sm_100", "sm_120"])
def test_nvrtc_compiles_for_every_architecture(nvrtc, source, architecture):
    cubin, said = nvrtc.compile(source, architecture, ["-DWANTED=2", "--ptxas-options=-v"])
    assert cubin.startswith(b"\x7fELF") and f"'render' for '{architecture}'" in said and "registers" in said


@pytest.mark.parametrize(
    ("broken", "architecture", "told"),
    [("y", "sm_80", 'kernel.cu for sm_80: kernel.cu(3): error: identifier "y" is undefined'), ("1", "sm_12", "sm_12")],
)
def test_what_does_not_compile_is_one_line(nvrtc, source, broken, architecture, told):
    with pytest.raises(GpuError) as error:
        nvrtc.compile(source, architecture, [f"-DWANTED={broken}"])
    assert told in str(error.value) and "\n" not in str(error.value)


class StandIn:
    """Counts what it compiles."""

    def __init__(self, name="NVRTC 12.9", version=(12, 9)):
        self.name, self.version, self.made = name, version, []

    def compile(self, source, architecture, options):
        self.made.append((architecture, *options))
        return f"{architecture} {options} {source.read_text()}".encode(), ""


def test_it_is_compiled_once(source, tmp_path):
    stand_in, folder = StandIn(), tmp_path / "cache"
    first = machine_code(stand_in, "sm_86", ["-DA=1"], folder, source)
    assert machine_code(stand_in, "sm_86", ["-DA=1"], folder, source) == first and len(stand_in.made) == 1


def test_it_is_compiled_anew_for_another_shape_architecture_compiler_or_source(source, tmp_path):
    stand_in, folder = StandIn(), tmp_path / "cache"

    def made(*arguments, by=stand_in):
        return machine_code(by, *arguments, folder, source)

    made("sm_86", ["-DA=1"]), made("sm_86", ["-DA=2"]), made("sm_89", ["-DA=1"])
    assert len(stand_in.made) == 3
    newer = StandIn("NVRTC 13.0")
    made("sm_86", ["-DA=1"], by=newer)
    assert len(newer.made) == 1
    for path in (source, source.parent / "device.h"):
        path.write_text(path.read_text() + "// another\n")
        made("sm_86", ["-DA=1"])
    assert len(stand_in.made) == 5


@pytest.mark.parametrize("damage", [b"", b"x" * 100])
def test_a_damaged_cache_is_made_anew(source, tmp_path, damage):
    stand_in, folder = StandIn(), tmp_path / "cache"
    first = machine_code(stand_in, "sm_86", [], folder, source)
    (kept,) = folder.iterdir()
    kept.write_bytes(kept.read_bytes()[:20] + damage)
    assert machine_code(stand_in, "sm_86", [], folder, source) == first and len(stand_in.made) == 2
    assert machine_code(stand_in, "sm_86", [], folder, source) == first and len(stand_in.made) == 2


def test_where_nothing_can_be_kept_it_is_compiled_each_time(source, tmp_path):
    (tmp_path / "file").write_text("")
    stand_in = StandIn()
    for _ in range(2):
        machine_code(stand_in, "sm_86", [], tmp_path / "file" / "below", source)
    assert len(stand_in.made) == 2


@pytest.mark.parametrize(
    ("driver", "chosen"), [((13, 0), "C"), ((13, 2), "C"), ((12, 9), "B"), ((12, 8), "A"), ((14, 0), "D")]
)
def test_the_newest_that_is_not_newer_than_the_driver(monkeypatch, driver, chosen):
    there = [StandIn("A", (12, 4)), StandIn("D", (13, 5)), StandIn("C", (13, 0)), StandIn("B", (12, 9))]
    monkeypatch.setattr(compiler, "compilers", lambda: iter(there))
    assert find_compiler(driver).name == chosen


@pytest.mark.parametrize(
    ("there", "driver", "told"),
    [
        ([], (13, 0), r'CUDA 13.0 or older; pip install "nvidia-cuda-nvrtc==13.0.*"'),
        ([(13, 5)], (12, 8), r'CUDA 12.8 or older (only NVRTC); pip install "nvidia-cuda-nvrtc-cu12==12.8.*"'),
        ([(11, 8)], (13, 1), r'(only NVRTC); pip install "nvidia-cuda-nvrtc==13.1.*"'),
    ],
)
def test_no_compiler_that_fits_says_what_to_install(monkeypatch, there, driver, told):
    monkeypatch.setattr(compiler, "compilers", lambda: iter([StandIn("NVRTC", version) for version in there]))
    with pytest.raises(GpuError) as error:
        find_compiler(driver)
    assert str(error.value).endswith(told) and "\n" not in str(error.value)


@pytest.fixture
def nvcc(tmp_path):
    """A program that answers as nvcc does; `body` : what it does when it is to compile."""

    def make(body, version="Cuda compilation tools, release 13.0, V13.0.88"):
        program = tmp_path / "nvcc"
        program.write_text(f'#!/bin/sh\nif [ "$1" = --version ]; then echo "{version}"; exit; fi\n{body}\n')
        program.chmod(0o700)
        return Nvcc(str(program))

    return make


def test_nvcc_takes_its_place(nvcc, source):
    made = nvcc('while [ "$1" != -o ]; do echo "$1" >&2; shift; done; printf code >"$2"')
    assert (made.name, made.version) == ("nvcc 13.0", (13, 0))
    cubin, said = made.compile(source, "sm_90a", ["-DA=1"])
    assert cubin == b"code" and "-gencode=arch=compute_90a,code=sm_90a" in said and "-DA=1" in said


def test_nvcc_that_fails_is_one_line(nvcc, source):
    with pytest.raises(GpuError, match="^nvcc 13.0 does not compile kernel.cu for sm_80: kernel.cu.3.: error: no$"):
        nvcc('echo "compiling"; echo "kernel.cu(3): error: no" >&2; exit 2').compile(source, "sm_80", [])
    with pytest.raises(GpuError, match="does not say its version; install NVRTC"):
        nvcc("exit 1", version="?")


def test_a_search_without_a_toolkit_finds_the_wheel_alone(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("CUDA_HOME", "/nowhere")
    monkeypatch.setattr(subprocess, "run", None)
    assert "NVRTC 13.0" in [found.name for found in compilers()]
