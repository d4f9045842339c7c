"""The GPU's benchmark on a pretended GPU: it must not fail for the first time on a machine that is lent for minutes."""

import importlib.util
import json
import sys
import time
from types import SimpleNamespace

import pytest

from engine.decoder.gpu import cards
from engine.decoder.gpu.cuda.compiler import find_compiler
from engine.decoder.gpu.cuda.driver import Driver
from engine.decoder.gpu.device import KERNEL
from engine.decoder.gpu.footprint import shared_bytes
from engine.decoder.gpu.shapes import Shape, Spread
from models.config import WaveNetConfig
from tests.engine.decoder.gpu import emulated
from tests.engine.decoder.gpu.building import stand_in
from tests.paths import ROOT

TINY = Shape(
    WaveNetConfig(width=16, skip_width=16, layers=2, stages=2), Spread(1, 4, 64, 2, weights="float32", engine=False)
)


@pytest.fixture(scope="module")
def gpu():
    """The benchmark as a module."""
    spec = importlib.util.spec_from_file_location("benchmark_gpu", ROOT / "benchmarks" / "gpu.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Emulating:
    """A compiler whose machine code is run by the stand-in."""

    name, version = "g++", (13, 0)

    def compile(self, source, architecture, options):
        assert source == KERNEL / "kernel.cu"
        return bytes(emulated.library(SimpleNamespace(defines=list(options)))) + b"\0", ""


@pytest.fixture
def machine(gpu, monkeypatch):
    monkeypatch.setattr(gpu, "Driver", lambda: Driver(stand_in()))
    monkeypatch.setattr(gpu, "find_compiler", lambda version: Emulating())
    monkeypatch.setattr(gpu, "SAMPLES", 30)
    monkeypatch.setattr("engine.decoder.speed._LIVE_S", 0.01)
    kept = gpu.kernel_decoder.pack
    yield gpu.Machine()
    gpu.kernel_decoder.pack = kept


def test_parity_and_time_of_a_tiny_network(gpu, machine):
    case = gpu.Case("tiny", TINY, 2, held=False)
    machine.compile([case])
    found = gpu.check(machine, TINY)
    assert found["right"] and found["off"] < 1e-5
    assert gpu.measure(machine, case)["gpu"] == pytest.approx(1000 / 30, rel=1e-3)  # the stand-in's launches take 1 ms


def test_what_is_wrong_is_not_right(gpu, machine, monkeypatch):
    machine.compile([gpu.Case("tiny", TINY, 2)])
    monkeypatch.setitem(gpu.LIMITS, "float32", 1e-12)
    assert not gpu.check(machine, TINY)["right"]


def test_from_the_command_line_to_the_file(gpu, machine, monkeypatch, tmp_path):
    monkeypatch.setattr(gpu, "Machine", lambda: machine)
    monkeypatch.setattr(gpu, "shapes_to_check", lambda machine: {"tiny": TINY})
    monkeypatch.setattr(gpu, "timed", lambda machine: [gpu.Case("tiny, 2 voices", TINY, 2)])
    monkeypatch.setattr(gpu, "measure_plain", lambda machine, rows, dtype: {"in ticks": 300.0})
    monkeypatch.setattr(sys, "argv", ["gpu.py", "-o", str(tmp_path / "out.json"), "--commit", "abc"])
    with pytest.raises(SystemExit) as ended:
        gpu.main()
    found = json.loads((tmp_path / "out.json").read_text())
    assert ended.value.code == 0 and found["checks"]["tiny"]["right"] and not found["left out"]
    assert found["microseconds"]["tiny, 2 voices"]["gpu"] > 0
    assert found["about"]["gpu"].startswith("NVIDIA GeForce RTX 5090") and found["about"]["commit"] == "abc"
    assert len(found["microseconds"]) == 5


def test_every_step_is_in_the_file_at_once(gpu, tmp_path):
    report = gpu.Report(tmp_path / "out.json", {"gpu": "none"}, time.monotonic() + 100)

    def refuse():
        raise gpu.GpuError("it does not fit")

    report.step(report.checks, "toy", lambda: {"right": True})
    report.step(report.microseconds, "paper", refuse)
    report.end = 0
    report.step(report.microseconds, "late", None)
    assert report.right and json.loads((tmp_path / "out.json").read_text()) == {
        "about": {"gpu": "none"}, "checks": {"toy": {"right": True}}, "microseconds": {},
        "left out": {"paper": "it does not fit", "late": "no time"},
    }  # fmt: skip
    report.checks["toy"]["right"] = False
    assert not report.right


@pytest.mark.parametrize("multiprocessors", [132, 148])
def test_what_is_to_be_measured_fits_a_large_gpu(gpu, multiprocessors):
    large = SimpleNamespace(multiprocessors=multiprocessors)
    machine = SimpleNamespace(card=cards.Card(multiprocessors, 227 << 10), gpu=large)
    checked, cases = gpu.shapes_to_check(machine), gpu.timed(machine)
    assert len({case.name for case in cases}) == len(cases) > 40
    for shape in [*checked.values(), *(case.shape for case in cases)]:
        assert shared_bytes(shape) <= 227 << 10 and shape.spread.blocks <= multiprocessors
    rows = {case.rows for case in cases}
    assert {1, 8, 16, 64, 8 * multiprocessors} <= rows


@pytest.mark.long
def test_all_of_it_compiles(gpu):
    machine = SimpleNamespace(card=cards.Card(132, 227 << 10), gpu=SimpleNamespace(multiprocessors=132))
    shapes = {(shape, 0) for shape in gpu.shapes_to_check(machine).values()}
    compiler = find_compiler((13, 0))
    for shape, without in shapes | {(case.shape, case.without) for case in gpu.timed(machine)}:
        compiler.compile(KERNEL / "kernel.cu", "sm_90a", [*shape.defines, f"-DWITHOUT={without}"])


@pytest.mark.slow
def test_it_needs_numpy_and_torch_alone():
    """The machine that is lent has no other package of the project's."""
    import subprocess

    others = {"numba", "platformdirs", "msgspec", "safetensors", "scipy", "google_crc32c", "typer", "tqdm", "soundfile"}
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({others}))\n"
        "import runpy; runpy.run_path('benchmarks/gpu.py')\n"
        "import engine.decoder.gpu.plain.decoder"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
