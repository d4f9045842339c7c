"""A preset of four small sounds whose latents fit half precision, or do not."""

import numpy as np
import pytest

from presets.preset import EmbeddingSet, Preset


def sound(name, seed, frames=12, latent=4):
    latents = np.random.default_rng(seed).standard_normal((2, 1, frames, latent)).astype(np.float32)
    return EmbeddingSet(name, latents, pitches=(48, 60), loop=(3, 8), release=9, decay_db_per_s=1.5)


@pytest.fixture
def preset():
    names = ("Flute", "Double bass", "Vibraphone", "Choir")
    return Preset(
        "Harbour at dawn",
        tuple(sound(name, seed) for seed, name in enumerate(names)),
        tags=("calm", "mallets"),
        author="A player",
        pad=(0.25, 0.75),
        parameters={"gain_db": -3.0, "attack_ms": 12.5},
    )
