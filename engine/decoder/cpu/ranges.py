"""How large the inputs of the layers get: what their scales in small numbers follow from.

The network itself plays a chord for a moment in float32, from silence, its own samples fed back, as it will be used.
Ranges belong to the weights and travel with them; only where they do not are they measured when a decoder is opened.
"""

from collections.abc import Sequence

import numpy as np

from engine.decoder.cpu.decoder import CpuDecoder
from models.config import WaveNetConfig
from presets.preset import Preset

VOICES = 8
SAMPLES = 2048
MARGIN = 1.1  # beyond what was seen
LOWEST_HZ = 65.0  # C2; every voice is five semitones above the last


def held_latents(presets: Sequence[Preset]) -> np.ndarray:
    """float32 (VOICES, latent): held sounds of presets, evenly spread over all of them, each another corner's."""
    latents = []
    for turn, place in enumerate(np.linspace(0, len(presets) - 1, VOICES).astype(int)):
        corners = presets[place].corners
        corner = corners[turn % len(corners)]
        latents.append(corner.latents[len(corner.pitches) // 2, -1, corner.loop[0]])
    return np.stack(latents)


def measure_ranges(
    config: WaveNetConfig, weights: dict[str, np.ndarray], latents: np.ndarray | None = None
) -> np.ndarray:  # fmt: skip
    """float32 (layers,): the largest magnitude of each layer's input.

    latents : float32 (VOICES, latent), embeddings to play; without them, noise of unit variance, as embeddings have, at
        the reference loudness and without motion
    """
    if latents is None:
        latents = np.random.default_rng(0).standard_normal((VOICES, config.latent)).astype(np.float32)
        latents[:, config.timbre :] = 0
    decoder = CpuDecoder(config, weights, VOICES)
    f0_hz = LOWEST_HZ * 2 ** (5 / 12 * np.arange(VOICES))
    temperature = np.linspace(0, 1, VOICES).astype(np.float32)
    uniforms = np.random.default_rng(1).random((VOICES, SAMPLES), np.float32)
    audio = np.zeros_like(uniforms)
    f0_hz = np.broadcast_to(f0_hz[:, None], audio.shape).astype(np.float32)
    decoder.render(np.arange(VOICES), latents, f0_hz, temperature, uniforms, audio)
    return MARGIN * np.maximum(decoder.largest_inputs(), 1e-3)
