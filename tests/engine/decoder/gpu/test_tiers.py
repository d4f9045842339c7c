"""From weights to what plays on a pretended GPU: the kernel's own text, run by the stand-in for the driver."""

import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from common.errors import GpuError
from engine.decoder.cpu.decoder import CpuDecoder
from engine.decoder.gpu import opening as gpu_opening
from engine.decoder.gpu import tiers
from engine.decoder.gpu.cuda.driver import Driver
from engine.decoder.gpu.decoder import GpuDecoder
from engine.decoder.gpu.device import KERNEL
from engine.decoder.gpu.plain.decoder import PlainDecoder
from engine.decoder.gpu.tiers import Best
from engine.decoder.opening import open_decoder
from engine.decoder.protocol import DecoderChoice
from engine.decoder.reference import ReferenceDecoder
from models.checkpoints import Checkpoint
from models.config import WaveNetConfig
from tests.engine.decoder.gpu import emulated
from tests.engine.decoder.gpu.building import stand_in
from tests.engine.decoder.networks import CONFIGS, played, random_weights

PAPER = Checkpoint(CONFIGS["paper"], random_weights(CONFIGS["paper"]))


class Told:
    """Lines that passed, and lines that stay."""

    def __init__(self):
        self.passing, self.staying = [], []

    def open(self, backend="gpu", precision="float32", cores=1, checkpoint=PAPER, voices=2):
        choice = DecoderChoice(backend, precision, cores)
        return open_decoder(checkpoint, voices, choice, 1, 64, self.passing.append, self.staying.append)


