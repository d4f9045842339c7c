"""Does the emulation notice a kernel that is broken on purpose? Two a run, others every day; --long: all."""

import functools
import random
import time

import numpy as np
import pytest

from common.errors import GpuError
from engine.decoder.reference import ReferenceDecoder
from models.config import WaveNetConfig
from tests.engine.decoder.gpu.mutants import BOTH, MUTANTS, mutated
from tests.engine.decoder.gpu.spreads import gpu_decoder
from tests.engine.decoder.networks import heard, played, random_weights

SAMPLES = 20  # of each voice, twice: the second time the first is a new note
CONFIG = WaveNetConfig(
    width=64, skip_width=32, layers=5, stages=3, latent=20, harmonics=8, noise=3, mixture=3, loudness=True, direct=True,
    rate=1000,
)  # fmt: skip
SEEDS = range(10, 13)
TODAYS = random.Random(int(time.time()) // 86400).sample(list(MUTANTS), 2)
NAMES = [pytest.param(name, marks=() if name in TODAYS else pytest.mark.long) for name in MUTANTS]


def outputs(decoder):
    """Teacher-forced outputs, then greedy audio, of two voices that start at different times and begin anew."""
    slots, latents, f0_hz, temperature, uniforms = played(CONFIG, 2, SAMPLES)
    samples, audio = heard(CONFIG, 2, SAMPLES), np.zeros((2, SAMPLES), np.float32)
    first = slots[:1], samples[:1], latents[:1], f0_hz[:1], uniforms[:1]
    scores = [decoder.score(*first)[0], *decoder.score(slots, samples, latents, f0_hz, uniforms)]
    decoder.reset(slots[:1])
    decoder.render(slots, latents, f0_hz, temperature * 0, uniforms, audio)
    return np.concatenate([np.concatenate(scores).ravel(), audio.ravel()])


@functools.cache
def expected():
    return outputs(ReferenceDecoder(CONFIG, random_weights(CONFIG), 2))


def wrong(kernel, spread, seed):
    """Whether a kernel differs from the oracle, or gets stuck."""
    try:
        ours = outputs(gpu_decoder(CONFIG, 2, spread, seed, kernel=kernel))
    except GpuError:
        return True
    return not np.abs(ours - expected()).max() < 1e-4


def test_the_kernel_itself_is_right(tmp_path):
    kernel = mutated("", tmp_path)
    assert not any(wrong(kernel, spread, seed) for spread in BOTH for seed in SEEDS[:1])


@pytest.mark.parametrize("name", NAMES)
def test_a_broken_kernel_is_noticed(name, tmp_path):
    kernel = mutated(name, tmp_path)
    for spread in MUTANTS[name].spreads:
        assert any(wrong(kernel, spread, seed) for seed in SEEDS), spread
