"""Null tests: what must not change a single bit of a voice."""

import numpy as np
import pytest

from tests.engine.decoder.networks import CONFIGS, cpu_decoder, played, render

VOICES, SAMPLES = 7, 1000


@pytest.fixture(scope="module", params=["paper", "instrument", "everything"])
def config(request):
    return CONFIGS[request.param]


@pytest.fixture(scope="module", params=["float32", "int8"])
def precision(request):
    return request.param


@pytest.fixture(scope="module")
def decoder(config, precision):
    return cpu_decoder(config, VOICES, precision=precision)


@pytest.fixture(scope="module")
def arguments(config):
    return played(config, VOICES, SAMPLES)


@pytest.fixture(scope="module")
def audio(decoder, arguments):
    audio = render(decoder, *arguments)
    assert np.isfinite(audio).all() and audio[1:].std(axis=1).min() > 1e-3
    return audio


@pytest.mark.parametrize("block", [1, 32, 64, 960])
def test_the_block_size_changes_nothing(decoder, arguments, audio, block):
    assert np.array_equal(render(decoder, *arguments, block=block), audio)


def test_the_internal_block_changes_nothing(config, precision, arguments, audio):
    decoder = cpu_decoder(config, VOICES, block=50, precision=precision)
    assert np.array_equal(render(decoder, *arguments), audio)


@pytest.mark.parametrize("rows", [[3], [5, 1], [6, 5, 4, 3, 2], [0, 1, 2, 3, 4, 5]])
def test_a_voice_does_not_hear_the_others(decoder, arguments, audio, rows):
    assert np.array_equal(render(decoder, *(values[rows] for values in arguments)), audio[rows])


def test_a_voice_does_not_depend_on_its_slot(decoder, arguments, audio):
    _, *others = arguments
    assert np.array_equal(render(decoder, np.arange(VOICES)[::-1].copy(), *others), audio)


def test_a_reset_voice_starts_anew_while_the_others_go_on(decoder, arguments, audio):
    slots, latents, f0_hz, temperature, uniforms = arguments
    render(decoder, *arguments)
    decoder.reset(slots)
    first, second = np.zeros((2, VOICES, SAMPLES // 2), np.float32)
    half = SAMPLES // 2
    decoder.render(slots, latents, f0_hz[:, :half], temperature, uniforms[:, :half], first)
    decoder.reset(slots[:3])
    f0_again, uniforms_again = f0_hz[:, half:].copy(), uniforms[:, half:].copy()
    f0_again[:3], uniforms_again[:3] = f0_hz[:3, :half], uniforms[:3, :half]
    decoder.render(slots, latents, f0_again, temperature, uniforms_again, second)
    assert np.array_equal(second[:3], first[:3])
    assert np.array_equal(second[3:], audio[3:, half:])


def test_no_voices_and_no_samples_are_fine(decoder, arguments):
    decoder.render(*(values[:0] for values in arguments), np.zeros((0, 64), np.float32))
    slots, latents, f0_hz, temperature, uniforms = arguments
    decoder.render(slots, latents, f0_hz[:, :0], temperature, uniforms[:, :0], np.zeros((VOICES, 0), np.float32))


def test_a_voice_does_not_notice_that_others_pause(decoder, arguments, audio):
    """Few voices are computed another way than many (layers.MANY_VOICES)."""
    heard = np.zeros_like(audio)
    done = np.zeros(VOICES, int)
    decoder.reset(np.arange(VOICES))
    for samples, rows in ((13, range(VOICES)), (30, [2]), (9, [2, 5]), (21, range(VOICES)), (1, [6]), (200, [2, 6, 0])):
        rows = np.array(rows)
        slots, latents, _, temperature, _ = (values[rows] for values in arguments)
        f0_hz, uniforms = (
            np.stack([values[row, done[row] : done[row] + samples] for row in rows])
            for values in (arguments[2], arguments[4])
        )
        part = np.zeros((len(rows), samples), np.float32)
        decoder.render(slots, latents, f0_hz, temperature, uniforms, part)
        for row, own in zip(rows, part, strict=True):
            heard[row, done[row] : done[row] + samples] = own
            done[row] += samples
    for row in range(VOICES):
        assert np.array_equal(heard[row, : done[row]], audio[row, : done[row]])