@pytest.fixture
def told(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return Told()


@pytest.fixture
def kernel():
    """Where the kernel's text is."""
    return {"text": KERNEL}


@pytest.fixture
def gpus(cuda, kernel, monkeypatch):
    """The stand-in is the driver, and the compiler is g++."""

    def compiled(compiler, architecture, options):
        return bytes(emulated.library(SimpleNamespace(defines=options), kernel["text"])) + b"\0"

    monkeypatch.setattr(tiers, "Driver", lambda: Driver(stand_in()))
    monkeypatch.setattr(tiers, "find_compiler", lambda version: None)
    monkeypatch.setattr(tiers, "machine_code", compiled)
    return cuda


@pytest.fixture
def times(monkeypatch):
    """What measuring says, by the class of the decoder; each is measured once."""
    known = {}

    def measure(decoder, voices, *cores):
        return known.pop(type(decoder).__name__)

    for name in ("live_us", "step_us"):
        monkeypatch.setattr(f"engine.decoder.speed.{name}", measure)
    return known


def test_the_kernel_plays_over_the_driver_as_the_oracle_does(gpus, told, times):
    times["GpuDecoder"] = 30.0
    decoder, oracle = told.open(), ReferenceDecoder(PAPER.config, PAPER.weights, 3)
    assert isinstance(decoder, GpuDecoder) and told.staying == []
    slots, latents, f0_hz, _, uniforms = played(PAPER.config, 3, 20)
    heard = (np.random.default_rng(3).integers(-128, 128, (3, 20)) / 128).astype(np.float32)
    for part in (slice(0, 7), slice(7, 20)):
        arguments = slots, heard[:, part], latents, f0_hz[:, part], uniforms[:, part]
        np.testing.assert_allclose(decoder.score(*arguments), oracle.score(*arguments), rtol=0, atol=0.03)  # fp16
    decoder.close()


def test_a_lost_message_is_an_error_and_the_gpu_can_be_opened_again(gpus, told, times, kernel, tmp_path):
    times["GpuDecoder"] = 30.0
    whole = kernel["text"]
    kernel["text"] = shutil.copytree(whole, tmp_path / "kernel")
    exchange = kernel["text"] / "exchange.h"
    sends = "void send(const u32* words) {"
    exchange.write_text(exchange.read_text().replace(sends, f"{sends} if (tag > 100) return;"))
    decoder, audio = told.open(), np.zeros((1, 64), np.float32)
    slots, latents, f0_hz, temperature, uniforms = played(PAPER.config, 1, 64)
    with pytest.raises(GpuError, match="^the GPU's thread blocks waited in vain for each other"):
        decoder.render(slots, latents, f0_hz, temperature, uniforms, audio)
    decoder.close()
    kernel["text"] = whole
    again = told.open()
    again.render(slots, latents, f0_hz, temperature, uniforms, audio)
    assert np.abs(audio).max() > 0.01
    again.close()


def test_bytes_where_sixteen_bits_are_too_slow(gpus, told, times, monkeypatch):
    slow = iter([90.0, 30.0])
    monkeypatch.setattr("engine.decoder.speed.live_us", lambda decoder, voices: next(slow))
    decoder = told.open(precision="auto")
    assert decoder._shape.spread.weights == "int8" and told.staying == []
    assert [line.split()[-1] for line in told.passing if "measuring" in line] == ["fp16", "int8"]
    decoder.close()
    told.passing.clear()
    told.open(precision="auto").close()  # from memory: nothing is measured
    assert told.passing == ["laying the weights out for NVIDIA GeForce RTX 5090: int8"]


def test_a_tier_that_fails_while_it_is_measured_is_none(gpus, told, monkeypatch):
    def fail_at_first(decoder, voices):
        if decoder._shape.spread.weights == "fp16":
            raise GpuError("waited in vain")
        return 30.0

    monkeypatch.setattr("engine.decoder.speed.live_us", fail_at_first)
    decoder = told.open(precision="auto")
    assert decoder._shape.spread.weights == "int8" and "not the fp16 tier: waited in vain" in told.passing
    decoder.close()


def test_a_gpu_that_is_too_small_is_refused_in_one_line_and_the_next_tier_is_taken(gpus, told, times, monkeypatch):
    gpus.stand_in_show(1)  # an RTX 3060
    wide = WaveNetConfig(width=512, skip_width=256, layers=2, stages=2, encoder_width=4, encoder_layers=1)
    checkpoint = Checkpoint(wide, random_weights(wide))
    on_processor = lambda config, weights, voices, block, gpu: PlainDecoder(config, weights, voices, block)  # noqa: E731
    monkeypatch.setattr(tiers, "_open_plain", on_processor)
    times["PlainDecoder"] = 300.0
    decoder = told.open(checkpoint=checkpoint)
    assert isinstance(decoder, PlainDecoder)
    assert told.passing[0] == (
        "not the fp16 tier: a network of 512/256/2 in fp16 does not fit this GPU: 28 multiprocessors, "
        "99 KB of shared memory each; play on the CPU"
    )
    assert told.staying == [
        "NVIDIA GeForce RTX 3060 plays 2 voices of this network at 3.3 kHz, 16 are needed; "
        "`freeze` renders a pad in bulk, to be played anywhere"
    ]


def test_without_a_gpu_one_line_and_the_processor(told, monkeypatch):
    monkeypatch.setattr(tiers, "Driver", lambda: Driver("libcuda-that-is-not-there.so"))
    assert isinstance(told.open(), CpuDecoder)
    assert told.staying == [
        "the processor plays: there is no GPU driver (libcuda-that-is-not-there.so); install NVIDIA's, "
        "version 570 or newer"
    ]


def test_without_a_compiler_or_torch_for_it_one_line_and_the_processor(gpus, told, monkeypatch):
    def none(version):
        raise GpuError("no compiler for the GPU; pip install one")

    monkeypatch.setattr(tiers, "find_compiler", none)
    assert isinstance(told.open(), CpuDecoder)
    assert told.staying == ["the processor plays: no compiler for the GPU; pip install one"]
    assert told.passing[1].startswith("not the plain tier: torch cannot go on with the GPU")


@pytest.mark.parametrize(
    ("cpu_us", "gpu_us", "taken"),
    [(20.0, None, CpuDecoder), (200.0, 30.0, GpuDecoder), (200.0, 300.0, CpuDecoder), (9000.0, 300.0, GpuDecoder)],
)
def test_auto_takes_the_gpu_where_the_processor_is_too_slow_and_the_gpu_faster(
    gpus, told, times, monkeypatch, cpu_us, gpu_us, taken
):
    times["CpuDecoder"] = cpu_us
    monkeypatch.setattr(tiers, "_recall", lambda place, wish: Best("fp16", gpu_us))
    monkeypatch.setattr("engine.decoder.choice.choose", lambda *_: ("float32", 1))
    decoder = told.open("auto", "auto", 0)
    assert isinstance(decoder, taken)
    assert len(told.staying) == (gpu_us == 300.0 and taken is GpuDecoder)
    decoder.close()


@pytest.mark.parametrize("asked", [{"precision": "float32"}, {"precision": "int8"}, {"precision": "auto", "cores": 1}])
def test_who_names_a_precision_or_cores_means_the_processor(gpus, told, asked):
    wish = SimpleNamespace(choice=DecoderChoice(**{"cores": 0} | asked))
    assert not gpu_opening.outplays_cpu(wish)


def test_a_processor_that_is_known_to_be_enough_wakes_no_driver(gpus, told, times, monkeypatch):
    times["CpuDecoder"] = 20.0
    monkeypatch.setattr("engine.decoder.choice.choose", lambda *_: ("float32", 1))
    told.open("auto", "auto", 0).close()
    monkeypatch.setattr(tiers, "Driver", None)
    told.open("auto", "auto", 0).close()


def test_auto_without_a_gpu_says_nothing(told, monkeypatch):
    monkeypatch.setattr(tiers, "Driver", lambda: Driver("libcuda-that-is-not-there.so"))
    monkeypatch.setattr("engine.decoder.choice.choose", lambda *_: ("float32", 1))
    told.open("auto", "auto", 0).close()
    assert told.passing == told.staying == []


@pytest.mark.parametrize("kept", ["fp16", ["fp64", 3.0], ["fp16", "fast"], {"fp16": 1}, None])
def test_a_memory_that_makes_no_sense_is_measured_anew(kept):
    assert tiers._remembered(kept) is None
    assert tiers._remembered(["int8", 40.5]) == Best("int8", 40.5)
