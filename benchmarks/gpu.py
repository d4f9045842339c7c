"""Is the GPU's decoder right on this GPU, and how fast is it?

    python benchmarks/gpu.py -o FILE.json [--minutes 8] [--commit HASH]

Needs a driver, NVRTC or nvcc, numpy and torch, and no other package of the project's: the machine may be lent. First it
looks whether these are there. Then parity: teacher-forced outputs against plain torch on the processor, and the same
block eight times over, which must not differ by a bit. Then microseconds a sample, by the GPU's clock: as a whole, with
parts left out, of other shapes; and plain torch. What is done by then is in the file even if the time is up. The exit
status is 1 where something was not right. benchmarks/GPU.md tells how to read it.
"""

import argparse
import json
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from common.errors import GpuError  # noqa: E402
from engine.decoder import speed  # noqa: E402
from engine.decoder.gpu import cards  # noqa: E402
from engine.decoder.gpu import decoder as kernel_decoder  # noqa: E402
from engine.decoder.gpu.cuda.compiler import compilers, find_compiler  # noqa: E402
from engine.decoder.gpu.cuda.driver import Driver  # noqa: E402
from engine.decoder.gpu.cuda.launching import CudaDevice  # noqa: E402
from engine.decoder.gpu.device import KERNEL  # noqa: E402
from engine.decoder.gpu.shapes import Shape, Spread  # noqa: E402
from models.config import WaveNetConfig  # noqa: E402

PAPER = WaveNetConfig()
SMALL = WaveNetConfig(width=32, skip_width=32, layers=20)
TOY = WaveNetConfig(width=64, skip_width=32, layers=6, stages=3)
TWO_TAPS = WaveNetConfig(width=48, skip_width=32, layers=8, stages=4, taps=2, mixture=3)

PARTS = {
    "all": 0, "no weights": 1, "no products": 2, "no waiting": 4, "no old taps": 8, "exchange alone": 11,
    "stream alone": 14,
}  # fmt: skip
LIMITS = {"float32": 2e-5, "fp16": 5e-3, "int8": 5e-2}  # of the largest output
VOICES, SAMPLES, REPEATS = 3, 1000, 5


@dataclass(frozen=True)
class Case:
    """One measurement. rows : voices of a call; without : parts that are left out; held : weights in the cache"""

    name: str
    shape: Shape
    rows: int
    without: int = 0
    held: bool = True


class Unheld(CudaDevice):
    """A device that leaves its cache alone."""

    def hold(self, buffer):
        """Nothing is held."""


@dataclass
class Report:
    """What is known so far; written after every step."""

    path: Path
    about: dict
    end: float
    checks: dict = field(default_factory=dict)
    microseconds: dict = field(default_factory=dict)
    left_out: dict = field(default_factory=dict)

    def step(self, where: dict, name: str, work: Callable[[], object]) -> None:
        """Do it if there is time, and write down what came of it."""
        if time.monotonic() > self.end:
            self.left_out[name] = "no time"
        else:
            try:
                where[name] = work()
            except (GpuError, RuntimeError, MemoryError) as error:
                self.left_out[name] = str(error).splitlines()[0]
        print(f"{name}: {where.get(name, self.left_out.get(name))}", flush=True)
        self.path.write_text(json.dumps({"about": self.about} | self._found(), indent=1))

    def _found(self):
        return {"checks": self.checks, "microseconds": self.microseconds, "left out": self.left_out}

    @property
    def right(self) -> bool:
        return bool(self.checks) and all(check["right"] for check in self.checks.values())


class Machine:
    """A GPU, its compiler, and what was made for it already."""

    def __init__(self):
        self.driver = Driver()
        self.gpu = max(self.driver.gpus(), key=lambda gpu: gpu.multiprocessors)
        self.compiler = any_compiler(self.driver.version)
        self._cubins, self._weights, self._packed = {}, {}, {}
        self._pack, kernel_decoder.pack = kernel_decoder.pack, self._packed_once

    @property
    def card(self) -> cards.Card:
        return cards.Card(self.gpu.multiprocessors, self.gpu.shared)

    def compile(self, cases) -> None:
        """All at once, on every core of the processor."""
        wanted = {(case.shape, case.without) for case in cases}
        with ThreadPoolExecutor() as pool:
            self._cubins |= {key: pool.submit(self._cubin, *key) for key in wanted}

    def _cubin(self, shape, without):
        options = [*shape.defines, f"-DWITHOUT={without}"]
        return self.compiler.compile(KERNEL / "kernel.cu", self.gpu.architecture, options)[0]

    def weights(self, config):
        """Random, the same for every decoder of a network."""
        if config not in self._weights:
            self._weights[config] = random_weights(config)
        return self._weights[config]

    def _packed_once(self, shape, weights):
        key = shape.config, shape.spread.blocks, shape.spread.weights
        if key not in self._packed:
            self._packed[key] = self._pack(shape, weights)
        return self._packed[key]

    def open(self, case):
        """(decoder, its device)"""
        make = CudaDevice if case.held else Unheld
        device = make(self.driver, self.gpu, self._cubins[case.shape, case.without].result())
        try:
            weights = self.weights(case.shape.config)
            return kernel_decoder.GpuDecoder(weights, case.rows, case.shape, device), device
        except GpuError:
            device.close()
            raise


