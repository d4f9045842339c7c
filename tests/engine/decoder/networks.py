"""Small networks with random weights, one for every option of the config."""

from typing import Any

import numpy as np

from engine.decoder.opening import BLOCK, open_decoder
from engine.decoder.protocol import DecoderChoice
from models.checkpoints import Checkpoint
from models.checkpoints.layout import weight_shapes
from models.config import WaveNetConfig

_SMALL: dict[str, Any] = {"encoder_width": 4, "encoder_layers": 1, "layers": 5, "stages": 3, "hop": 64}

CONFIGS = {
    "paper": WaveNetConfig(width=20, skip_width=12, taps=3, latent=4, **_SMALL),
    "taps 2": WaveNetConfig(width=32, skip_width=64, taps=2, latent=4, **_SMALL),
    "pitch": WaveNetConfig(width=40, skip_width=36, taps=3, latent=4, pitch=True, **_SMALL),
    "mixture": WaveNetConfig(width=33, skip_width=8, taps=2, latent=4, mixture=2, **_SMALL),
    "harmonics": WaveNetConfig(width=16, skip_width=16, taps=3, latent=4, harmonics=9, **_SMALL),
    "instrument": WaveNetConfig(
        width=32, skip_width=64, layers=16, stages=8, taps=2, latent=20, hop=256, harmonics=64, noise=10, gain_width=48,
        motion=True, mixture=3, loudness=True, emphasis=0.8, direct=True, encoder="spectrum", encoder_width=4,
    ),
    "no feedback": WaveNetConfig(
        width=32, skip_width=48, taps=2, latent=9, harmonics=20, noise=5, motion=True, mixture=3, loudness=True,
        emphasis=0.8, feedback=False, direct=True, **_SMALL,
    ),
    "32 kHz": WaveNetConfig(
        width=16, skip_width=16, taps=2, latent=9, rate=32000, harmonics=20, noise=5, motion=True, mixture=3,
        loudness=True, emphasis=0.8, direct=True, **_SMALL | {"hop": 128},
    ),
    "wide": WaveNetConfig(
        width=340, skip_width=90, taps=3, latent=8, harmonics=20, noise=5, mixture=3, loudness=True, **_SMALL,
    ),
    "everything": WaveNetConfig(
        width=24, skip_width=40, taps=3, latent=8, pitch=True, harmonics=20, noise=17, motion=True, mixture=11,
        loudness=True, **_SMALL,
    ),
}  # fmt: skip


def cpu_decoder(config, voices, precision="float32", cores=1, block=BLOCK, weights=None):
    """The decoder that plays, with random weights unless others are given."""
    checkpoint = Checkpoint(config, random_weights(config) if weights is None else weights, {})
    return open_decoder(checkpoint, voices, DecoderChoice("cpu", precision, cores), block=block)


def random_weights(config, seed=0):
    """Weights that keep activations near 1; the logistics of a mixture are narrow, as trained ones are."""
    rng = np.random.default_rng(seed)
    weights = {}
    for name, shape in weight_shapes(config).items():
        fan_in = shape[-2] * shape[-3] if len(shape) > 2 else 10
        weights[name] = (rng.standard_normal(shape) / np.sqrt(fan_in)).astype(np.float32)
    if config.mixture:
        weights["decoder.logits.bias"][2 * config.mixture :] -= 4
    return weights


def played(config, voices, samples, seed=1):
    """What a decoder is given: slots, latents, f0_hz, temperature, uniforms. Pitches glide."""
    rng = np.random.default_rng(seed)
    latents = rng.standard_normal((voices, config.latent)).astype(np.float32)
    if config.loudness:
        latents[:, -1] = rng.uniform(-20, 0, voices)
    if config.motion:
        latents[:, config.spread] = rng.uniform(0, 20, voices)
        latents[:, config.deviation] = rng.uniform(-50, 50, voices)
        latents[:, config.stretch] = rng.uniform(0, 500, voices)
    f0_hz = rng.uniform(80, 900, (voices, 1)) * 2 ** (np.arange(samples) / samples)
    temperature = np.linspace(0, 1, voices).astype(np.float32)
    uniforms = rng.random((voices, samples), dtype=np.float32)
    return np.arange(voices), latents, f0_hz.astype(np.float32), temperature, uniforms


def heard(config, voices, samples):
    """Random samples as the network hears them."""
    rng = np.random.default_rng(3)
    if config.mixture:
        return rng.uniform(-1, 1, (voices, samples)).astype(np.float32)
    return (rng.integers(-128, 128, (voices, samples)) / 128).astype(np.float32)


def render(decoder, slots, latents, f0_hz, temperature, uniforms, block=None):
    """Audio (voices, samples) of fresh voices, in blocks of `block` samples."""
    audio = np.zeros(uniforms.shape, np.float32)
    block = block or audio.shape[1]
    decoder.reset(slots)
    for start in range(0, audio.shape[1], block):
        part = slice(start, start + block)
        decoder.render(slots, latents, f0_hz[:, part], temperature, uniforms[:, part], audio[:, part])
    return audio
