"""Blocks of any length, groups that play in turn, networks as they are shipped, messages that never come."""

import shutil

import numpy as np
import pytest

from common.errors import GpuError
from engine.decoder.gpu.decoder import GpuDecoder
from engine.decoder.gpu.device import KERNEL
from engine.decoder.gpu.shapes import Shape, Spread
from engine.decoder.reference import ReferenceDecoder
from models import checkpoints
from models.mulaw import mulaw_encode
from tests.engine.decoder.gpu.emulated import Emulated
from tests.engine.decoder.gpu.spreads import SPREADS, gpu_decoder
from tests.engine.decoder.networks import CONFIGS, cpu_decoder, heard, played, random_weights, render
from tests.paths import MAGENTA_CHECKPOINT, ROOT

ALONE = SPREADS["a block alone"]


BLOCKS = [1, pytest.param(7, marks=pytest.mark.long), 64, pytest.param(1500, marks=pytest.mark.long)]


@pytest.mark.parametrize("block", BLOCKS)
def test_audio_does_not_depend_on_the_blocks(block):
    """Bit for bit, where numpy has no part in it."""
    config, samples = CONFIGS["paper"], max(block, 200)
    arguments = played(config, 3, samples)
    whole = render(gpu_decoder(config, 3, ALONE, block=samples), *arguments)
    parts = render(gpu_decoder(config, 3, ALONE, block=max(block // 3, 1), seed=4), *arguments, block=block)
    assert np.array_equal(parts, whole)


@pytest.mark.parametrize("block", BLOCKS)
def test_outputs_hardly_depend_on_the_blocks(block):
    """Sums of harmonics are rounded as their number wants it; fed back, that would grow with the samples."""
    config, samples = CONFIGS["instrument"], max(block, 200)
    slots, latents, f0_hz, _, uniforms = played(config, 2, samples)
    past = heard(config, 2, samples)
    whole = gpu_decoder(config, 2, ALONE, block=samples).score(slots, past, latents, f0_hz, uniforms)
    decoder = gpu_decoder(config, 2, ALONE, block=max(block // 3, 1), seed=4)
    for start in range(0, samples, block):
        part = slice(start, start + block)
        ours = decoder.score(slots, past[:, part], latents, f0_hz[:, part], uniforms[:, part])
        np.testing.assert_allclose(ours, whole[:, part], rtol=0, atol=2e-5)


def test_more_groups_than_the_device_holds_play_in_turn():
    """67 voices in any order: 23 groups of three, ten at once."""
    config, voices = CONFIGS["instrument"], 67
    _, latents, f0_hz, _, uniforms = played(config, voices, 4)
    order = np.random.default_rng(2).permutation(voices)
    few = gpu_decoder(config, voices, ALONE, groups=10)
    expected = ReferenceDecoder(config, random_weights(config), voices)
    for _ in range(2):
        arguments = order, heard(config, voices, 4), latents, f0_hz, uniforms
        np.testing.assert_allclose(few.score(*arguments), expected.score(*arguments), rtol=0, atol=1e-4)


def test_latents_that_move_count_from_the_next_call_on():
    """As in the oracle: conditioning and gains change in the midst of a tick too."""
    for name in ("everything", "32 kHz"):
        config = CONFIGS[name]
        decoders = gpu_decoder(config, 3, ALONE), ReferenceDecoder(config, random_weights(config), 3)
        slots, latents, f0_hz, _, uniforms = played(config, 3, 150)
        samples = heard(config, 3, 150)
        for part, moved in ((slice(0, 70), latents), (slice(70, 77), latents + 0.5), (slice(77, 150), latents - 0.2)):
            arguments = slots, samples[:, part], moved.astype(np.float32), f0_hz[:, part], uniforms[:, part]
            ours, expected = (decoder.score(*arguments) for decoder in decoders)
            np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-4)


def test_the_wavenet_that_ships_plays_as_on_the_cpu():
    checkpoint = checkpoints.read(ROOT / "models" / "pretrained" / "wavenet.safetensors")
    config, weights = checkpoint.network
    arguments = played(config, 2, 70)
    arguments[1][:, : config.timbre] *= 0.3
    ours = gpu_decoder(config, 2, Spread(1, 2, 64, 2, weights="float32"), weights=weights)
    expected = render(cpu_decoder(config, 2, weights=weights), *arguments)
    assert np.abs(expected).max() > 0.05
    np.testing.assert_allclose(render(ours, *arguments, block=64), expected, rtol=0, atol=1e-4)


def test_magentas_network_plays_as_on_the_cpu():
    config, weights = checkpoints.read(MAGENTA_CHECKPOINT).network
    slots, latents, f0_hz, temperature, uniforms = played(config, 2, 120)
    arguments = slots, latents, f0_hz, temperature * 0, uniforms
    ours = gpu_decoder(config, 2, Spread(2, 2, 96, 2, weights="float32"), weights=weights)
    expected = mulaw_encode(render(cpu_decoder(config, 2, weights=weights), *arguments))
    assert np.array_equal(mulaw_encode(render(ours, *arguments)), expected)


def test_a_lost_message_ends_the_call(tmp_path):
    """The last block keeps its sample's outputs to itself."""
    kernel = shutil.copytree(KERNEL, tmp_path / "kernel")
    text = (kernel / "kernel.cu").read_text()
    sent = "mailbox.send<LOGIT_UNITS>"
    assert text.count(sent) == 1
    (kernel / "kernel.cu").write_text(text.replace(sent, f"if (block + 1 < BLOCKS || t < 3) {sent}"))
    shape = Shape(CONFIGS["paper"], SPREADS["the copy engine"])
    decoder = GpuDecoder(random_weights(shape.config), 2, shape, Emulated(shape, kernel=kernel))
    slots, latents, f0_hz, temperature, uniforms = played(shape.config, 2, 5)
    audio = np.zeros((2, 5), np.float32)
    decoder.render(slots, latents, f0_hz[:, :3], temperature, uniforms[:, :3], audio[:, :3])
    with pytest.raises(GpuError, match="waited in vain"):
        decoder.render(slots, latents, f0_hz, temperature, uniforms, audio)


def test_a_kernel_of_another_shape_is_refused():
    device = Emulated(Shape(CONFIGS["paper"], ALONE))
    with pytest.raises(GpuError, match="another shape"):
        GpuDecoder(random_weights(CONFIGS["paper"]), 2, Shape(CONFIGS["paper"], SPREADS["a voice"]), device)


def test_tags_begin_anew_before_one_repeats():
    config = CONFIGS["paper"]
    slots, latents, f0_hz, temperature, uniforms = arguments = played(config, 3, 60)
    decoder = gpu_decoder(config, 3, SPREADS["the copy engine"])
    expected = render(decoder, *arguments)
    decoder._tag = 2**32 - 100
    assert np.array_equal(render(decoder, *arguments, block=11), expected)
    assert decoder._tag < 1000