def any_compiler(version):
    """The one that would play; where it is newer than the driver, that one all the same: its code may load."""
    try:
        return find_compiler(version)
    except GpuError as error:
        print(error, flush=True)
        found = next(compilers(), None)
        if found is None:
            raise
        return found


def random_weights(config, seed=0):
    """Of a network that hears its past alone; activations stay near 1."""
    rng, width, skip, layers = np.random.default_rng(seed), config.width, config.skip_width, config.layers
    shapes = {
        "start": (config.taps, 1, width), "skip_start": (1, width, skip),
        "dilated": (layers, config.taps, width, 2 * width), "cond": (layers, 1, config.conditions, 2 * width),
        "res": (layers, 1, width, width), "skip": (layers, 1, width, skip), "out1": (1, skip, skip),
        "cond_out1": (1, config.conditions, skip), "logits": (1, skip, config.outputs),
    }  # fmt: skip
    weights = {}
    for name, shape in shapes.items():
        fan_in = shape[-2] * shape[-3]
        weights[f"decoder.{name}.weight"] = rng.standard_normal(shape, np.float32) / np.float32(np.sqrt(fan_in))
        bias = shape[:-3] + shape[-1:]
        weights[f"decoder.{name}.bias"] = 0.2 * rng.standard_normal(bias, np.float32)
    return weights


def shapes_to_check(machine):
    """Name -> shape: each way to fetch, an odd half tile, two taps, a mixture, and what is timed."""
    toy = Spread(blocks=4, voices=4, threads=64, slots=3, weights="float32")
    made = {
        "toy": Shape(TOY, toy),
        "toy, 16 blocks": Shape(TOY, replace(toy, blocks=16, voices=1)),
        "toy, 7 blocks, threads fetch": Shape(TOY, replace(toy, blocks=7, slots=1, engine=False)),
        "toy, fp16": Shape(TOY, replace(toy, weights="fp16")),
        "toy, int8": Shape(TOY, replace(toy, weights="int8")),
        "two taps, mixture": Shape(TWO_TAPS, toy),
        "paper, float32": Shape(PAPER, Spread(128, 8, 512, 1, weights="float32")),
    }
    for weights in ("fp16", "int8"):
        for label, config in (("paper", PAPER), ("32/32/20", SMALL)):
            made[f"{label}, {weights}"] = cards.choose(config, 8, weights, machine.card)
    return made | {f"threads fetch, {name}": shape for name, shape in card_shapes().items()}


def card_shapes():
    """As GeForce cards get them: 99 KB of shared memory, and no copy engine before the RTX 50."""
    found = {}
    for weights, multiprocessors in (("fp16", 128), ("int8", 64), ("int8", 43)):
        shape = cards.choose(PAPER, 8, weights, cards.Card(multiprocessors, 99 << 10))
        spread = replace(shape.spread, engine=False)
        found[f"paper, {weights}, {spread.blocks} blocks"] = Shape(PAPER, spread)
    return found


def timed(machine):
    """Every measurement of the kernel, the most wanted first."""
    cases = []
    for weights in ("fp16", "int8"):
        for rows in (1, 8, 16, 64):
            shape = cards.choose(PAPER, min(rows, 8), weights, machine.card)
            cases.append(Case(f"paper, {weights}, {rows} voices", shape, rows))
    for weights, rows in (("fp16", 8 * machine.gpu.multiprocessors), ("int8", 16 * machine.gpu.multiprocessors)):
        cases.append(Case(f"32/32/20, {weights}, {rows} voices", cards.choose(SMALL, 8, weights, machine.card), rows))
    for case in [case for case in cases if case.rows in (1, 8)]:
        cases += [
            Case(f"{case.name}, {part}", case.shape, case.rows, without) for part, without in PARTS.items() if without
        ]
        cases.append(Case(f"{case.name}, cache not held", case.shape, case.rows, held=False))
    return cases + other_shapes(machine)


def other_shapes(machine):
    """What might be faster, and what cards would do but for their memory."""
    chosen = cards.choose(PAPER, 8, "int8", machine.card)
    other = {f"{blocks} x {threads}": (blocks, threads) for blocks in (64, 128) for threads in (256, 512)}
    cases = [
        Case(f"paper, int8, 8 voices, {name}", Shape(PAPER, replace(chosen.spread, blocks=blocks, threads=threads)), 8)
        for name, (blocks, threads) in other.items()
    ]
    for name, shape in card_shapes().items():
        for part in ("all", "exchange alone", "stream alone"):
            cases.append(Case(f"threads fetch, {name}, 8 voices, {part}", shape, 8, PARTS[part]))
    return cases


