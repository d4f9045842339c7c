"""The encoder in tiles is the encoder."""

import numpy as np
import pytest
import torch

from models import tiled
from models.config import WaveNetConfig
from models.wavenet import Encoder


@pytest.mark.parametrize("tile", [7, 64, 4096])
def test_tiles_make_no_difference(monkeypatch, tile):
    monkeypatch.setattr(tiled, "TILE", tile)
    torch.manual_seed(0)
    encoder = Encoder(WaveNetConfig(hop=64, latent=5, encoder_width=6, encoder_layers=7, encoder_stages=4))
    signal = torch.rand(640, 1) * 2 - 1
    with torch.no_grad():
        expected = encoder(signal[None])[0]
    np.testing.assert_allclose(tiled.encode_tiled(encoder, signal), expected, atol=2e-5)
