"""The networks: log spectrum -> embedding, and embedding -> the levels of harmonics and of bands of noise."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from models.config import GAIN_LOG_MAX, MIDDLE_C_HZ
from models.harmonic.config import HarmonicConfig
from models.harmonic.encoding import encode
from models.spectral import SpectrumEncoder


class HarmonicModel(nn.Module):
    """The autoencoder with the way in for plain numpy audio; the engine's additive decoder is the way out."""

    def __init__(self, config: HarmonicConfig):
        super().__init__()
        self.config = config
        self.encoder = SpectrumEncoder(config)
        self.gain1 = nn.Linear(config.conditions, config.gain_width)
        self.gain2 = nn.Linear(config.gain_width, config.levels)

    def log_gains(self, timbre, f0_hz):
        """ln of the amplitude of each harmonic, then of the level of each band, relative to the note's.

        timbre : (..., frames, timbre); f0_hz : (...,), a pitch for all frames of a note
        returns : (..., frames, levels)
        """
        octave = 0.5 * torch.log2(f0_hz / MIDDLE_C_HZ)[..., None, None].expand(*timbre.shape[:-1], 1)
        hidden = F.relu(self.gain1(torch.cat([timbre, octave], -1)))
        return self.gain2(hidden).clamp(max=GAIN_LOG_MAX)

    def encode(self, audio, f0_hz, held=None):
        """Embedding of one note.

        audio : float (samples,) at the model's rate; a tail shorter than one hop is left out
        f0_hz : its pitch; held : samples until the release; None: all
        returns : float32 (frames, latent)
        Raises ValueError where it is shorter than one hop, or the pitch is missing.
        """
        audio, hop = np.asarray(audio, np.float32), self.config.hop
        if len(audio) < hop:
            raise ValueError(f"audio of {len(audio)} samples is shorter than one hop of {hop}")
        if f0_hz is None:
            raise ValueError("this model needs the pitch of the note to encode it")
        return encode(self, audio[: len(audio) // hop * hop], float(f0_hz), held)