def played(config, rows, samples):
    """slots, latents, f0_hz, temperature, uniforms"""
    rng = np.random.default_rng(1)
    latents = rng.standard_normal((rows, config.latent)).astype(np.float32)
    uniforms = rng.random((rows, samples), np.float32)
    return np.arange(rows), latents, np.full((rows, samples), 220, np.float32), np.ones(rows, np.float32), uniforms


CALLS = (([1], 5), ([2, 0, 1], 12))  # slots, samples


def forced(config):
    """Arguments of `score` for each call."""
    for slots, samples in CALLS:
        _, latents, f0_hz, _, uniforms = played(config, len(slots), samples)
        yield np.array(slots), np.round(128 * uniforms - 64) / 128, latents, f0_hz, uniforms


@lru_cache
def expected(machine, config):
    """What plain torch on the processor says to these calls."""
    from engine.decoder.gpu.plain.decoder import PlainDecoder

    truth = PlainDecoder(config, machine.weights(config), VOICES)
    return [truth.score(*arguments) for arguments in forced(config)]


def check(machine, shape):
    """Parity and repeats: how far outputs are off, relative to the largest, and whether repeats are equal."""
    config, right = shape.config, expected(machine, shape.config)
    decoder, device = machine.open(Case("", shape, VOICES))
    try:
        ours = [decoder.score(*arguments) for arguments in forced(config)]
        equal = repeats_are_equal(decoder, config)
    finally:
        device.close()
    worst = max(float(np.abs(each - its).max()) for each, its in zip(ours, right, strict=True))
    off = worst / max(float(np.abs(its).max()) for its in right)
    return {"off": off, "repeats equal": equal, "right": bool(equal and off <= LIMITS[shape.spread.weights])}


def repeats_are_equal(decoder, config, times=8):
    slots, *arguments = played(config, VOICES, 400)
    blocks = []
    for _ in range(times):
        blocks.append(np.zeros((VOICES, 400), np.float32))
        decoder.reset(slots)
        decoder.render(slots, *arguments, blocks[-1])
    return all(np.array_equal(block, blocks[0]) for block in blocks)


def measure(machine, case):
    """Median microseconds a sample by the GPU's clock, and by the wall clock in ticks of 4 ms."""
    decoder, device = machine.open(case)
    try:
        audio, arguments = np.zeros((case.rows, SAMPLES), np.float32), played(case.shape.config, case.rows, SAMPLES)
        times = []
        for _ in range(REPEATS):
            before = device.milliseconds
            decoder.render(*arguments, audio)
            times.append(1000 * (device.milliseconds - before) / SAMPLES)
        found = {"gpu": round(statistics.median(times), 2)}
        if not case.without:
            found["in ticks"] = round(speed.live_us(decoder, case.rows), 2)
        return found | {"held MB": round(device.held / 2**20, 1)}
    finally:
        device.close()


def measure_plain(machine, rows, dtype):
    """The same of plain torch, by the wall clock."""
    import torch

    from engine.decoder.gpu.plain.decoder import PlainDecoder

    weights, device = machine.weights(PAPER), f"cuda:{machine.gpu.number}"
    decoder = PlainDecoder(PAPER, weights, rows, device=device, dtype=getattr(torch, dtype))
    try:
        return {"in ticks": round(speed.live_us(decoder, rows), 2)}
    finally:
        decoder.close()


def main():
    """Look, check, measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, required=True, help="the file to write, JSON")
    parser.add_argument("--minutes", type=float, default=8.0, help="in which it is done")
    parser.add_argument("--commit", default="", help="of the project, where git cannot say it")
    arguments = parser.parse_args()
    begin, machine = time.monotonic(), Machine()
    report = Report(arguments.output, about(machine, arguments.commit), begin + 60 * arguments.minutes)
    print(json.dumps(report.about), flush=True)
    checked, cases = shapes_to_check(machine), timed(machine)
    machine.compile([*cases, *(Case("", shape, VOICES) for shape in checked.values())])
    for name, shape in checked.items():
        report.step(report.checks, name, lambda shape=shape: check(machine, shape))
    for case in cases:
        report.step(report.microseconds, case.name, lambda case=case: measure(machine, case))
    for rows, dtype in ((1, "float16"), (8, "float16"), (64, "float16"), (8, "float32")):
        name = f"plain torch, paper, {dtype}, {rows} voices"
        report.step(report.microseconds, name, lambda rows=rows, dtype=dtype: measure_plain(machine, rows, dtype))
    sys.exit(not report.right)


def git_commit():
    if shutil.which("git") is None:
        return "unknown"
    said = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    return said.stdout.strip() or "unknown"


def about(machine, commit):
    """Where and when; also imports torch, which must be there."""
    import torch

    return {
        "gpu": str(machine.gpu), "architecture": machine.gpu.architecture, "driver": list(machine.driver.version),
        "compiler": machine.compiler.name, "torch": torch.__version__, "python": platform.python_version(),
        "processor": speed.processor(), "commit": commit or git_commit(),
        "date": f"{datetime.now():%Y-%m-%d %H:%M}",
    }  # fmt: skip


if __name__ == "__main__":
    main()
