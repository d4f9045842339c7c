"""The paper's size as cards get it, in its real geometry: up to 65,536 fibers for a few samples. Minutes each."""

from dataclasses import replace

import numpy as np
import pytest

from engine.decoder.gpu.cards import choose
from engine.decoder.gpu.decoder import GpuDecoder
from engine.decoder.gpu.shapes import Shape
from engine.decoder.reference import ReferenceDecoder
from tests.engine.decoder.gpu.emulated import Emulated
from tests.engine.decoder.gpu.shipped import CARDS, NETWORKS
from tests.engine.decoder.networks import heard, played, random_weights

pytestmark = pytest.mark.long

CONFIG = NETWORKS["NSynth"]
CALLS = ((1,), 1), ((0, 1, 2), 3)  # slots, samples
# card, weights -> share of the outputs' spread by which they may differ
CASES = [
    ("RTX 4070", "float32", 1e-5), ("H100", "fp16", 2e-3), ("H100", "int8", 2e-2), ("A100", "fp16", 2e-3),
    ("RTX 4090", "fp16", 2e-3), ("RTX 4070", "int8", 2e-2),
]  # fmt: skip


def shape_of(name, weights):
    """float32: the geometry of int8, with as little shared memory as it takes."""
    shape = choose(CONFIG, 8, "int8" if weights == "float32" else weights, CARDS[name][1])
    return Shape(CONFIG, replace(shape.spread, weights=weights, slots=min(shape.spread.slots, 2)))


@pytest.fixture(scope="module")
def expected():
    return list(outputs(ReferenceDecoder(CONFIG, random_weights(CONFIG), 3)))


def outputs(decoder):
    for slots, samples in CALLS:
        _, latents, f0_hz, _, uniforms = played(CONFIG, len(slots), samples)
        yield decoder.score(np.array(slots), heard(CONFIG, len(slots), samples), latents, f0_hz, uniforms)


@pytest.mark.parametrize(("name", "weights", "near"), CASES)
def test_outputs_are_near_the_oracles(name, weights, near, expected):
    shape = shape_of(name, weights)
    decoder = GpuDecoder(random_weights(CONFIG), 3, shape, Emulated(shape, groups=1), block=8)
    for ours, right in zip(outputs(decoder), expected, strict=True):
        assert np.abs(ours - right).max() < near * np.abs(right).max()
