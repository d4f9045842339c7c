"""The kernels by themselves: waves, sampling, loudness."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from engine.decoder import reference
from engine.decoder.cpu.kernels.emit import exponentials, waves
from engine.decoder.cpu.kernels.loops import sampling
from engine.decoder.protocol import LOUDNESS_MS
from models.config import LOG_SCALE_MIN, MU_MIXTURE
from models.mulaw import expand
from tests.engine.decoder.networks import CONFIGS, cpu_decoder, played, render

UNIFORMS = st.floats(0, 1, width=32, exclude_max=True)


@njit
def oscillate(cycles, highest, gains, phasors, share, out):
    waves.oscillate_in_vectors(cycles, highest, gains, phasors, share, out)


@pytest.mark.parametrize("cycles", [0.0, 0.25, 0.5, 0.75, 0.123456789, 1 - 1e-9])
def test_waves_in_vectors_equal_plain_ones(cycles):
    rng = np.random.default_rng(0)
    gains, phasors = rng.random((2, 128), np.float32), rng.random((4, 128), np.float32)
    plain, fast = np.ones((2, 256), np.float32)
    for highest in (100, 7, 64, 128, 1000, 0, -1):
        waves.oscillate_plainly(cycles, highest, gains, phasors, 0.3, plain)
        oscillate(cycles, highest, gains, phasors, 0.3, fast)
        assert np.abs(plain).max() > 0.1 or highest < 1
        assert not fast[max(highest, 0) : 128].any()
        np.testing.assert_allclose(fast, plain, rtol=0, atol=1e-6)


@njit
def polar_to_cartesian(phasors):
    waves.polar_to_cartesian_in_vectors(phasors)


def test_phasors_in_vectors_equal_plain_ones():
    plain = np.random.default_rng(0).random((2, 64), np.float32)
    plain[0, :5], plain[1, 60:] = (0, 0.25, 0.5, 0.75, 1), 0
    fast = plain.copy()
    cycles, length = plain.copy()
    polar_to_cartesian(fast)
    waves.polar_to_cartesian_plainly(plain)
    expected = length * np.exp(2j * np.pi * cycles)
    for phasors in (fast, plain):
        np.testing.assert_allclose(phasors, [expected.real, expected.imag], rtol=0, atol=1e-6)


def test_powers_in_vectors_equal_plain_ones():
    values = np.linspace(-30, 6, 160, dtype=np.float32)
    plain, fast = values.copy(), values.copy()
    exponentials.exp_clamped_plainly(plain, np.float32(4))
    exponentials.exp_clamped_in_vectors(fast, np.float32(4))
    for powers in (plain, fast):
        np.testing.assert_allclose(powers, np.exp(np.minimum(values, 4)), rtol=2e-6)


@settings(deadline=None)  # the first example compiles
@given(uniform=UNIFORMS, temperature=st.sampled_from([1e-3, 0.5, 1.0, 1.5]), seed=st.integers(0, 1000))
def test_a_drawn_class_is_the_inverse_of_the_distribution_function(uniform, temperature, seed):
    logits = np.random.default_rng(seed).normal(0, 4, 256).astype(np.float32)
    likelihood = np.exp((logits.astype(float) - logits.max()) / temperature)
    cumulative = np.cumsum(likelihood) / likelihood.sum()
    drawn = sampling.draw_class(logits.copy(), np.zeros(16, np.float32), np.float32(temperature), np.float32(uniform))
    assert 0 <= drawn <= 255
    assert cumulative[drawn] >= uniform - 1e-5
    assert drawn == 0 or cumulative[drawn - 1] <= uniform + 1e-5


@pytest.mark.parametrize("temperature", [0.0, 1e-30, 1.0])
def test_the_last_class_is_the_highest_that_is_drawn(temperature):
    logits = np.full(256, -50, np.float32)
    logits[255] = 3.0
    largest = np.nextafter(np.float32(1), np.float32(0))
    assert sampling.draw_class(logits, np.zeros(16, np.float32), np.float32(temperature), largest) == 255


@settings(deadline=None)  # the first example compiles
@given(uniform=UNIFORMS, temperature=st.sampled_from([0.0, 0.3, 1.0]), seed=st.integers(0, 1000))
def test_a_drawn_mixture_sample_equals_the_oracles(uniform, temperature, seed):
    outputs = np.random.default_rng(seed).normal(0, 1, 12).astype(np.float32)
    outputs[8:] -= 4
    drawn = sampling.draw_mixture(outputs, 4, LOG_SCALE_MIN, np.float32(temperature), np.float32(uniform))
    expected = np.clip(reference.draw_mixture(outputs.astype(float), temperature, uniform), -1, 1)
    assert drawn == pytest.approx(expected, abs=1e-5)


def test_a_mixture_survives_vanishing_weights():
    outputs = np.array([0, -2000, -2000, 0.5, -0.5, -0.5, -3, -3, -3], np.float32)
    largest = np.nextafter(np.float32(1), np.float32(0))
    for uniform in (np.float32(0), largest):
        assert -1 <= sampling.draw_mixture(outputs, 3, LOG_SCALE_MIN, np.float32(1), uniform) <= 1


def test_samples_of_the_mixture_expand_as_mulaw_does():
    companded = np.linspace(-1, 1, 101)
    ours = [sampling.expand(x, float(MU_MIXTURE), np.log1p(MU_MIXTURE)) for x in companded]
    np.testing.assert_allclose(ours, expand(companded), rtol=0, atol=1e-6)


def test_loudness_scales_the_audio_and_is_smoothed_but_not_heard():
    config = CONFIGS["instrument"]
    decoder = cpu_decoder(config, 2)
    slots, latents, f0_hz, temperature, uniforms = played(config, 2, 400)
    quiet = latents.copy()
    latents[:, -1], quiet[:, -1] = 0.0, -20.0
    loud = render(decoder, slots, latents, f0_hz, temperature, uniforms)
    np.testing.assert_allclose(render(decoder, slots, quiet, f0_hz, temperature, uniforms), 0.1 * loud, rtol=1e-5)

    moved = np.zeros_like(loud)
    decoder.reset(slots)
    decoder.render(slots, latents, f0_hz[:, :200], temperature, uniforms[:, :200], moved[:, :200])
    decoder.render(slots, quiet, f0_hz[:, 200:], temperature, uniforms[:, 200:], moved[:, 200:])
    gain = 0.1 + 0.9 * np.exp(-np.arange(1, 201) * 1000 / (LOUDNESS_MS * config.rate))
    expected = gain * emphasised(config, loud)[:, 200:]  # the loudness comes before the emphasis is undone
    np.testing.assert_allclose(emphasised(config, moved)[:, 200:], expected, rtol=1e-4, atol=1e-6)


def emphasised(config, audio):
    """What the network made of it. float32 (voices, samples)."""
    return audio - config.emphasis * np.pad(audio, ((0, 0), (1, 0)))[:, :-1]
