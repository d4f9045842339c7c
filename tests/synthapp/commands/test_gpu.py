"""The GPU as the command line shows it: what `doctor` finds, and `--backend gpu` where there is none."""

import ctypes

import pytest

from engine.decoder.gpu import tiers
from engine.decoder.gpu.cuda import compiler
from engine.decoder.gpu.cuda.driver import Driver
from synthapp.commands import doctor
from tests.engine.decoder.gpu.building import stand_in


@pytest.fixture
def gpus(monkeypatch):
    """gpus(count): that many cards are pretended."""
    library = ctypes.CDLL(str(stand_in()))

    def show(count):
        library.stand_in_reset()
        library.stand_in_show(count)
        monkeypatch.setattr(tiers, "Driver", lambda: Driver(stand_in()))

    yield show
    library.stand_in_reset()


@pytest.fixture
def no_driver(monkeypatch):
    monkeypatch.setattr(tiers, "Driver", lambda: Driver("libcuda-that-is-not-there.so"))


def found():
    return [str(finding) for finding in doctor._gpu()]


def test_doctor_without_a_driver(no_driver):
    assert found() == [
        "missing  GPU, optional: there is no GPU driver (libcuda-that-is-not-there.so); install NVIDIA's, "
        "version 570 or newer"
    ]


def test_doctor_without_a_gpu(gpus):
    gpus(0)
    (line,) = found()
    assert line.startswith("missing  GPU, optional: ") and "no CUDA-capable device is detected (100)" in line


@pytest.mark.parametrize(
    ("count", "gpu", "tier"),
    [
        (1, "NVIDIA GeForce RTX 3060 (28 multiprocessors, 12 GB), sm_86", "by plain torch"),
        (
            4,
            "NVIDIA GeForce RTX 3090 (82 multiprocessors, 24 GB), sm_86",
            "by the kernel in int8, thread blocks for 8 voices: 64",
        ),
        (
            6,
            "NVIDIA GeForce RTX 4090 (128 multiprocessors, 24 GB), sm_89",
            "by the kernel in fp16, thread blocks for 8 voices: 128",
        ),
    ],
)
def test_doctor_says_which_gpu_compiler_and_tier(gpus, count, gpu, tier):
    gpus(count)
    first, second, third = found()
    assert first == f"ok       GPU: {gpu}, driver of CUDA 13.0"
    assert second == "ok       GPU's compiler: NVRTC 13.0"
    assert tier in third


def test_doctor_says_which_compiler_is_missing(gpus, monkeypatch):
    gpus(9)
    monkeypatch.setattr(compiler, "compilers", lambda: iter(()))
    assert found()[1] == (
        "missing  GPU's compiler, optional: no compiler for the GPU of its driver's CUDA 13.0 or older; "
        'pip install "nvidia-cuda-nvrtc==13.0.*"'
    )


def test_the_gpu_is_asked_for_and_not_there(no_driver, manifold, instrument, song, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    output = tmp_path / "out.wav"
    arguments = "render", song, "-o", output, "--weights", instrument.weights, "--preset", instrument.preset
    outcome = manifold(*arguments, "--backend", "gpu", "--cores", "1")
    assert outcome.status == 0 and output.stat().st_size > 10_000
    assert [line for line in outcome.out.splitlines() if "GPU" in line] == [
        "the processor plays: there is no GPU driver (libcuda-that-is-not-there.so); install NVIDIA's, "
        "version 570 or newer"
    ]


def test_a_backend_that_is_none_is_one_line(manifold, instrument, song, tmp_path):
    arguments = "render", song, "-o", tmp_path / "out.wav", "--weights", instrument.weights
    outcome = manifold(*arguments, "--preset", instrument.preset, "--backend", "tpu")
    told = "there is no decoder 'tpu'; known are gpu, cpu, frozen, baseline and auto"
    assert outcome.status == 1 and told in outcome.err
