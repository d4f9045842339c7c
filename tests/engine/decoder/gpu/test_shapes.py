"""Which shape a card gets; and every one of them compiled: three a run, others every day, all by ./test.sh --long."""

import random
import re
import time

import pytest

from common.errors import GpuError
from engine.decoder.gpu.cards import choose
from engine.decoder.gpu.cuda.compiler import compilers
from engine.decoder.gpu.device import KERNEL
from engine.decoder.gpu.footprint import shared_bytes
from engine.decoder.gpu.shapes import Shape, Spread
from tests.engine.decoder.gpu.emulated import Emulated
from tests.engine.decoder.gpu.shipped import CARDS, NETWORKS, shipped
from tests.engine.decoder.networks import CONFIGS

REGISTERS = 65536  # of a multiprocessor
SPILLED_BYTES = 128  # a thread: more would be seen in the time of a sample
ALL = shipped()
TODAYS = random.Random(int(time.time()) // 86400).sample(ALL, 3)


def spread(name, network, weights, voices):
    return choose(NETWORKS[network], voices, weights, CARDS[name][1]).spread


@pytest.mark.parametrize(
    ("name", "weights", "voices", "blocks", "slots"),
    [
        ("H100", "fp16", 1, 128, 4), ("H100", "fp16", 8, 128, 4), ("H100", "int8", 1, 128, 8),
        ("H100", "int8", 8, 64, 4), ("A100", "fp16", 8, 64, 1), ("A100", "int8", 8, 64, 3),
        ("RTX 4090", "fp16", 8, 128, 1), ("RTX 4090", "int8", 1, 128, 3), ("RTX 4090", "int8", 8, 64, 1),
        ("RTX 3090", "int8", 8, 64, 1), ("RTX 4070", "int8", 8, 43, 1), ("RTX 5090", "fp16", 8, 128, 1),
    ],
)  # fmt: skip
def test_the_papers_size_is_spread_as_the_card_wants(name, weights, voices, blocks, slots):
    chosen = spread(name, "NSynth", weights, voices)
    assert (chosen.blocks, chosen.slots, chosen.voices) == (blocks, slots, voices)


@pytest.mark.parametrize("name", CARDS)
def test_small_networks_have_a_block_a_group_on_every_card(name):
    for network in ("default", "32/32/20"):
        for weights in ("fp16", "int8"):
            assert spread(name, network, weights, 100).blocks == 1


@pytest.mark.parametrize(("name", "weights"), [("RTX 3060", "fp16"), ("RTX 3060", "int8"), ("RTX 3090", "fp16")])
def test_what_fits_nowhere_is_refused_in_one_line(name, weights):
    with pytest.raises(GpuError, match="512/256/30 in .* does not fit this GPU: .* play on the CPU") as refusal:
        choose(NETWORKS["NSynth"], 8, weights, CARDS[name][1])
    assert "\n" not in str(refusal.value)


def test_a_network_of_one_layer_has_no_kernel():
    with pytest.raises(GpuError, match="2 layers or more"):
        Shape(NETWORKS["NSynth"].from_dict({"layers": 1}), Spread(1, 1, 64, 1))


@pytest.mark.parametrize("name", ["paper", pytest.param("everything", marks=pytest.mark.long)])
@pytest.mark.parametrize("given", [Spread(3, 2, 96, 3), Spread(1, 8, 128, 1, weights="int8")])
def test_a_thread_block_needs_what_the_kernel_says(name, given):
    shape = Shape(CONFIGS[name], given)
    assert shared_bytes(shape) == Emulated(shape).sizes.shared_bytes


def test_every_architecture_and_network_is_among_the_shipped():
    assert {each.architecture for each in ALL} == {architecture for architecture, _ in CARDS.values()}
    assert {each.shape.config for each in ALL} == set(NETWORKS.values())


@pytest.fixture(scope="module")
def compiler():
    found = [compiler for compiler in compilers() if compiler.version >= (12, 8)]  # the first that know sm_120
    if not found:
        pytest.skip("neither NVRTC nor nvcc of CUDA 12.8 or later is here (pip install nvidia-cuda-nvrtc)")
    return found[0]


@pytest.mark.parametrize(
    "each", [pytest.param(each, marks=() if each in TODAYS else pytest.mark.long, id=str(each)) for each in ALL]
)
def test_it_compiles_within_limits(each, compiler):
    options = ["--ptxas-options=-v", *each.shape.defines]
    cubin, said = compiler.compile(KERNEL / "kernel.cu", each.architecture, options)
    render = said[re.search(r"Compiling entry function 'render'|Function properties for render", said).start() :]
    registers, spilled = (int(re.search(words, render)[1]) for words in (r"Used (\d+) r", r"(\d+) bytes spill s"))
    assert cubin.startswith(b"\x7fELF")
    assert registers * each.shape.spread.threads * each.shape.spread.resident <= REGISTERS
    assert spilled < SPILLED_BYTES
