"""Encoding in pieces equals encoding at once; what the decoder is given between the frames."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from models.config import WaveNetConfig
from models.encoding import clips as autoencode
from models.encoding.clips import decode_clip, encode_clip
from models.wavenet import WaveNet

DILATED = WaveNetConfig(width=4, skip_width=4, layers=1, latent=3, hop=16, rate=1600, encoder_width=6, encoder_layers=5)
SPECTRUM = replace(DILATED, encoder="spectrum", loudness=True, hop=32)


@pytest.mark.parametrize("config", [DILATED, SPECTRUM], ids=["dilated", "spectrum"])
@pytest.mark.parametrize("seconds", [0.5, 1.0, 2.7])
def test_pieces_equal_the_whole(config, seconds, monkeypatch):
    monkeypatch.setattr(autoencode, "PIECE_SECONDS", {config.encoder: 0.25})
    torch.manual_seed(3)
    model = WaveNet(config)
    audio = (np.random.default_rng(2).standard_normal(int(seconds * config.rate)) * 0.2).astype(np.float32)
    np.testing.assert_allclose(encode_clip(model, audio), model.encode(audio), atol=2e-6)


class Ones:
    """A decoder that plays 1 and remembers what it was given."""

    def __init__(self, config):
        self.config, self.latents, self.resets = config, [], 0

    def reset(self, slots):
        self.resets += 1

    def render(self, slots, latents, f0_hz, temperature, uniforms, audio):
        self.latents.append((latents[0].copy(), f0_hz[0, 0], temperature[0], audio.shape))
        audio[:] = 1.0


def test_models_with_harmonics_are_given_straight_lines():
    decoder = Ones(replace(SPECTRUM, harmonics=2, hop=256))
    embedding = np.array([[0.0, 5.0, -20.0], [1.0, 5.0, 0.0]], np.float32)
    decode_clip(decoder, embedding, f0_hz=220.0, temperature=0.5, seed=0)
    given = np.array([latents for latents, _, _, _ in decoder.latents])
    tick = decoder.config.tick
    centres = (np.arange(512 // tick) + 0.5) * tick
    np.testing.assert_allclose(given[:, 0], np.interp(centres, [128, 384], [0, 1]), atol=1e-6)
    np.testing.assert_allclose(given[:, 2], np.interp(centres, [128, 384], [-20, 0]), atol=1e-5)
    assert decoder.resets == 1 and decoder.latents[0][1:3] == (220.0, 0.5)


@pytest.mark.parametrize("hop", [16, 64, 100, 512])
def test_every_frame_is_held_for_a_hop(hop):
    decoder = Ones(replace(DILATED, hop=hop))
    embedding = np.arange(9, dtype=np.float32).reshape(3, 3)
    audio = decode_clip(decoder, embedding, f0_hz=220.0, temperature=0.0, seed=0)
    assert len(audio) == 3 * hop
    played = np.concatenate([np.full(shape[1], latents[0]) for latents, _, _, shape in decoder.latents])
    np.testing.assert_array_equal(played, np.repeat([0.0, 3.0, 6.0], hop))
