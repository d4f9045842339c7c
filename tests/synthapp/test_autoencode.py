"""Encoding in pieces equals encoding at once; loudness is a straight line in dB between the frames."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from models.config import WaveNetConfig
from models.spectrum import apply_loudness
from models.wavenet import WaveNet
from synthapp import autoencode
from synthapp.autoencode import decode_clip, encode_clip

DILATED = WaveNetConfig(width=4, skip_width=4, layers=1, latent=3, hop=16, rate=1600, encoder_width=6, encoder_layers=5)
SPECTRUM = replace(DILATED, encoder="spectrum", loudness=True, hop=32)


@pytest.mark.parametrize("config", [DILATED, SPECTRUM], ids=["dilated", "spectrum"])
@pytest.mark.parametrize("seconds", [0.5, 1.0, 2.7])
def test_pieces_equal_the_whole(config, seconds, monkeypatch):
    monkeypatch.setattr(autoencode, "PIECE_SECONDS", 0.25)
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


def test_loudness_follows_the_embedding_as_in_training():
    embedding = np.array([[0.1, 0.2, 0.0], [0.3, 0.4, -20.0]], np.float32)
    decoder = Ones(SPECTRUM)
    audio = decode_clip(decoder, embedding, f0_hz=220.0, temperature=0.5, seed=0)
    expected = apply_loudness(SPECTRUM, np.ones(64, np.float32), embedding)
    np.testing.assert_allclose(audio, expected, rtol=1e-6)
    np.testing.assert_array_equal(decoder.latents[0][0], np.array([0.1, 0.2, 0.0], np.float32))
    np.testing.assert_array_equal(decoder.latents[1][0], np.array([0.3, 0.4, 0.0], np.float32))
    assert decoder.resets == 1 and decoder.latents[0][1:3] == (220.0, 0.5)


@pytest.mark.parametrize("hop", [16, 64, 100, 512])
def test_every_frame_is_held_for_a_hop(hop):
    decoder = Ones(replace(DILATED, hop=hop))
    embedding = np.arange(9, dtype=np.float32).reshape(3, 3)
    audio = decode_clip(decoder, embedding, f0_hz=220.0, temperature=0.0, seed=0)
    assert len(audio) == 3 * hop
    played = np.concatenate([np.full(shape[1], latents[0]) for latents, _, _, shape in decoder.latents])
    np.testing.assert_array_equal(played, np.repeat([0.0, 3.0, 6.0], hop))
