"""What the CPU decoder is compared with is the same algorithm."""

import numpy as np
import pytest

from engine.decoder.cpu.decoder import CpuDecoder
from engine.decoder.measure.torch_loop import TorchLoop
from models.analysis.frames import deemphasise
from models.mulaw import expand, mulaw_decode
from tests.engine.decoder.networks import CONFIGS, random_weights


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("scripted", [False, True])
def test_the_loop_plays_what_the_decoder_plays(name, scripted):
    config, voices, samples = CONFIGS[name], 3, 40
    weights = random_weights(config)
    latents = np.random.default_rng(0).standard_normal((voices, config.latent)).astype(np.float32)
    latents[:, config.timbre :] = 0.0  # no motion, the loudness of the reference
    loop = TorchLoop(config, weights, voices, scripted)
    loop.hold(latents, 220.0)
    heard = np.concatenate([loop.render(30), loop.render(10)], 1)
    expected = expand(heard) if config.mixture else mulaw_decode(np.rint(heard * 128).astype(int))
    audio = np.zeros((voices, samples), np.float32)
    f0_hz = np.full((voices, samples), 220.0, np.float32)
    silent = np.full_like(f0_hz, 0.5)  # no noise
    decoder = CpuDecoder(config, weights, voices)
    decoder.render(np.arange(voices), latents, f0_hz, np.zeros(voices, np.float32), silent, audio)
    np.testing.assert_allclose(audio, deemphasise(config, expected), rtol=0, atol=1e-4)
